"""What tests of commerce are made of: products with prices, documents with lines."""

from __future__ import annotations

from typing import Any

import pytest
from tests import factories as f

from rapport.records.accounts.caller import Caller
from rapport.records.read import visible


@pytest.fixture
def ada(db: None) -> Caller:
    """An administrator of an organisation in euros."""
    return f.admin()


def document(caller: Caller, key: str, *lines: dict[str, Any], **values: Any) -> int:
    """A document with lines."""
    made = f.make(caller, key, **values)
    for line in lines:
        f.make(caller, f"{key}line", **{key: made, "tax_rate": 19, **line})
    return made


def values(caller: Caller, key: str, record_id: int) -> dict[str, Any]:
    """The values of a record."""
    return visible(caller, key).get(record_id).values


def only(caller: Caller, key: str, **where: Any) -> int:
    """The one record that has these values."""
    conditions = [{"field": name, "op": "is", "value": value} for name, value in where.items()]
    found = visible(caller, key).ids({"all": conditions})
    assert len(found) == 1, found
    return found[0]
