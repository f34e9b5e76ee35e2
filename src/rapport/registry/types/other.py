"""JSON as such."""

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

LARGEST = 32_000


class JsonType(FieldType):
    """Any JSON value of up to 32,000 characters; for programs."""

    key, label = "json", _("JSON")
    operators = tuple(o for o in operators.REFERENCE if o.key in {"empty", "not_empty"})
    widget = cell = "json"
    json_kind, json_schema = "json", {}
    sortable = False

    def clean(self, field: FieldSpec, raw: Any, env: Env) -> Any:
        if raw is None or raw == "":
            return None
        try:
            if not isinstance(raw, (str, bool, int, float, list, tuple, dict)):
                raise TypeError(raw)
            text = json.dumps(json.loads(raw) if isinstance(raw, str) else raw)
            value = json.loads(text)
        except (ValueError, TypeError, OverflowError, RecursionError) as error:
            raise FieldError(_("This is not JSON: look for a missing quote, comma or bracket.")) from error
        if len(text) > LARGEST or "\\u0000" in text:
            raise FieldError(_("Use at most %(max)d characters.") % {"max": LARGEST})
        return value

    def to_columns(self, field: FieldSpec, value: Any, dialect: Dialect) -> tuple[Any, ...]:
        return (None if value is None else json.dumps(value),)

    def from_columns(self, field: FieldSpec, raw: Sequence[Any]) -> Any:
        return json.column(raw[0])

    def to_text(self, field: FieldSpec, value: Any) -> str:
        return "" if value is None else json.dumps(value)
