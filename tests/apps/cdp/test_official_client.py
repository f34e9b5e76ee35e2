"""Segment's own Python library to a running server: what it sends ends up as a person with events on the timeline."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from django.db import OperationalError
from segment.analytics.client import Client
from tests import factories as f
from tests.apps.cdp.intake import Door, identify, track
from tests.apps.cdp.test_lives import told

from rapport.apps.cdp import storing
from rapport.apps.cdp.models import Event
from rapport.apps.customers.models import Person
from rapport.records.jobs import worker


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_identify_and_track(live: str, packed: bool) -> None:
    admin = f.admin()
    door, faults = Door(admin), list[Any]()
    client = Client(
        door.key, host=live, gzip=packed, on_error=lambda error, batch: faults.append((error, batch)), max_retries=0
    )  # fmt: skip
    client.track(anonymous_id="v1", event="Product Viewed", properties={"product": "Rowing machine", "price": 1499})
    client.identify("u1", {"email": "noor@example.com", "firstName": "Noor"}, anonymous_id="v1")
    client.track("u1", "Order Completed", {"revenue": 1499, "currency": "EUR"}, integrations={"All": True})
    client.page("u1", "shop", "Thank you")
    client.screen("u1", "shop", "Thank you in the app")
    client.group("u1", "g1", {"name": "Acme"})
    client.alias("v0", "u1")
    client.flush()
    client.join()
    assert not faults
    worker.drain()
    (person,) = Person.objects.all()
    assert f.write_values(admin, "person", person.pk)["first_name"] == "Noor"
    assert sorted(told(admin, person.pk)) == [
        ("Looked at Thank you", ""),
        ("Looked at Thank you in the app", ""),
        ("Order Completed", "1,499 EUR"),
        ("Product Viewed", "Rowing machine · 1,499"),
    ]
    assert Event.objects.count() == 7


@pytest.mark.django_db(transaction=True)
def test_an_answer_that_is_lost_doubles_nothing(live: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library sends again under the same message ids and timestamps: what was stored is stored once."""
    right, calls = storing.store, list[int]()

    def interrupted(*arguments: Any) -> None:
        right(*arguments)
        calls.append(Event.objects.count())
        if len(calls) == 1:
            raise OperationalError("the connection was lost")

    monkeypatch.setattr(storing, "store", interrupted)
    door, faults = Door(f.admin()), list[Any]()
    client = Client(door.key, host=live, on_error=lambda *fault: faults.append(fault))
    for number in range(3):
        client.track("u1", f"E{number}", timestamp=dt.datetime.now(dt.UTC) if number else None)
    client.flush()
    client.join()
    assert (len(calls), calls[-1], faults) == (2, 3, [])


@pytest.mark.django_db(transaction=True)
def test_the_same_batch_from_several_at_once(live: str) -> None:
    door = Door(f.admin())
    batch = [
        one
        for n in range(20)
        for one in (
            {**identify(f"u{n}", f"v{n}", email=f"p{n}@example.com"), "messageId": f"i{n}"},
            {**track(f"u{n}", f"v{n}", "Bought"), "messageId": f"t{n}"},
        )
    ]
    with ThreadPoolExecutor(6) as several:
        answers = several.map(
            lambda _n: requests.post(f"{live}/v1/batch", json={"batch": batch}, auth=(door.key, ""), timeout=60),
            range(6),
        )
        assert {answer.status_code for answer in answers} == {200}
    worker.drain()
    assert (Event.objects.count(), Person.objects.count()) == (40, 20)
    assert not Event.objects.filter(identity__person=None).exists()
