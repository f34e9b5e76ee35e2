"""Running numbers: in order, each name its own, none lost with a transaction that was rolled back."""

from __future__ import annotations

import pytest
from django.db import transaction

from rapport.records import numbers

pytestmark = pytest.mark.django_db


def test_numbers_go_on_where_they_were() -> None:
    assert list(numbers.take("ticket")) == [1]
    assert list(numbers.take("ticket", 3)) == [2, 3, 4]
    assert list(numbers.take("quote")) == [1]
    assert list(numbers.take("ticket")) == [5]


def test_what_is_rolled_back_leaves_no_gap() -> None:
    with pytest.raises(ValueError, match="refused"), transaction.atomic():
        numbers.take("invoice")
        raise ValueError("refused")
    assert list(numbers.take("invoice")) == [1]
