"""Start-up checks: a wrong declaration fails when Rapport starts, with a hint, and not at a click."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.core.checks import CheckMessage, Error
from django.db.models import SET_NULL, ForeignKey

from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.registry.objects import ACTIONS, LEVELS, MATCHES

ENGINE_TARGETS = ("records.User", "records.Team")


def check_objects(**_kwargs: Any) -> list[CheckMessage]:
    """All faults of all declarations of code."""
    found: list[CheckMessage] = []
    for key in catalog.registered():
        obj = catalog.current()[key]
        found += [Error(f"{key}: {text}", hint=hint, id="rapport.E001") for text, hint in faults(obj)]
    found += _plurals()
    return found


def _plurals() -> Iterator[CheckMessage]:
    seen: dict[str, str] = {}
    for obj in catalog.current().objects.values():
        if obj.plural in seen:
            text = f"{obj.key}: {seen[obj.plural]} has the plural {obj.plural!r} too"
            yield Error(text, hint="Give one of them another `plural`.", id="rapport.E002")
        if obj.plural in catalog.RESERVED:
            yield Error(f"{obj.key}: no object may have the plural {obj.plural!r}", hint="Give it a `plural`.",
                        id="rapport.E003")  # fmt: skip
        seen[obj.plural] = obj.key


def faults(obj: RegisteredObject) -> Iterator[tuple[str, str]]:
    """What is wrong with a declaration, and what to do."""
    spec, fields = obj.spec, obj.fields
    known = f"Choose from: {', '.join(fields)}."
    if spec.title not in fields or not fields[spec.title].column:
        yield f"the title {spec.title!r} is no column", "Name a text column of the model as `title`."
    places = ("columns", "form", "quick", "search", "subtitle", "derived", "readonly", "matching")
    lists = [(place, getattr(spec, place)) for place in places] + [(f"asks of {a.key}", a.asks) for a in spec.actions]
    for place, names in lists:
        for name in names:
            if name not in fields:
                yield f"`{place}` names {name!r}, which is no field", known
    for name in (*spec.form, *spec.quick):
        if name in fields and not fields[name].editable:
            yield f"{name!r} can't be edited and stands in a form", "Leave it out of `form` and `quick`."
    yield from _names(obj, (("calendar", spec.calendar), ("parent", spec.parent), ("sort", spec.sort.lstrip("-"))))
    for name, match in spec.matching.items():
        if match not in MATCHES:
            yield f"`matching` says that {name!r} is a {match!r}", f"Choose from: {', '.join(MATCHES)}."
    yield from _board(obj)
    yield from _columns(obj)
    yield from _access(obj)


def _names(obj: RegisteredObject, pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for place, name in pairs:
        if name and name != "id" and name not in obj.fields:
            yield f"`{place}` names {name!r}, which is no field", f"Choose from: {', '.join(obj.fields)}."
    calendar = obj.fields.get(obj.spec.calendar)
    if calendar and calendar.type.key not in {"date", "datetime"}:
        yield f"`calendar` names {calendar.name!r}, which is no date", "Name a date or date-time field."


def _board(obj: RegisteredObject) -> Iterator[tuple[str, str]]:
    board, fields = obj.spec.board, obj.fields
    if board is None:
        return
    yield from _names(obj, (("board", board.field), ("board total", board.total), ("board within", board.within)))
    if board.field in fields and not fields[board.field].type.groupable:
        yield f"the board is by {board.field!r}, which has no options", "Use a choice or a reference."
    if board.total in fields and not fields[board.total].type.numeric:
        yield f"the board sums {board.total!r}, which is no number", "Use a number, decimal or money field."


def _columns(obj: RegisteredObject) -> Iterator[tuple[str, str]]:
    columns = {f.column for f in obj.spec.model._meta.concrete_fields}
    for field in obj.fields.values():
        if field.type.key == "money" and field.column and f"{field.column}_currency" not in columns:
            yield f"{field.name!r} has no currency", f"Add `{field.name}_currency = CurrencyField()` beside it."
        if field.target and field.target not in (*catalog.current().objects, *ENGINE_TARGETS):
            yield f"{field.name!r} refers to {field.target!r}, which is not registered", "Register that object too."
    for column in obj.spec.model._meta.concrete_fields:
        if column.name == "id" or not isinstance(column, ForeignKey) or column.null or column.name in obj.spec.fixed:
            continue
        if column.remote_field.on_delete is SET_NULL:
            yield f"{column.name!r} may not be empty but is emptied with its target", "Say null=True."


def _access(obj: RegisteredObject) -> Iterator[tuple[str, str]]:
    for action in ACTIONS:
        level = getattr(obj.spec.access, action)
        if level not in LEVELS:
            yield f"access to {action} is {level!r}", f"Choose from: {', '.join(LEVELS)}."
