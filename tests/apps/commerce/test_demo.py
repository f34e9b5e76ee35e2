"""The demo's year of selling: plausible, and removable with issued invoices and all."""

from __future__ import annotations

from collections import Counter

import pytest
from django.utils import timezone

from rapport.features.demo import service
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.models import Change
from rapport.registry import catalog

pytestmark = pytest.mark.django_db
KEYS = (
    "product",
    "pricelist",
    "price",
    "quote",
    "order",
    "invoice",
    "payment",
    "quoteline",
    "orderline",
    "invoiceline",
)


def test_a_year_of_selling(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = {part.name: part for part in service.parts()}
    needed, left = set[str](), ["commerce"]
    while left:
        name = left.pop()
        needed.add(name)
        left += parts[name].after
    monkeypatch.setattr(service, "parts", lambda: [part for name, part in parts.items() if name in needed])
    made = service.load()
    assert (made["product"], made["order"], made["quote"]) == (15, 120, 30)
    assert made["invoice"] > 90
    assert not Change.objects.filter(at__gt=timezone.now()).exists()
    statuses = Counter(status for (status,) in db.rows(Sql("SELECT status FROM commerce_invoice")))
    assert set(statuses) == {"open", "paid"}
    assert statuses["paid"] > statuses["open"]
    wrong = (
        "SELECT COUNT(*) FROM commerce_order o WHERE o.total <= 0 OR o.total <> o.net + o.tax OR o.net <> "
        "(SELECT COALESCE(SUM(l.net), 0) FROM commerce_orderline l WHERE l.order_id = o.id)"
    )
    assert db.rows(Sql(wrong)) == [(0,)]
    service.remove()
    for key in KEYS:
        assert db.rows(Sql(f'SELECT COUNT(*) FROM "{catalog.current()[key].table}"')) == [(0,)], key
    assert db.rows(Sql("SELECT COUNT(*) FROM records_counter WHERE name LIKE %s", ("commerce:%",))) == [(0,)]
