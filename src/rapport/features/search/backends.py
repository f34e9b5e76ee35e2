"""The back end of the database at hand."""

from __future__ import annotations

from rapport.features.search.index import Index
from rapport.features.search.postgresql import Gin
from rapport.features.search.sqlite import Fts5
from rapport.records import db

_BY_VENDOR: dict[str, Index] = {"sqlite": Fts5(), "postgresql": Gin()}


def back_end() -> Index:
    """Where the index is kept."""
    return _BY_VENDOR[db.dialect().vendor]
