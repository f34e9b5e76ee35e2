"""Queues: whom they give tickets to, what they make of them, their pages, and retiring one."""

from __future__ import annotations

import pytest
from tests import factories as f
from tests.contract.conftest import signed_in
from tests.database import snapshot

from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.models import Team
from rapport.records.errors import Invalid
from rapport.records.read import visible

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(db: None) -> Caller:
    return f.admin()


@pytest.fixture
def desk(ada: Caller) -> tuple[Team, list[Caller]]:
    """A team with one member, and another one in a team below it."""
    team = Team.objects.create(name="Desk")
    below = Team.objects.create(name="Night desk", parent=team)
    return team, [f.user("Ben", teams=(team,)), f.user("Cid", teams=(below,))]


def ticket(caller: Caller, queue: int, **values: object) -> int:
    return write.create(caller, "ticket", {"subject": "It stands still", "queue": queue, **values})


def assignee(caller: Caller, key: int) -> object:
    return visible(caller, "ticket").get(key).values["assignee"]


def test_in_turn_and_by_load(ada: Caller, desk: tuple[Team, list[Caller]]) -> None:
    team, (ben, cid) = desk
    turn = write.create(ada, "queue", {"name": "Turn", "team": team.pk, "how": "turn"})
    given = [assignee(ada, ticket(ada, turn)) for _n in range(4)]
    assert given == [ben.user_id, cid.user_id, ben.user_id, cid.user_id]
    many = write.create_many(ada, "ticket", [{"subject": "Again", "queue": turn}] * 4)
    assert [assignee(ada, key or 0) for key in many.ids] == given
    load = write.create(ada, "queue", {"name": "Load", "team": team.pk, "how": "load"})
    ticket(ada, load, assignee=ben.user_id)
    assert assignee(ada, ticket(ada, load)) == cid.user_id
    for key in visible(ada, "ticket").ids({"field": "assignee", "op": "is", "value": ben.user_id}):
        write.update(ada, "ticket", key, {"status": "solved", "solution": "Done"})
    assert [assignee(ada, ticket(ada, load)) for _n in range(2)] == [ben.user_id] * 2


def test_by_hand_nobody_has_it_and_who_has_it_keeps_it(ada: Caller, desk: tuple[Team, list[Caller]]) -> None:
    team, (ben, cid) = desk
    hand = write.create(ada, "queue", {"name": "Hand", "team": team.pk})
    turn = write.create(ada, "queue", {"name": "Turn", "team": team.pk, "how": "turn"})
    empty = write.create(ada, "queue", {"name": "Nobody", "how": "turn"})
    key = ticket(ada, hand)
    assert assignee(ada, key) is None
    write.update(ada, "ticket", key, {"queue": turn})
    assert assignee(ada, key) == ben.user_id
    theirs = ticket(ada, turn, assignee=ada.user_id)
    assert assignee(ada, theirs) == ada.user_id
    write.update(ada, "ticket", theirs, {"queue": hand, "assignee": None})
    write.update(ada, "ticket", theirs, {"subject": "Other words"})
    assert assignee(ada, theirs) is None
    assert assignee(ada, ticket(ada, empty)) is None
    assert cid.user_id


def test_new_tickets_of_normal_priority_take_that_of_the_queue(ada: Caller) -> None:
    queue = write.create(ada, "queue", {"name": "Complaints", "priority": "urgent"})
    first, second = ticket(ada, queue), ticket(ada, queue, priority="low")
    assert [visible(ada, "ticket").get(k).values["priority"] for k in (first, second)] == ["urgent", "low"]
    write.update(ada, "ticket", first, {"priority": "normal"})
    assert visible(ada, "ticket").get(first).values["priority"] == "normal"


def test_a_retired_queue_keeps_its_tickets_and_takes_no_more(ada: Caller) -> None:
    queue = write.create(ada, "queue", {"name": "Old"})
    key, elsewhere = ticket(ada, queue), ticket(ada, write.create(ada, "queue", {"name": "New"}))
    client = signed_in(ada)
    client.post("/settings/queues/", {"queue": queue, "act": "retire"})
    page = client.get("/settings/queues/").content.decode()
    assert "1 ticket in it is still open" in page
    assert "Use again: Old" in page
    offered = signed_in(ada).get("/queues/options/?q=&choosable=1").content.decode()
    assert ("New" in offered, "Old" in offered) == (True, False)
    assert "choosable=1" in client.get("/tickets/new/").content.decode()
    assert "Old" in client.get("/queues/options/?q=").content.decode()  # a filter may ask for it
    assert visible(ada, "ticket").get(key).values["queue"] == queue
    write.update(ada, "ticket", key, {"subject": "Other words"})
    before = snapshot()
    with pytest.raises(Invalid, match="is retired"):
        ticket(ada, queue)
    with pytest.raises(Invalid, match="is retired"):
        write.update(ada, "ticket", elsewhere, {"queue": queue})
    assert {k: v for k, v in snapshot().items() if k != "records_counter"} == {
        k: v for k, v in before.items() if k != "records_counter"
    }
    client.post("/settings/queues/", {"queue": queue, "act": "use"})
    assert ticket(ada, queue)


def test_the_pages_make_order_and_change_queues(ada: Caller, desk: tuple[Team, list[Caller]]) -> None:
    team, _users = desk
    client = signed_in(ada)
    assert "No queue yet" in client.get("/settings/queues/").content.decode()
    for name in ("Support", "Billing", "Sales"):
        answer = client.post("/settings/queues/new/", {"name": name, "how": "turn", "team": team.pk})
        assert answer.status_code == 303
    keys = {row.title: row.id for row in visible(ada, "queue").page(sort="position").rows}
    assert list(keys) == ["Support", "Billing", "Sales"]
    client.post("/settings/queues/", {"queue": keys["Sales"], "act": "up"})
    client.post("/settings/queues/", {"queue": keys["Support"], "act": "up"})  # the first stays the first
    assert [r.title for r in visible(ada, "queue").page(sort="position").rows] == ["Support", "Sales", "Billing"]
    page = client.get("/settings/queues/").content.decode()
    assert "Members: Ben, Cid" in page
    assert "In turn" in page
    url = f"/settings/queues/{keys['Sales']}/"
    assert client.post(url, {"name": "", "how": "turn"}).status_code == 422
    assert client.post(url, {"name": "Sales", "how": "nonsense"}).status_code == 422
    client.post(url, {"name": "Orders", "how": "load", "priority": "high", "team": ""})
    found = visible(ada, "queue").get(keys["Sales"]).values
    assert (found["name"], found["how"], found["priority"], found["team"]) == ("Orders", "load", "high", None)
    assert "Nobody is a member" in client.get("/settings/queues/").content.decode()


def test_only_administrators_change_queues(ada: Caller) -> None:
    queue = write.create(ada, "queue", {"name": "Support"})
    client = signed_in(f.user("Ben"))
    before = snapshot()
    for url in ("/settings/queues/", "/settings/queues/new/", f"/settings/queues/{queue}/"):
        assert client.get(url).status_code == 403
        assert client.post(url, {"queue": queue, "act": "retire", "name": "Mine", "how": "hand"}).status_code == 403
    assert snapshot() == before
