"""Options: one or several of a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from rapport.lib import json
from rapport.lib.sql import Dialect
from rapport.registry import operators
from rapport.registry.env import Env
from rapport.registry.fields import FieldError, FieldSpec
from rapport.registry.types.base import FieldType


def option(field: FieldSpec, raw: Any) -> str:
    """The value of an option named by value or by label. Raises FieldError."""
    text = str(raw).strip()
    for choice in field.choices:
        if text == choice.value:
            return choice.value
    for choice in field.choices:
        if text.lower() == str(choice.label).lower():
            return choice.value
    raise FieldError(_("Choose one of: %(options)s.") % {"options": ", ".join(str(c.label) for c in field.choices)})


class ChoiceType(FieldType):
    """One of a list; the stored value stays when the label changes."""

    key, label = "choice", _("Choice")
    operators = operators.CHOICE
    widget, cell = "select", "choice"
    groupable = True
    empty = ""

    def clean(self, field: FieldSpec, raw: Any, env: Env) -> str:
        if raw is None or raw == "":
            return ""
        return option(field, raw)

    def comparable(self, field: FieldSpec, raw: Any, env: Env) -> str:
        if raw is None or raw == "":
            raise FieldError(_("Choose an option."))
        return option(field, raw)

    def to_text(self, field: FieldSpec, value: Any) -> str:
        choice = field.choice(value)
        return str(choice.label) if choice else value or ""


class MultiChoiceType(FieldType):
    """Several of a list."""

    key, label = "multichoice", _("Several choices")
    operators = operators.ELEMENTS
    widget, cell = "multiselect", "choices"
    json_kind, json_schema = "json", {"type": "array", "items": {"type": "string"}}
    sortable = False
    empty = ()

    def clean(self, field: FieldSpec, raw: Any, env: Env) -> tuple[str, ...]:
        if raw is None or raw == "":
            return ()
        items = raw if isinstance(raw, (list, tuple)) else str(raw).split(";")
        values = {option(field, item) for item in items if str(item).strip()}
        return tuple(c.value for c in field.choices if c.value in values)

    def comparable(self, field: FieldSpec, raw: Any, env: Env) -> str:
        return option(field, raw)

    def to_columns(self, field: FieldSpec, value: Any, dialect: Dialect) -> tuple[Any, ...]:
        return (json.dumps(list(value)),)

    def from_columns(self, field: FieldSpec, raw: Sequence[Any]) -> tuple[str, ...]:
        return self.from_json(json.column(raw[0]))

    def to_json(self, value: Any) -> Any:
        return list(value) if value else None

    def from_json(self, raw: Any) -> tuple[str, ...]:
        return tuple(raw) if isinstance(raw, list) else ()

    def to_text(self, field: FieldSpec, value: Any) -> str:
        return "; ".join(str(c.label) for c in field.choices if c.value in value)
