"""People to be found, and who looks for them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests import factories

from rapport.features.search.finding import search
from rapport.records.accounts.caller import Caller

Titles = Callable[..., list[str]]


@pytest.fixture
def admin(db: None) -> Caller:
    """An administrator."""
    return factories.admin()


@pytest.fixture
def titles(admin: Caller) -> Titles:
    """The titles that a search finds, the best first; for the administrator unless another caller is named."""

    def find(text: str, caller: Caller | None = None, objects: list[str] | None = None, limit: int = 20) -> list[str]:
        return [hit.title for hit in search(caller or admin, text, objects, limit)]

    return find
