"""Schemas of what routes take and answer, for the object that they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rapport.features.programs.schemas import ID, MATCH, MAYBE, MOMENT, NUMBER_OR_NONE, TEXT, Schema, thing
from rapport.registry.catalog import RegisteredObject

if TYPE_CHECKING:
    from rapport.surfaces.api.openapi.schemas import Schemas


def of(obj: RegisteredObject | None) -> RegisteredObject:
    """The object of a route that has one."""
    assert obj is not None
    return obj


def record(schemas: Schemas, obj: RegisteredObject | None) -> Schema:
    """A whole record."""
    return schemas.record(of(obj))


def page(schemas: Schemas, obj: RegisteredObject | None) -> Schema:
    """A page of records."""
    count = thing({"value": {"type": "integer"}, "at_least": {"type": "boolean"}})
    properties = {
        "items": {"type": "array", "items": schemas.record(of(obj))},
        "next": {"type": ["string", "null"]},
        "count": count,
        "included": schemas.included(),
        "incomplete": {"type": "array", "items": {"type": "string"}},
    }
    return thing(properties, ("items", "next"))


def new(schemas: Schemas, obj: RegisteredObject | None) -> Schema:
    """Values of a new record."""
    return {**thing({"fields": schemas.given(of(obj), new=True)}), "additionalProperties": False}


def changed(schemas: Schemas, obj: RegisteredObject | None) -> Schema:
    """Values that are to be other ones."""
    return {**thing({"fields": schemas.given(of(obj), new=False)}), "additionalProperties": False}


def written(schemas: Schemas, obj: RegisteredObject | None) -> Schema:
    """What a write answers."""
    return {"anyOf": [schemas.record(of(obj)), thing({"id": ID, "object": {"type": "string"}})]}


def made(schemas: Schemas, obj: RegisteredObject | None) -> Schema:
    """What making a record answers: what any write does, and the records that may be the same."""
    return {"allOf": [written(schemas, obj), thing({"duplicates": {"type": "array", "items": MATCH}}, ())]}


def trash(schemas: Schemas, obj: RegisteredObject | None) -> Schema:
    """What lies in the trash."""
    item = thing({"id": ID, "title": {"type": "string"}, "deleted_at": MOMENT})
    return thing({"items": {"type": "array", "items": item}})


def anything(schemas: Schemas, obj: RegisteredObject | None) -> Schema:
    """Some JSON object."""
    return {"type": "object"}


def listed(item: Schema, **more: Schema) -> Schema:
    """A list of items, with more beside it."""
    return thing({"items": {"type": "array", "items": item}, **more})


def hits(schemas: Schemas, obj: RegisteredObject | None) -> Schema:
    """What a search found."""
    names = {"type": "array", "items": TEXT}
    return listed(
        thing({"id": ID, "object": TEXT, "title": TEXT, "detail": TEXT, "score": {"type": "number"}, "matched": names})
    )


def measures(schemas: Schemas, obj: RegisteredObject | None) -> Schema:
    """Groups with their measures."""
    item = {
        "group": {}, "label": MAYBE, "count": {"type": "integer"}, "value": {"type": ["number", "string", "null"]},
        "currency": MAYBE,
    }  # fmt: skip
    return {**listed(thing(item, ("group", "label", "count", "value")), measure=TEXT)}


def history(schemas: Schemas, obj: RegisteredObject | None) -> Schema:
    """Acts on a record."""
    act = {
        "id": ID, "at": MOMENT, "action": TEXT, "version": {"type": "integer"}, "actor": NUMBER_OR_NONE,
        "actor_name": TEXT, "door": TEXT, "batch": MAYBE,
        "fields": {"type": "object", "additionalProperties": thing({"before": {}, "after": {}})},
    }  # fmt: skip
    return listed(thing(act), next=NUMBER_OR_NONE)


def reverted(schemas: Schemas, obj: RegisteredObject | None) -> Schema:
    """What was taken back of a record, and the record as it is now if it is still there."""
    names = {"type": "array", "items": TEXT}
    return thing({"id": ID, "object": TEXT, "reverted": names, "kept": names})


def merged(schemas: Schemas, obj: RegisteredObject | None) -> Schema:
    """The survivor of a merge, with what was merged and what moved."""
    more = {
        "merge": NUMBER_OR_NONE, "merged": {"type": "array", "items": ID}, "dry_run": {"type": "boolean"},
        "moves": {"type": "object", "additionalProperties": {"type": "integer"}},
    }  # fmt: skip
    return {"allOf": [written(schemas, obj), thing(more)]}


def unmerged(schemas: Schemas, obj: RegisteredObject | None) -> Schema:
    """The survivor after a merge was taken back, the records that are back, and the fields that stay."""
    more = {"unmerged": {"type": "array", "items": ID}, "kept": {"type": "array", "items": TEXT}}
    return {"allOf": [written(schemas, obj), thing(more)]}


def merges(schemas: Schemas, obj: RegisteredObject | None) -> Schema:
    """The merges of a record."""
    others = {"type": "array", "items": ID}
    one = {
        "id": ID, "at": MOMENT, "merged": others, "undone_at": {**MAYBE, "format": "date-time"},
        "erased": {"type": "boolean"},
    }  # fmt: skip
    return listed(thing(one))


def changes(schemas: Schemas, obj: RegisteredObject | None) -> Schema:
    """A stretch of the feed."""
    change = {
        "position": TEXT, "at": MOMENT, "object": TEXT, "id": ID, "action": TEXT, "version": {"type": "integer"},
        "actor": NUMBER_OR_NONE, "door": TEXT, "batch": MAYBE, "fields": {"type": "array", "items": TEXT},
    }  # fmt: skip
    return listed(thing(change), next=TEXT, more={"type": "boolean"})


def files(schemas: Schemas, obj: RegisteredObject | None) -> Schema:
    """The files of a record."""
    older = thing({"revision": {"type": "integer"}, "size": {"type": "integer"}, "at": MOMENT})
    one = {
        "id": ID, "name": TEXT, "content_type": TEXT, "size": {"type": "integer"}, "created_at": MOMENT,
        "revision": {"type": "integer"}, "older": {"type": "array", "items": older}, "content": TEXT,
    }  # fmt: skip
    return listed(thing(one))


def file(schemas: Schemas, obj: RegisteredObject | None) -> Schema:
    """The record of a file."""
    return schemas.file()


def _many(fields: Schema, **more: Schema) -> Schema:
    one = {**thing({**more, "fields": fields}), "additionalProperties": False}
    return {"type": "array", "items": one, "minItems": 1, "maxItems": 10_000}


def many_new(schemas: Schemas, obj: RegisteredObject | None) -> Schema:
    """New records."""
    return {**thing({"records": _many(schemas.given(of(obj), new=True))}), "additionalProperties": False}


def many_changed(schemas: Schemas, obj: RegisteredObject | None) -> Schema:
    """Records with other values."""
    return {**thing({"records": _many(schemas.given(of(obj), new=False), id=ID)}), "additionalProperties": False}


def many_upserted(schemas: Schemas, obj: RegisteredObject | None) -> Schema:
    """Records that may be there."""
    records = _many(schemas.given(of(obj), new=False))
    return {**thing({"match": TEXT, "records": records}), "additionalProperties": False}
