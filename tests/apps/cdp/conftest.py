"""A source that takes events."""

from __future__ import annotations

import pytest
from tests import factories as f
from tests.apps.cdp.intake import Door

from rapport.apps.cdp import storing
from rapport.features.programs import limits
from rapport.records.accounts.caller import Caller


@pytest.fixture(autouse=True)
def fresh_counts() -> None:
    """What a process counts by itself begins anew."""
    storing.forget()
    limits.forget()


@pytest.fixture
def admin(db: None) -> Caller:
    return f.admin()


@pytest.fixture
def door(admin: Caller) -> Door:
    return Door(admin)
