"""References: to a record, to many records, to a user or team, to a file."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from rapport.registry import operators
from rapport.registry.env import Env
from rapport.registry.fields import FieldError, FieldSpec
from rapport.registry.types.base import MAX_LIST, FieldType

BIGGEST = 2**63 - 1


def key_of(raw: Any) -> int:
    """A record's key. Raises FieldError."""
    try:
        if isinstance(raw, (bool, float)):
            raise ValueError
        key = int(raw)
    except (TypeError, ValueError, OverflowError) as error:
        raise FieldError(_("Choose a record from the list.")) from error
    if not 0 < key <= BIGGEST:
        raise FieldError(_("Choose a record from the list."))
    return key


class ReferenceType(FieldType):
    """A record of the object `field.target`. The write path checks that it exists and that the writer may see it."""

    key, label = "reference", _("Reference")
    operators = operators.REFERENCE
    widget = cell = "reference"
    json_kind, json_schema = "number", {"type": "integer"}
    sortable = False
    groupable = True

    def clean(self, field: FieldSpec, raw: Any, env: Env) -> int | None:
        return None if raw is None or raw == "" else key_of(raw)

    def comparable(self, field: FieldSpec, raw: Any, env: Env) -> int:
        return key_of(raw)


class UserType(ReferenceType):
    """A user of Rapport; `me` in a filter is whoever reads."""

    key, label = "user", _("User")
    widget = cell = "user"

    def comparable(self, field: FieldSpec, raw: Any, env: Env) -> int:
        return (env.user_id or 0) if raw == "me" else key_of(raw)


class TeamType(ReferenceType):
    """A team."""

    key, label = "team", _("Team")
    widget, cell = "select_reference", "user"
    for_custom = False


class FileType(ReferenceType):
    """An uploaded file."""

    key, label = "file", _("File")
    widget = cell = "file"
    operators = tuple(o for o in operators.REFERENCE if o.key in {"empty", "not_empty"})
    groupable = False


class ReferencesType(FieldType):
    """Many records of the object `field.target`, kept in the table of links."""

    key, label = "references", _("Many references")
    operators = tuple(o for o in operators.ELEMENTS)
    widget = cell = "references"
    storage = "external"
    json_kind, json_schema = "json", {"type": "array", "items": {"type": "integer"}}
    sortable = False
    empty = ()

    def clean(self, field: FieldSpec, raw: Any, env: Env) -> tuple[int, ...]:
        if raw is None or raw == "":
            return ()
        items = raw if isinstance(raw, (list, tuple)) else str(raw).split(";")
        if len(items) > MAX_LIST:
            raise FieldError(_("Choose at most %(max)d records.") % {"max": MAX_LIST})
        return tuple(sorted({key_of(item) for item in items if item not in ("", None)}))

    def comparable(self, field: FieldSpec, raw: Any, env: Env) -> int:
        return key_of(raw)

    def to_json(self, value: Any) -> Any:
        return list(value) if value else None

    def from_json(self, raw: Any) -> tuple[int, ...]:
        return tuple(raw) if isinstance(raw, list) else ()
