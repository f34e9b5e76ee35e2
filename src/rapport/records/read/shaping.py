"""Values of a record as JSON: the same form wherever programs get them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from rapport.records.read.records import RowView
from rapport.registry.catalog import RegisteredObject


def fields(obj: RegisteredObject, view: RowView, only: Collection[str] | None = None) -> dict[str, Any]:
    """Fields that were read: null for no value, an empty list where there may be several."""
    encoded = obj.encoded
    found: dict[str, Any] = {}
    for name, value in view.values.items():
        if only is None or name in only:
            encode = encoded[name]
            made = value if encode is None else encode(value)
            found[name] = ([] if value == () else None) if made is None or made == "" else made
    return found
