"""Steps: what a reply may be, and which field of which record takes it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from rapport.apps.playbooks.models import Reply
from rapport.records.write import Batch, Entry
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.registry.fields import FieldError, FieldSpec
from rapport.registry.types.numbers import to_decimal

OBJECTS = ("deal", "lead", "interaction", "person", "company")
"""Objects whose fields a step may fill."""
FITTING: Mapping[str, frozenset[str]] = {
    Reply.TEXT: frozenset({"text", "longtext", "email", "phone", "url"}),
    Reply.TICK: frozenset({"boolean"}),
    Reply.CHOICE: frozenset({"choice", "text"}),
    Reply.NUMBER: frozenset({"number", "decimal", "money"}),
    Reply.DATE: frozenset({"date"}),
}
YES = "yes"
MOST_OPTIONS = 30


def options(text: str | None) -> list[str]:
    """The options of a step, one a line."""
    return list(dict.fromkeys(" ".join(line.split()) for line in (text or "").splitlines() if line.strip()))


def clean(reply: str, raw: Any, choices: Sequence[str]) -> str:
    """An answer in the form in which it is kept; empty for none. Raises FieldError."""
    text = str(raw if raw is not None else "").strip()
    if not text:
        return ""
    match reply:
        case Reply.TICK:
            return _tick(text)
        case Reply.NUMBER:
            number = to_decimal(text)
            return "" if number is None else _plain(number)
        case Reply.DATE:
            try:
                return dt.date.fromisoformat(text).isoformat()
            except ValueError as error:
                raise FieldError(_("Give a date.")) from error
        case Reply.CHOICE:
            found = next((c for c in choices if c.lower() == text.lower()), None)
            if found is None:
                raise FieldError(_("Choose one of: %(options)s.") % {"options": ", ".join(choices)})
            return found
        case _:
            return text


def _tick(text: str) -> str:
    if text.lower() in {YES, "true", "1", "on", "x"}:
        return YES
    if text.lower() in {"no", "false", "0", "off"}:
        return ""
    raise FieldError(_("Give yes or no."))


def _plain(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def target(fills: str | None) -> tuple[RegisteredObject, FieldSpec] | None:
    """The object and field that a step fills; None for none, or one that is not there any more."""
    key, _dot, name = (fills or "").partition(".")
    obj = catalog.current().objects.get(key) if key in OBJECTS else None
    field = obj.fields.get(name) if obj else None
    return (obj, field) if obj and field and field.editable else None


def fillable(reply: str | None = None) -> Iterator[dict[str, str]]:
    """Fields that steps may fill, by `deal.amount`, with a label; of one kind of reply, or of any."""
    types = FITTING[reply] if reply else frozenset().union(*FITTING.values())
    for key in OBJECTS:
        obj = catalog.current()[key]
        for name, field in obj.fields.items():
            if field.editable and field.type.key in types:
                label = f"{capfirst(str(obj.label))}: {capfirst(str(field.label))}"
                yield {"value": f"{key}.{name}", "label": label}


def prepare(batch: Batch) -> None:
    """Refuse a choice without options, and a field that can't take what is answered."""
    for entry in batch.entries:
        if not {"reply", "options", "fills"} & entry.values.keys():
            continue
        choices = options(entry.get("options"))
        if entry.get("reply") == Reply.CHOICE and not 1 < len(choices) <= MOST_OPTIONS:
            text = _("Give between two and %(most)d options, one a line.") % {"most": MOST_OPTIONS}
            entry.refuse("options", text)
        elif entry.get("fills"):
            _check(batch, entry, choices)


def _check(batch: Batch, entry: Entry, choices: Sequence[str]) -> None:
    found = target(entry.get("fills"))
    reply = entry.get("reply") or Reply.TEXT
    if found is None:
        entry.refuse("fills", _("There is no such field. Choose one from the list."))
    elif found[1].type.key not in FITTING[reply]:
        text = _("“%(field)s” can't take this kind of answer.") % {"field": capfirst(str(found[1].label))}
        entry.refuse("fills", text)
    elif reply == Reply.CHOICE:
        try:
            for choice in choices:
                found[1].type.clean(found[1], choice, batch.env)
        except FieldError as error:
            entry.refuse("options", error.message)
