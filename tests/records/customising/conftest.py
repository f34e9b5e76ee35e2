"""Definitions made by an administrator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests import factories as f

from rapport.records.accounts.caller import Caller
from rapport.records.customising import actions, sync
from rapport.records.customising.definitions import FieldDefinition, custom_types
from rapport.records.customising.models import CustomField

Add = Callable[..., CustomField]
NEEDS: dict[str, dict[str, Any]] = {
    "choice": {"choices": [{"label": "Gold"}, {"label": "Silver"}]},
    "multichoice": {"choices": [{"label": "Gold"}, {"label": "Silver"}]},
    "formula": {"options": {"formula": "length(name)"}},
    "rollup": {"options": {"relation": "deals", "measure": "count"}},
}
TYPES = tuple(custom_types())


@pytest.fixture
def admin(db: None) -> Caller:
    """Who may define."""
    return f.admin()


@pytest.fixture
def add(admin: Caller) -> Add:
    """Adds a field of a type to people, known at once."""

    def add(type_: str, label: str = "", **values: Any) -> CustomField:
        target = "company" if type_ in {"reference", "references"} else ""
        wanted = FieldDefinition(label=label or f"My {type_}", **{**NEEDS.get(type_, {}), **values})
        row = actions.add_field(admin, "person", type_, wanted, target=target)
        sync.refresh()
        return row

    return add
