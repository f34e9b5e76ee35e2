"""What every write of an agent takes besides its own arguments."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from rapport.features.programs.schemas import ID, MATCH, TEXT, Schema, thing


class Writing(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Arguments of a tool that writes; its own ones are added by a subclass."""

    preview: Annotated[bool, msgspec.Meta(description="True: change nothing, and tell what would change.")] = False
    group: Annotated[
        str,
        msgspec.Meta(
            max_length=100,
            description="A name of your choice for all writes of one task, so that they can be taken back together.",
        ),
    ] = ""


CHANGE: Schema = thing(
    {
        "object": TEXT, "id": {"type": ["integer", "null"]}, "title": TEXT, "action": TEXT,
        "fields": {"type": "object", "additionalProperties": thing({"before": {}, "after": {}})},
    },
)  # fmt: skip
WRITTEN: Schema = thing(
    {
        "preview": {"type": "boolean"},
        "work": {"type": "string", "description": "The piece of work that this write belongs to."},
        "id": ID,
        "record": {"type": "object", "description": "The record as it is now, where you may read it."},
        "reverted": {"type": "array", "items": TEXT},
        "kept": {"type": "array", "items": TEXT},
        "duplicates": {"type": "array", "items": MATCH, "description": "Records that may be the same as the new one."},
        "changes": {"type": "array", "items": CHANGE, "description": "Of a preview: what would change."},
    },
    ("preview",),
)
"""What a tool that writes answers: of a preview `changes`, otherwise `work` and what the tool itself tells."""


def answer(record_id: int, record: dict[str, Any] | None = None) -> dict[str, Any]:
    """What a tool tells of the record that it wrote."""
    return {"id": record_id, **({"record": record} if record is not None else {})}
