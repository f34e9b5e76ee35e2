"""Values that nobody sets by hand and that an act knows: handed to the `prepare` of the object that it writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from rapport.records.write import Batch

_given: ContextVar[Mapping[str, Mapping[str, Any]]] = ContextVar("given", default={})  # noqa: B039, never changed


@contextmanager
def filling(key: str, **values: Any) -> Iterator[None]:
    """Within, whatever is written of the object `key` gets these values of its read-only fields."""
    token = _given.set({**_given.get(), key: values})
    try:
        yield
    finally:
        _given.reset(token)


def fill(batch: Batch) -> None:
    """Put the values of the act at hand into each entry."""
    if values := _given.get().get(batch.obj.key):
        for entry in batch.entries:
            entry.values |= values
