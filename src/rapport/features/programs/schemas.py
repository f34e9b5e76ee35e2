"""JSON schemas of the fields of records."""

from __future__ import annotations

from typing import Any

from rapport.registry.fields import FieldSpec

Schema = dict[str, Any]
ID: Schema = {"type": "integer", "minimum": 1}
MOMENT: Schema = {"type": "string", "format": "date-time"}
TEXT: Schema = {"type": "string"}
MAYBE: Schema = {"type": ["string", "null"]}
NUMBER_OR_NONE: Schema = {"type": ["integer", "null"]}


def thing(properties: Schema, required: tuple[str, ...] | None = None) -> Schema:
    """A JSON object; everything is there unless said otherwise."""
    needed = list(properties) if required is None else list(required)
    return {"type": "object", "properties": properties, **({"required": needed} if needed else {})}


MATCH: Schema = thing(
    {
        "id": ID, "title": TEXT, "score": {"type": "number", "minimum": 0, "maximum": 1}, "exact": {"type": "boolean"},
        "reasons": {"type": "array", "items": TEXT},
    }
)  # fmt: skip
"""A record that may be the same as a new one: how likely, whether an identity is the same, why."""


def read(field: FieldSpec) -> Schema:
    """The value of a field as it is read: null for none, an empty list where there may be several."""
    schema = _described(field)
    if field.choices and schema.get("type") == "string":
        schema["enum"] = [*(c.value for c in field.choices), None]
    if isinstance(kind := schema.get("type"), str) and kind != "array":
        schema["type"] = [kind, "null"]
    return {**schema, **({} if field.editable and field.type.storage != "computed" else {"readOnly": True})}


def written(field: FieldSpec) -> Schema:
    """What may be given to a field."""
    schema = _described(field)
    if field.choices and schema.get("type") == "string":
        schema["enum"] = [c.value for c in field.choices]
    if field.max_length and schema.get("type") == "string":
        schema["maxLength"] = field.max_length
    if not field.required and isinstance(kind := schema.get("type"), str):
        schema["type"] = [kind, "null"]
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
    return schema


def _described(field: FieldSpec) -> Schema:
    schema: dict[str, Any] = {**field.type.json_schema, "title": str(field.label)}
    if field.choices and schema.get("type") == "array":
        schema["items"] = {"enum": [c.value for c in field.choices]}
    said = [str(field.help)] if field.help else []
    if field.target:
        said.append(f"Number of a {field.target}.")
        schema["x-target"] = field.target
    return {**schema, **({"description": " ".join(said)} if said else {})}
