"""Records that others refer to, or that refer to them, in the same answer: `include=company,deals`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from rapport.features.programs import shapes
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid
from rapport.records.read import RowView, visible
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject, Relation

MOST = 5
"""References and relations that one request may include."""
MOST_RECORDS = 500


def check(caller: Caller, obj: RegisteredObject, names: Sequence[str]) -> dict[str, Relation | None]:
    """What was asked for: references (None) and relations, by name. Raises Invalid."""
    if not names:
        return {}
    found: dict[str, Relation | None] = {}
    seen, current = caller.visible_fields(obj), catalog.current()
    for name in names:
        field, relation = seen.get(name), current.relations[obj.key].get(name)
        if field is not None and field.target in current.objects and field.type.storage != "computed":
            found[name] = None
        elif relation is not None and caller.sees(there := current[relation.target], there.fields[relation.field]):
            found[name] = relation
        else:
            raise Invalid({"include": [_("%(name)s does not lead to other records.") % {"name": name[:60]}]})
    if len(found) > MOST:
        raise Invalid({"include": [_("Include at most %(max)d at once.") % {"max": MOST}]})
    return found


def needs(obj: RegisteredObject, wanted: dict[str, Relation | None]) -> tuple[str, ...]:
    """Fields that must be read for it."""
    return tuple(name for name, relation in wanted.items() if relation is None)


def include(
    caller: Caller, obj: RegisteredObject, rows: Sequence[RowView], wanted: dict[str, Relation | None],
    shape: dict[str, Any],
) -> None:  # fmt: skip
    """Put the records into `shape["included"]`, by plural and number; those of relations are named in `related`."""
    included: dict[str, dict[str, Any]] = {}
    incomplete = []
    for name, relation in wanted.items():
        if relation is None:
            target = catalog.current()[obj.fields[name].target]
            keys = {key for row in rows for key in _keys(row.values.get(name))}
            _add(included, target, _read(caller, target, keys))
        elif not _related(caller, relation, rows, name, shape, included):
            incomplete.append(name)
    shape["included"] = included
    if incomplete:
        shape["incomplete"] = incomplete


def _keys(value: Any) -> Iterable[int]:
    if value is None:
        return ()
    return value if isinstance(value, (list, tuple)) else (value,)


def _read(caller: Caller, target: RegisteredObject, keys: Iterable[int]) -> list[RowView]:
    found: list[RowView] = []
    wanted = sorted(keys)
    for at in range(0, len(wanted), MOST_RECORDS):
        part = wanted[at : at + MOST_RECORDS]
        found += visible(caller, target).page(ids=part, size=len(part), sort="id").rows
    return found


def _related(
    caller: Caller, relation: Relation, rows: Sequence[RowView], name: str, shape: dict[str, Any],
    included: dict[str, dict[str, Any]],
) -> bool:  # fmt: skip
    """Whether all of them fit."""
    target, ids = catalog.current()[relation.target], [row.id for row in rows]
    operator = "has_any" if relation.many else "in"
    columns = (*shapes.chosen(caller, target, ()), relation.field)
    condition = {"field": relation.field, "op": operator, "value": ids}
    page = visible(caller, target).page(columns=columns, filter=condition, size=MOST_RECORDS)
    named: dict[int, list[int]] = {key: [] for key in ids}
    for row in page.rows:
        for key in _keys(row.values.get(relation.field)):
            if key in named:
                named[key].append(row.id)
    for item in shape["items"]:
        item.setdefault("related", {})[name] = named[item["id"]]
    _add(included, target, page.rows)
    return page.next is None


def _add(included: dict[str, dict[str, Any]], target: RegisteredObject, rows: Iterable[RowView]) -> None:
    there = included.setdefault(target.plural, {})
    for row in rows:
        there.setdefault(str(row.id), shapes.record(target, row))
