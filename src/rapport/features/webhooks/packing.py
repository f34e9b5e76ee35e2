"""The body of a message: `{"type", "timestamp", "data"}`, under 20 kB, with as many records of one act as it holds.

What one act changes at once (an import, a bulk edit) is told in as few messages as it fits into. Of a record that is
larger than a message, the longest fields are left out and named in `left_out`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from rapport.lib import json

MOST_BYTES = 20_000
MOST_RECORDS = 100


@dataclass(frozen=True, slots=True)
class Packed:
    """A body, and the keys of the records in it, ascending."""

    type: str
    body: str
    ids: tuple[int, ...]


def pack(
    key: str, act: str, at: dt.datetime, actor_id: int | None, records: Iterable[dict[str, Any]]
) -> Iterator[Packed]:
    """Messages that tell of one act on records of an object, in the order given."""
    type_ = f"{key}.{act}"
    data: dict[str, Any] = {"object": key, "actor": actor_id, "records": []}
    head = json.dumps({"type": type_, "timestamp": at.astimezone(dt.UTC), "data": data}).removesuffix("]}}")
    room = MOST_BYTES - len(head.encode()) - len("]}}") - 1
    texts: list[str] = []
    ids: list[int] = []
    size = 0
    for record in records:
        text, length = _fitting(record, room)
        if texts and (size + length + len(texts) > room or len(texts) == MOST_RECORDS):
            yield Packed(type_, head + ",".join(texts) + "]}}", tuple(ids))
            texts, ids, size = [], [], 0
        texts.append(text)
        ids.append(record["id"])
        size += length
    if texts:
        yield Packed(type_, head + ",".join(texts) + "]}}", tuple(ids))


def _fitting(record: dict[str, Any], room: int) -> tuple[str, int]:
    """A record as JSON and its bytes, without its longest fields where it would not fit."""
    text = json.dumps(record)
    length = len(text.encode())
    if length <= room:
        return text, length
    sizes = {name: len(json.dumps(value).encode()) for name, value in record.get("fields", {}).items()}
    left_out: list[str] = []
    for name in sorted(sizes, key=lambda n: -sizes[n]):
        left_out.append(name)
        fields = {n: v for n, v in record["fields"].items() if n not in left_out}
        text = json.dumps({**record, "fields": fields, "left_out": sorted(left_out)})
        if (length := len(text.encode())) <= room:
            break
    return text, length
