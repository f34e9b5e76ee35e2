"""Whoever works with sequences, whoever is in one, and a clock that can be turned."""

from __future__ import annotations

import pytest
from tests import factories as f
from tests.apps.sequences.office import Clock, person

from rapport.records.accounts.caller import Caller


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def ada(clock: Clock) -> Caller:
    return f.admin()


@pytest.fixture
def noor(ada: Caller) -> int:
    return person(ada)
