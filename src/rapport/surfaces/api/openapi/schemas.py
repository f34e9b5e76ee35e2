"""JSON schemas of objects and of declared types, as components of one document."""

from __future__ import annotations

import msgspec

from rapport.features.programs.schemas import ID, TEXT, Schema, read, thing, written
from rapport.records.accounts.caller import Caller
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject

REF = "#/components/schemas/"
PROBLEM: Schema = thing(
    {
        "type": TEXT, "title": TEXT, "status": {"type": "integer"}, "detail": TEXT, "request_id": TEXT,
        "errors": {"type": "array", "items": thing({"field": TEXT, "detail": TEXT})},
    },
    ("type", "title", "status"),
)  # fmt: skip
LABEL: Schema = {"anyOf": [TEXT, {"type": "array", "items": thing({"id": ID, "title": TEXT})}]}


class Schemas:
    """Makes schemas for one caller and collects those that others refer to."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.components: dict[str, Schema] = {"Problem": PROBLEM}

    def record(self, obj: RegisteredObject) -> Schema:
        """A record as it is read."""
        if obj.key not in self.components:
            fields = {f.name: read(f) for f in self.caller.visible_fields(obj).values()}
            self.components[obj.key] = thing(
                {
                    "id": ID, "object": {"const": obj.key}, "version": {"type": "integer"}, "title": TEXT,
                    "fields": thing(fields, ()), "labels": {"type": "object", "additionalProperties": LABEL},
                    "may": {"type": "array", "items": {"enum": ["edit", "delete"]}}, "deleted": {"type": "boolean"},
                    "related": {"type": "object", "additionalProperties": {"type": "array", "items": ID}},
                },
                ("id", "object", "version", "title", "fields", "labels"),
            )  # fmt: skip
        return {"$ref": REF + obj.key}

    def file(self) -> Schema:
        """The record of a file."""
        return self.record(catalog.current()["file"])

    def included(self) -> Schema:
        """Records of other objects: by plural, by number."""
        one = {"type": "object", "required": ["id", "object", "fields"]}
        return {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": one}}

    def given(self, obj: RegisteredObject, *, new: bool) -> Schema:
        """The fields that the caller may set; of a new record, those without which it can't be are required."""
        name = f"{obj.key}.{'new' if new else 'changed'}"
        if name not in self.components:
            editable = [f for f in self.caller.visible_fields(obj).values() if self.caller.edits(obj, f)]
            required = tuple(f.name for f in editable if new and f.required and f.name not in obj.defaults)
            schema = thing({f.name: written(f) for f in editable}, required)
            self.components[name] = {**schema, "additionalProperties": False}
        return {"$ref": REF + name}

    def of_type(self, kind: type) -> Schema:
        """A declared type."""
        (schema,), found = msgspec.json.schema_components([kind], ref_template=REF + "{name}")
        self.components |= found
        return dict(schema)
