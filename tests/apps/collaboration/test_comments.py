"""Comments, mentions and followers: who is told of what, and nobody of what they may not see."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from tests import factories as f
from tests.contract.conftest import signed_in

from rapport.apps.collaboration import comments
from rapport.apps.collaboration.following import follow, followers
from rapport.apps.collaboration.mentions import marked, mentioned
from rapport.features.notifications import choosing, reading
from rapport.features.notifications.choosing import Choice
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Forbidden, Invalid, NotFound
from rapport.records.jobs import worker
from rapport.records.read import visible
from rapport.registry import catalog

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(db: None) -> Caller:
    return f.admin()


def say(caller: Caller, key: str, record: int, body: str) -> int:
    return write.create(caller, "comment", {"object_key": key, "record_id": record, "body": body})


def told(caller: Caller) -> list[tuple[str, int | None]]:
    """What a user was told, newest first: kind and record."""
    worker.drain()
    return [(n.kind, n.record_id) for n in reading.page(caller, size=50)]


def test_a_mention_is_a_whole_name_or_an_address(ada: Caller) -> None:
    ann, anna = f.user("Ann Lee"), f.user("Ann Lee Moore")
    assert mentioned("Ask @ann lee, please") == {ann.user_id}
    assert mentioned("Ask @Ann Lee Moore!") == {anna.user_id}
    assert mentioned("@Ann Leeds") == set()
    assert mentioned(f"@{ann.email.upper()}") == {ann.user_id}
    assert mentioned(f"Write to x@Ann Lee or a{ann.email}") == set()
    assert marked("Hi @Ann Lee") == "Hi **@Ann Lee**"


def test_comments_are_seen_with_their_record_and_changed_by_their_author(ada: Caller) -> None:
    person = f.make(ada, "person")
    key = say(ada, "person", person, "Ask **first**\nthen send")
    assert visible(ada, "comment").get(key).title == "Ask first"
    ben = f.user("Ben", rights={"*": {"read": "all"}})
    assert visible(ben, "comment").allowed([key]) == {key}
    for act in (
        lambda: write.update(ben, "comment", key, {"body": "Mine"}),
        lambda: write.delete(ben, "comment", [key]),
    ):
        with pytest.raises(Forbidden):
            act()
    eve = f.user("Eve", rights={"*": {"read": "all"}, "person": {"read": "none"}})
    assert visible(eve, "comment").allowed([key]) == set()
    with pytest.raises(Invalid):
        say(eve, "person", person, "I guess the key")
    with pytest.raises(Invalid):
        say(ada, "nothing", 1, "Nowhere")
    other = f.make(ada, "person")
    with pytest.raises(Invalid):
        write.update(ada, "comment", key, {"record_id": other})
    write.delete(ada, "person", [person])
    assert visible(ben, "comment").allowed([key]) == set()


def test_erasing_a_record_erases_what_was_said_of_it(ada: Caller) -> None:
    person = f.make(ada, "person")
    key = say(ada, "person", person, "Private")
    ben = f.user("Ben")
    follow(ben.user_id or 0, "person", person, True)
    say(ada, "person", person, "More")
    assert told(ben) == [("comment", person)] * 2
    write.erase(ada, "person", [person])
    with pytest.raises(NotFound):
        visible(ada, "comment").get(key, trashed=True)
    assert told(ben) == []
    assert followers(catalog.current()["person"], [person])[person] == set()


def test_mentions_and_followers_are_told_once_and_authors_not(ada: Caller) -> None:
    ben, cyd = f.user("Ben Olsen"), f.user("Cyd")
    person = f.make(ada, "person", owner=ada.user_id)
    follow(cyd.user_id or 0, "person", person, True)
    say(ada, "person", person, "@Ben Olsen, have a **look**")
    assert told(ben) == [("mention", person)]
    assert reading.page(ben)[0].detail == "@Ben Olsen, have a look"
    assert told(cyd) == [("comment", person)]
    assert told(ada) == []
    say(ben, "person", person, "Done")
    assert told(ada) == [("comment", person)]
    say(ada, "person", person, "Thanks")
    assert told(ben) == [("comment", person), ("mention", person)]


def test_nobody_is_told_of_what_they_may_not_see(ada: Caller) -> None:
    eve = f.user("Eve Stone", rights={"*": {"read": "all"}, "person": {"read": "own"}})
    person = f.make(ada, "person", owner=ada.user_id)
    follow(eve.user_id or 0, "person", person, True)
    say(ada, "person", person, "@Eve Stone look")
    write.update(ada, "person", person, {"job": "Captain"})
    assert told(eve) == []
    write.update(ada, "person", person, {"owner": eve.user_id})
    assert told(eve) == [("assigned", person)]
    write.update(ada, "person", person, {"owner": ada.user_id})
    assert told(eve) == []


def test_changes_are_told_to_followers_together_and_not_of_hidden_fields(ada: Caller) -> None:
    ben = f.user("Ben", rights={"*": {"read": "all"}}, fields={"person": {"birthday": "hidden"}})
    person = f.make(ada, "person", owner=ada.user_id)
    follow(ben.user_id or 0, "person", person, True)
    write.update(ada, "person", person, {"birthday": "1980-01-01"})
    assert told(ben) == []
    write.update(ada, "person", person, {"job": "Captain", "birthday": "1981-01-01"})
    write.update(ada, "person", person, {"job": "Admiral"})
    worker.drain()
    assert [(n.kind, n.detail, n.unread) for n in reading.page(ben)] == [("changed", "job", True)]
    reading.mark_read(ben)
    write.update(ada, "person", person, {"job": "Retired"})
    worker.drain()
    assert [n.unread for n in reading.page(ben)] == [True]
    follow(ben.user_id or 0, "person", person, False)
    reading.mark_read(ben)
    write.update(ada, "person", person, {"job": "Back"})
    worker.drain()
    assert reading.unread(ben.user_id) == 0


def test_owner_and_assignee_follow_by_themselves_unless_they_do_not_want_to(ada: Caller) -> None:
    ben, cyd = f.user("Ben"), f.user("Cyd")
    ticket = write.create(ada, "ticket", {"subject": "Broken", "owner": ben.user_id, "assignee": cyd.user_id})
    obj = catalog.current()["ticket"]
    assert followers(obj, [ticket])[ticket] == {ben.user_id, cyd.user_id}
    follow(cyd.user_id or 0, "ticket", ticket, False)
    assert followers(obj, [ticket])[ticket] == {ben.user_id}
    assert told(ben) == [("assigned", ticket)]
    assert told(cyd) == [("assigned", ticket)]


def test_many_of_one_act_are_told_as_a_number(ada: Caller) -> None:
    ben = f.user("Ben")
    people = [f.make(ada, "person") for _n in range(7)]
    worker.drain()
    write.update_many(ada, "person", people, {"owner": ben.user_id})
    worker.drain()
    found = reading.page(ben)
    assert [(n.kind, n.record_id, n.record) for n in found] == [("assigned", None, "7 people")]


def test_each_chooses_what_they_are_told_of(ada: Caller) -> None:
    ben = f.user("Ben Olsen")
    choosing.choose(ben.user_id, {"mention": Choice(page=False, mail="never"), "nonsense": Choice(True, "now")})
    person = f.make(ada, "person")
    say(ada, "person", person, "@Ben Olsen")
    assert told(ben) == []
    assert choosing.choices(ben.user_id)["mention"] == Choice(page=False, mail="never")
    assert choosing.choices(ben.user_id)["assigned"] == Choice(page=True, mail="digest")


def test_pages_comment_follow_and_read(ada: Caller) -> None:
    ben = f.user("Ben Olsen", admin=True)
    client, bens = signed_in(ada), signed_in(ben)
    person = f.make(ada, "person", owner=ada.user_id)
    sent = {"body": "Hello @Ben Olsen, **look**", "fields": "body"}
    assert client.post(f"/people/{person}/compose/comment/", sent).status_code == 303
    worker.drain()
    shown = client.get(f"/people/{person}/").content.decode()
    assert "<strong>@Ben Olsen</strong>, <strong>look</strong>" in shown
    assert "1 unread notification" in bens.get("/notifications/bell/").content.decode()
    listed = bens.get("/notifications/").content.decode()
    assert "mentioned you on" in listed
    comment = visible(ada, "comment").ids()[0]
    assert f'href="/people/{person}/"' in client.get(f"/comments/{comment}/").content.decode()
    key = reading.page(ben)[0].id
    assert client.post(f"/notifications/{key}/open/").status_code == 404
    assert bens.post(f"/notifications/{key}/open/")["Location"] == f"/people/{person}/"
    assert reading.unread(ben.user_id) == 0
    bens.post(f"/people/{person}/follow/", {"on": "1"})
    assert "Unfollow" in bens.get(f"/people/{person}/").content.decode()
    bens.post(f"/people/{person}/follow/", {"on": ""})
    assert "Unfollow" not in bens.get(f"/people/{person}/").content.decode()
    eve = f.user("Eve", rights={"*": {"read": "none"}})
    assert signed_in(eve).post(f"/people/{person}/follow/", {"on": "1"}).status_code == 404
    chosen = {"mention-mail": "never", "changed-page": "true", "changed-mail": "now"}
    assert bens.post("/settings/notifications/", chosen).status_code == 303
    assert choosing.choices(ben.user_id)["mention"] == Choice(page=False, mail="never")
    assert choosing.choices(ben.user_id)["changed"] == Choice(page=True, mail="now")


def test_a_number_counts_only_what_may_be_seen(ada: Caller) -> None:
    eve = f.user("Eve", rights={"*": {"read": "all"}, "person": {"read": "own"}})
    hidden = [f.make(ada, "person") for _n in range(7)]
    seen = [f.make(ada, "person", owner=eve.user_id) for _n in range(6)]
    for key in hidden:
        follow(eve.user_id or 0, "person", key, True)
    worker.drain()
    reading.mark_read(eve)
    write.update_many(ada, "person", [*hidden, *seen], {"job": "Captain"})
    worker.drain()
    assert [(n.kind, n.record) for n in reading.page(eve, only_unread=True)] == [("changed", "6 people")]


def test_comments_and_followers_of_what_was_purged_are_cleaned_up(ada: Caller) -> None:
    gone, stays = f.make(ada, "person"), f.make(ada, "person")
    for key in (gone, stays):
        say(ada, "person", key, "Hello")
        follow(ada.user_id or 0, "person", key, True)
    write.delete(ada, "person", [gone])
    write.purge("person", ids=[gone])
    assert comments.clean(SimpleNamespace(progress=lambda done: None)) == 1
    assert [visible(ada, "comment").get(k).values["record_id"] for k in visible(ada, "comment").ids()] == [stays]
    person = catalog.current()["person"]
    assert followers(person, [gone, stays]) == {gone: set(), stays: {ada.user_id}}
