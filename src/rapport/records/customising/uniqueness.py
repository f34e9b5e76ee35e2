"""Switching a custom field to unique: the values of its live records are claimed, or the duplicates told."""

from __future__ import annotations

from django.db import connection
from django.utils.translation import gettext as _

from rapport.lib import json
from rapport.lib.sql import Sql, quoted
from rapport.records import db
from rapport.records.accounts.scope import fixed
from rapport.records.errors import Invalid
from rapport.registry.catalog import RegisteredObject
from rapport.registry.fields import FieldSpec

TYPES = ("text", "number", "decimal", "date", "datetime", "email", "phone", "url", "reference", "user")
TOLD = 5


def can_be_unique(field: FieldSpec) -> bool:
    """Whether the values of a field of this type can be told apart by their text."""
    return field.type.key in TYPES


def claim(obj: RegisteredObject, field: FieldSpec) -> None:
    """Claim the value of each live record, in the transaction at hand. Raises Invalid that lists what occurs twice."""
    if connection.vendor == "postgresql":
        db.execute(Sql(f"LOCK TABLE {quoted(obj.table)} IN SHARE ROW EXCLUSIVE MODE"))
    release(obj.key, field.name)
    where = fixed(obj, "t")
    text = f"SELECT t.id, t.custom FROM {quoted(obj.table)} t WHERE t.deleted_at IS NULL AND {where.text} ORDER BY t.id"
    holders: dict[str, int] = {}
    twice: dict[str, list[int]] = {}
    for record_id, custom in db.rows(Sql(text, where.params)):
        value = field.type.from_json((json.column(custom) or {}).get(field.name))
        if field.type.is_empty(value):
            continue
        folded = field.type.to_text(field, value).lower()[:300]
        if (first := holders.setdefault(folded, record_id)) != record_id:
            twice.setdefault(folded, [first]).append(record_id)
    if twice:
        raise Invalid({"unique": [_duplicates(twice)]})
    rows = [(obj.key, field.name, value, record_id) for value, record_id in holders.items()]
    db.insert_many("records_uniquevalue", ("object_key", "field", "value", "record_id"), rows)


def release(object_key: str, field_key: str) -> None:
    """Give up all claims of a field."""
    db.execute(Sql("DELETE FROM records_uniquevalue WHERE object_key = %s AND field = %s", (object_key, field_key)))


def _duplicates(twice: dict[str, list[int]]) -> str:
    shown = "; ".join(
        _("%(value)s in records %(ids)s") % {"value": value, "ids": ", ".join(map(str, ids[:TOLD]))}
        for value, ids in list(twice.items())[:TOLD]
    )
    more = _(" and %(count)d more") % {"count": len(twice) - TOLD} if len(twice) > TOLD else ""
    return _("Some values occur more than once: %(shown)s%(more)s. Change them first.") % {
        "shown": shown,
        "more": more,
    }
