"""Whoever buys becomes a customer: by a deal that is won, by an order."""

from __future__ import annotations

import pytest
from tests import factories as f

from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.jobs import worker
from rapport.records.read import visible

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ada() -> Caller:
    return f.admin()


def stage(caller: Caller, key: str, record_id: int) -> str:
    return str(visible(caller, key).get(record_id).values["lifecycle"])


def test_a_won_deal_makes_customers_of_person_and_company(ada: Caller) -> None:
    pipeline = f.make(ada, "pipeline", name="Sales")
    new, won = (
        f.make(ada, "stage", name=name, pipeline=pipeline, position=i, outcome=outcome)
        for i, (name, outcome) in enumerate((("New", "open"), ("Won", "won")))
    )
    person, company = f.make(ada, "person", lifecycle="former"), f.make(ada, "company", lifecycle="lead")
    deal = write.create(ada, "deal", {"name": "Vans", "stage": new, "person": person, "company": company})
    worker.drain()
    assert (stage(ada, "person", person), stage(ada, "company", company)) == ("former", "lead")
    write.update(ada, "deal", deal, {"stage": won})
    worker.drain()
    assert (stage(ada, "person", person), stage(ada, "company", company)) == ("customer", "customer")
    write.update(ada, "person", person, {"lifecycle": "former"})
    write.update(ada, "deal", deal, {"name": "Two vans"})
    worker.drain()
    assert stage(ada, "person", person) == "former", "set by hand later, and nothing was bought since"


@pytest.mark.parametrize(("status", "becomes"), [("new", "customer"), ("cancelled", "lead")])
def test_an_order_makes_a_customer(ada: Caller, status: str, becomes: str) -> None:
    person = f.make(ada, "person", lifecycle="lead")
    f.make(ada, "order", person=person, status=status)
    worker.drain()
    assert stage(ada, "person", person) == becomes
