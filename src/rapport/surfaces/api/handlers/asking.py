"""Search and measures."""

from __future__ import annotations

from rapport.features.programs import measures
from rapport.features.search.finding import search
from rapport.surfaces.api.calls import Call, Reply


def find(call: Call) -> Reply:
    """Records of one object, or of all, that answer a text, the best first."""
    keys = (call.obj.key,) if call.obj else call.query["objects"] or None
    hits = search(call.caller, call.query["q"], objects=keys, limit=call.query["size"])
    return Reply({"items": [hit.as_json() for hit in hits]})


def aggregate(call: Call) -> Reply:
    """A measure over all records, or by the values of a field."""
    query = call.query
    found = measures.aggregate(
        call.caller, call.object, measure=query["measure"], of=query["field"], by=query["group_by"],
        filter=query["filter"],
    )  # fmt: skip
    return Reply(found)
