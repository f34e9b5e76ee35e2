"""The columns of a file on the page: what is in each, where it goes, and what of it is new or unknown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from rapport.features.transfer import drafts, making, mapping
from rapport.features.transfer.drafts import Content
from rapport.features.transfer.duplicates import comparable
from rapport.features.transfer.lookups import Lookup, fold, is_key
from rapport.features.transfer.mapping import ASK, CREATE, FILL, LEAVE, MAKE, MINE, OVERWRITE, REFUSE, SKIP, Column
from rapport.features.transfer.models import ImportDraft
from rapport.features.transfer.reading import Source
from rapport.features.transfer.targets import Target, parse
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.models import User
from rapport.records.customising import definitions
from rapport.records.write.creating import registered
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.registry.types.contacts import ContactsType

NEW = "+"
NAMED = frozenset({"reference", "references", "participants"})
ACCOUNTS = frozenset({"user", "team"})
MOST_USERS = 200
TEXTS = frozenset({"text", "longtext", "address", "addresses"})
KINDS = {"country": "text", "": "text"}
"""Types of new fields for what a column holds, where they are called otherwise."""


def shown(
    caller: Caller, obj: RegisteredObject, draft: ImportDraft, source: Source, content: Content
) -> list[dict[str, Any]]:  # fmt: skip
    """The columns in their order; `empty` where nothing of them was seen."""
    wanted = mapping.from_json(draft.mapping).columns
    choices = target_choices(caller, obj)
    types = [{"value": key, "label": str(type_.label)} for key, type_ in _new_types().items()]
    return [
        {
            "at": at,
            "name": name,
            "samples": [cells[at] for _line, cells in content.rows if cells[at]][:3],
            "empty": not content.filled[name] and name not in wanted,
            "guessed": name in draft.guessed,
            **_placed(caller, obj, at, name, wanted.get(name), content, choices, types),
        }
        for at, name in enumerate(source.columns)
    ]


def _placed(
    caller: Caller, obj: RegisteredObject, at: int, name: str, column: Column | None, content: Content,
    choices: list[dict[str, str]], types: list[dict[str, str]],
) -> dict[str, Any]:  # fmt: skip
    """Where a column goes, and what is to be said of that."""
    new = column is not None and bool(column.create) and column.target not in obj.fields
    value = "" if column is None else NEW if new else column.target
    if value and value not in {choice["value"] for choice in choices}:
        choices = [*choices, {"value": value, "label": label_of(parse(caller, obj, value))}]
    made: dict[str, Any] = {
        "target": {"name": f"target-{at}", "label": name, "widget": "select", "choices": choices, "value": value},
    }  # fmt: skip
    if new and column and column.create:
        type_key = column.create.get("type") or KINDS.get(content.kinds[name], content.kinds[name])
        made["type"] = {"name": f"type-{at}", "label": _("Type of the new field"), "widget": "select",
                        "choices": types, "value": type_key}  # fmt: skip
    elif column is not None and (unknown := _unknown(caller, obj, at, column)):
        made |= {"unknown": unknown, "who": _who(caller, obj, at, column, content.values[name])}
    return made


def _unknown(caller: Caller, obj: RegisteredObject, at: int, column: Column) -> dict[str, Any] | None:
    """What happens to values that are not known, or not right; None where next to any text is right."""
    field = parse(caller, obj, column.target).field
    named, options = field.type.key in NAMED | ACCOUNTS, field.type.key in making.CHOICES
    if field.type.key in TEXTS and column.wrong == REFUSE:
        return None
    choices, help_ = [(REFUSE, _("refuse the row")), (LEAVE, _("leave it empty"))], ""
    if field.type.key in NAMED:
        may = caller.may(catalog.current()[field.target], "create")
        choices += [(CREATE, _("create it"))] if may else []
        help_ = "" if may else _("You may not create what is missing here.")
    elif field.type.key == "user":
        choices.append((MINE, _("take me")))
    elif options and field.custom:
        choices += [(CREATE, _("make it an option"))] if caller.is_admin else []
        help_ = "" if caller.is_admin else _("Administrators can make new options of unknown values.")
    value = column.missing if named or column.missing == CREATE else column.wrong
    label = _("Unknown names") if named else _("Wrong values")
    return {**_select(f"unknown-{at}", label, choices, value), "help": help_}


def _who(caller: Caller, obj: RegisteredObject, at: int, column: Column, values: Sequence[str]) -> list[dict[str, Any]]:
    """For names that no user has, who is meant: one control a name."""
    if parse(caller, obj, column.target).field.type.key != "user":
        return []
    lookup = Lookup(caller, parse(caller, obj, column.target).field, create=False)
    lookup.load()
    users = User.objects.filter(is_active=True).order_by("name", "id").values_list("pk", "name")[:MOST_USERS]
    choices = [("", "–"), *((str(key), name) for key, name in users)]
    return [
        _select(f"who-{at}-{n}", _("Who is “%(name)s”?") % {"name": text}, choices, str(column.names.get(text, "")))
        for n, text in enumerate(values)
        if fold(text) not in lookup.known
    ]


def target_choices(caller: Caller, obj: RegisteredObject) -> list[dict[str, str]]:
    """Nowhere, every target, labelled contact points too, and a new field for who may make one."""
    found = [{"value": "", "label": _("leave out")}]
    if caller.is_admin:
        found.append({"value": NEW, "label": _("a new field")})
    targets = [way for target in drafts.targets(caller, obj) for way in _labelled(target)]
    return [*found, *({"value": str(target), "label": label_of(target)} for target in targets)]


def _labelled(target: Target) -> list[Target]:
    type_ = target.field.type
    labels = [choice.value for choice in type_.labels] if isinstance(type_, ContactsType) else []
    return [target, *(Target(target.field, label, target.part) for label in labels)]


def label_of(target: Target) -> str:
    """A target in words: “Phones · Work”, “Addresses · Home · city”."""
    words, type_ = [capfirst(str(target.field.label))], target.field.type
    if target.label and isinstance(type_, ContactsType):
        words += [str(c.label) for c in type_.labels if c.value == target.label]
    if target.part:
        parts = {
            "street": _("street"), "extra": _("second line"), "city": _("city"), "region": _("region"),
            "postcode": _("postcode"), "country": _("country"),
        }  # fmt: skip
        words.append(parts[target.part])
    return " · ".join(words)


def _new_types() -> dict[str, Any]:
    """Types of new fields that a column of texts can fill by itself."""
    known = definitions.custom_types()
    wanted = ("text", "longtext", "number", "decimal", "money", "boolean", "date", "datetime", "choice",
              "multichoice", "email", "phone", "url")  # fmt: skip
    return {key: known[key] for key in wanted if key in known}


def duplicates(caller: Caller, obj: RegisteredObject, draft: ImportDraft) -> list[dict[str, Any]]:
    """The fields that say what becomes of rows about known records; none where no column tells which they are."""
    wanted = mapping.from_json(draft.mapping)
    placed = {column.target.partition(".")[0].partition(":")[0] for column in wanted.columns.values()}
    known = [field for field in comparable(caller, obj) if field.name in placed]
    if not known:
        return []
    ways = [
        (ASK, _("ask me afterwards")), (SKIP, _("leave the row out")), (FILL, _("fill what is empty")),
        (OVERWRITE, _("replace what is there")), (MAKE, _("make another record")),
    ]  # fmt: skip
    by = [("", _("any of: %(names)s") % {"names": ", ".join(str(field.label) for field in known)})]
    by += [(field.name, capfirst(str(field.label))) for field in known]
    chosen = wanted.match[0] if len(wanted.match) == 1 else ""
    found = [_select("duplicates", _("A row about a record that is there"), ways, wanted.duplicates)]
    return [*found, _select("match", _("Told by"), by, chosen)] if len(known) > 1 or chosen else found


def _select(name: str, label: str, choices: list[tuple[str, str]], value: str) -> dict[str, Any]:
    made = [{"value": v, "label": text} for v, text in choices]
    return {"name": name, "label": label, "widget": "select", "choices": made, "value": value}


def entered(caller: Caller, draft: ImportDraft, sent: QueryDict) -> dict[str, Column]:
    """The columns as the form says them; those that it does not name stay where they are."""
    obj, before = registered(draft.object_key), mapping.from_json(draft.mapping).columns
    found, taken = dict[str, Column](), {c.target for c in before.values() if c.create}
    kinds, held = None, None
    for at, name in enumerate(draft.source["columns"]):
        value, kept = sent.get(f"target-{at}"), before.get(name)
        if value is None:
            if kept:
                found[name] = kept
        elif value == NEW:
            type_key = sent.get(f"type-{at}", "")
            type_key = type_key if type_key in _new_types() else ""
            if kept and kept.create:
                found[name] = Column(kept.target, create={**kept.create, "type": type_key or kept.create["type"]},
                                     wrong=LEAVE)  # fmt: skip
                continue
            kinds = kinds or drafts.opened(caller, draft)[1].kinds
            kind = type_key or KINDS.get(kinds[name], kinds[name])
            found[name] = drafts.new_field(obj, name[:80], kind if kind in _new_types() else "text", taken)
        elif value:
            found[name] = _column(caller, obj, value, sent.get(f"unknown-{at}", ""))
            if any(key.startswith(f"who-{at}-") for key in sent):
                held = held or drafts.opened(caller, draft)[1].values
                found[name] = replace(found[name], names=_names(sent, at, held[name]))
    return found


def _names(sent: QueryDict, at: int, values: Sequence[str]) -> dict[str, int]:
    """Users by the names of the file that they were chosen for."""
    found = {text: sent.get(f"who-{at}-{n}", "") for n, text in enumerate(values)}
    return {text: int(key) for text, key in found.items() if is_key(key)}


def _column(caller: Caller, obj: RegisteredObject, target: str, unknown: str) -> Column:
    """Whether names that are unknown are created, taken for whoever imports, or left out."""
    field = obj.fields.get(target.partition(".")[0].partition(":")[0])
    unknown = unknown if unknown in (REFUSE, LEAVE, CREATE, MINE) else REFUSE
    kind = field.type.key if field is not None else ""
    ways = {CREATE: kind in NAMED, MINE: kind == "user"}
    if kind in NAMED | ACCOUNTS:
        return Column(target, missing=unknown if ways.get(unknown, True) else REFUSE)
    if field is not None and field.custom and kind in making.CHOICES and unknown == CREATE and caller.is_admin:
        return Column(target, missing=CREATE)
    return Column(target, wrong=unknown if unknown in (REFUSE, LEAVE) else REFUSE)
