"""Who looks for duplicates."""

from __future__ import annotations

import pytest
from tests import factories

from rapport.records.accounts.caller import Caller


@pytest.fixture
def admin(db: None) -> Caller:
    """An administrator."""
    return factories.admin()
