"""The forecast: by month and category, as of any day, under the reader's rights; and what moved."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from tests import factories as f
from tests.contract.conftest import signed_in

from rapport.apps.sales.forecast import moves, states, tables
from rapport.features.rates import keeping
from rapport.records import write
from rapport.records.accounts.caller import Caller

pytestmark = pytest.mark.django_db
FIRST = dt.date(2031, 3, 1)
NIGHT = dt.date(2031, 3, 10)


@pytest.fixture
def ada() -> Caller:
    return f.admin()


@pytest.fixture
def stages(ada: Caller) -> dict[str, int]:
    pipeline = f.make(ada, "pipeline", name="Sales")
    return {
        o: f.make(ada, "stage", name=o, pipeline=pipeline, outcome=o, position=i)
        for i, o in enumerate(("open", "won", "lost"))
    }


def deal(ada: Caller, stages: dict[str, int], amount: str, **values: Any) -> int:
    given = {"name": amount, "amount": amount, "stage": stages["open"], "close_on": "2031-03-20", "probability": 50}
    return write.create(ada, "deal", {**given, **values})


def cells(caller: Caller, by: str = "category", **values: Any) -> dict[Any, dict[str, int]]:
    table = tables.forecast(caller, by, FIRST, **values)
    return {row: {m: sum(c.amounts.values()) for m, c in months.items()} for row, months in table.items()}


def test_deals_count_in_their_month_and_category(ada: Caller, stages: dict[str, int]) -> None:
    deal(ada, stages, "10 EUR")
    deal(ada, stages, "20 EUR", forecast="commit", close_on="2031-04-01")
    deal(ada, stages, "40 EUR", forecast="omitted")
    deal(ada, stages, "80 EUR", close_on="2030-12-31")  # open and late: in the first month
    deal(ada, stages, "160 EUR", close_on="2031-09-01")  # beyond the last
    deal(ada, stages, "320 EUR", stage=stages["lost"], lost_reason="price")
    assert cells(ada) == {"pipeline": {"2031-03": 9000}, "commit": {"2031-04": 2000}}
    cell = tables.forecast(ada, "owner", FIRST)[ada.user_id]["2031-03"]
    assert (cell.weighted, cell.sure, cell.count) == (4500, 0, 2)


def test_what_is_won_counts_in_the_month_of_its_closing(ada: Caller, stages: dict[str, int]) -> None:
    won = deal(ada, stages, "10 EUR", stage=stages["won"])
    today = dt.datetime.now(dt.UTC).date()
    table = tables.forecast(ada, "category", today.replace(day=1))
    assert table["won"][f"{today:%Y-%m}"].sure == 1000
    assert won


def test_currencies_are_never_added_raw(ada: Caller, stages: dict[str, int]) -> None:
    deal(ada, stages, "10 EUR")
    deal(ada, stages, "10 USD")
    cell = tables.forecast(ada, "owner", FIRST)[ada.user_id]["2031-03"]
    assert (sum(cell.amounts.values()), cell.left) == (1000, {"USD": 1000})
    keeping.keep(ada, "USD", dt.date(2026, 1, 1), "0.5")
    cell = tables.forecast(ada, "owner", FIRST)[ada.user_id]["2031-03"]
    assert (sum(cell.amounts.values()), cell.left) == (1500, {})


def test_any_day_can_be_shown_again(ada: Caller, stages: dict[str, int]) -> None:
    key, gone = deal(ada, stages, "10 EUR"), deal(ada, stages, "5 EUR")
    assert states.keep_states(day=NIGHT) == {"changed": 2}
    assert states.keep_states(day=NIGHT + dt.timedelta(days=1)) == {"changed": 0}
    write.update(ada, "deal", key, {"amount": "30 EUR", "close_on": "2031-05-01"})
    write.delete(ada, "deal", [gone])
    deal(ada, stages, "7 EUR")
    states.keep_states(day=NIGHT + dt.timedelta(days=5))
    states.keep_states(day=NIGHT + dt.timedelta(days=5))  # twice does no harm
    assert cells(ada, as_of=NIGHT + dt.timedelta(days=4)) == {"pipeline": {"2031-03": 1000}}
    now = {"pipeline": {"2031-05": 3000, "2031-03": 700}}
    assert cells(ada, as_of=NIGHT + dt.timedelta(days=5)) == now
    assert cells(ada) == now
    assert cells(ada, as_of=NIGHT - dt.timedelta(days=1)) == {}
    assert states.first_day() == NIGHT


def test_what_moved_is_told(ada: Caller, stages: dict[str, int]) -> None:
    slipped, won, same = (deal(ada, stages, f"{n} EUR", name=str(n)) for n in (10, 20, 30))
    states.keep_states(day=NIGHT)
    write.update(ada, "deal", slipped, {"close_on": "2031-05-01"})
    write.update(ada, "deal", won, {"stage": stages["won"]})
    new = deal(ada, stages, "1 EUR")
    found = {
        m.deal: (m.before and m.before["outcome"], m.after and m.after["outcome"])
        for m in moves.moves(ada, NIGHT, FIRST)
    }
    assert found == {slipped: ("open", "open"), won: ("open", "won"), new: (None, "open")}
    assert same not in found


def test_everyone_sees_their_own(ada: Caller, stages: dict[str, int]) -> None:
    noor = f.user(rights={"deal": {"read": "own"}})
    deal(ada, stages, "10 EUR")
    deal(ada, stages, "7 EUR", owner=noor.user_id)
    states.keep_states(day=NIGHT)
    assert cells(noor, "owner") == {noor.user_id: {"2031-03": 700}} == cells(noor, "owner", as_of=NIGHT)
    blind = f.user(fields={"deal": {"amount": "hidden"}})
    assert cells(blind) == {}
    assert signed_in(blind).get("/forecast/").status_code == 403
    assert moves.moves(noor, NIGHT - dt.timedelta(days=9), FIRST)[0].name == "7 EUR"


@pytest.mark.parametrize(
    "query", ["", "?by=team", "?by=pipeline&since=7", "?by=category&month=2031-03&since=1", "?month=x&since=x&by=x"]
)
def test_the_page_shows_it(ada: Caller, stages: dict[str, int], query: str) -> None:
    deal(ada, stages, "10 EUR", close_on=dt.datetime.now(dt.UTC).date().isoformat())
    states.keep_states()
    answer = signed_in(ada).get(f"/forecast/{query}")
    assert answer.status_code == 200
    assert "Forecast" in answer.content.decode()
