"""Rate limits count in the cache, which outlives a test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def no_counted_attempts() -> Iterator[None]:
    """Every test begins with all of its attempts."""
    cache.clear()
    yield
    cache.clear()
