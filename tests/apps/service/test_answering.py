"""Answers on tickets that go out by mail: through a real server on this machine, in their thread, told once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests import factories as f
from tests.contract.conftest import signed_in
from tests.database import snapshot
from tests.smtp import Server, serving

from rapport.features.timeline.gathering import gather
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid
from rapport.records.jobs import worker
from rapport.records.read import visible
from rapport.registry import catalog

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    with serving(settings) as running:
        yield running


@pytest.fixture
def ada() -> Caller:
    return f.admin()


@pytest.fixture
def noor(ada: Caller) -> int:
    return f.make(ada, "person", first_name="Noor", last_name="Okafor", emails=[{"value": "noor@fjord.example"}])


def ticket(caller: Caller, person: int | None, **values: Any) -> int:
    given = {"subject": "Invoice is wrong", "description": "The total\nis off.", "person": person}
    return write.create(caller, "ticket", {**given, **values})


def say(caller: Caller, key: int, body: str, kind: str = "answer", **values: Any) -> int:
    return write.create(caller, "ticketentry", {"ticket": key, "kind": kind, "body": body, **values})


def status(caller: Caller, key: int) -> object:
    return visible(caller, "ticket").get(key).values["status"]


def plain(message: Any) -> str:
    return str(message.get_body(("plain",)).get_content()).replace("\r\n", "\n")


def test_an_answer_goes_out_and_is_told_once(server: Server, ada: Caller, noor: int) -> None:
    key = ticket(ada, noor)
    say(ada, key, "A **new** one is on its way.", by_mail=True)
    assert status(ada, key) == "waiting"
    assert visible(ada, "ticket").get(key).values["first_answered_at"] is not None
    worker.drain()
    (got,) = server.taken
    assert (got["To"], got["Subject"]) == ("noor@fjord.example", "Re: Invoice is wrong [T-1]")
    assert (ada.email in got["From"], got["In-Reply-To"], got["References"]) == (True, None, None)
    text = plain(got)
    assert text.startswith("A **new** one is on its way.\n\nNoor Okafor wrote on ")
    assert text.rstrip().endswith(":\n\n> The total\n> is off.")
    html = got.get_body(("html",)).get_content()
    assert "<strong>new</strong>" in html
    assert "<blockquote>" in html
    assert visible(ada, "interaction").count() == 0
    for name, record in (("ticket", key), ("person", noor)):
        entries = gather(ada, catalog.current()[name], record).entries
        assert [e.meta for e in entries if "on its way" in e.body] == ["by mail"], name


def test_the_thread_is_kept_on_both_sides(server: Server, ada: Caller, noor: int) -> None:
    key = ticket(ada, noor, subject="Re: Order 7")
    say(ada, key, "Which one?", by_mail=True)
    worker.drain()
    say(ada, key, "The *blue* one", "customer", message_id="<abc@fjord.example>")
    say(ada, key, "Oh\r\nBcc: all@example.com", "customer", message_id="no id\r\nBcc: x@example.com")
    assert status(ada, key) == "open"
    say(ada, key, "Understood.", by_mail=True)
    worker.drain()
    first, second = server.taken
    assert second["Subject"] == "Re: Order 7 [T-1]"
    assert second["In-Reply-To"] == "<abc@fjord.example>"
    assert second["References"].split() == [first["Message-ID"], "<abc@fjord.example>"]
    assert second["Bcc"] is None
    assert plain(second).rstrip().endswith("> Oh\n> Bcc: all@example.com")
    say(ada, key, "One more thing.", by_mail=True)
    worker.drain()
    assert server.taken[2]["In-Reply-To"] == second["Message-ID"]
    other = ticket(ada, noor)
    say(ada, other, "Hello", by_mail=True)
    worker.drain()
    assert server.taken[3]["References"] is None


def test_it_comes_from_the_address_of_the_queue(server: Server, ada: Caller, noor: int) -> None:
    queue = write.create(ada, "queue", {"name": "Support", "address": "support@acme.example"})
    say(ada, ticket(ada, noor, queue=queue), "Hello", by_mail=True)
    worker.drain()
    assert server.taken[0]["From"] == "Ada <support@acme.example>"
    assert server.taken[0]["Message-ID"].endswith("@acme.example>")
    with pytest.raises(Invalid):  # nobody writes in the name of another address
        write.create(ada, "outgoing_mail", {
            "person": noor, "subject": "x", "body": "y", "origin": "boss@acme.example",
        })  # fmt: skip


def test_what_was_not_sent_is_told_and_sent_again(server: Server, ada: Caller, noor: int) -> None:
    server.answer = "554 No such person"
    key = ticket(ada, noor)
    say(ada, key, "Hello", by_mail=True)
    worker.drain()
    client = signed_in(ada)
    page = client.get(f"/tickets/{key}/").content.decode()
    assert "Not sent" in page
    assert "554 No such person" in page
    assert "Send again" in page
    server.answer = "250 OK"
    (mail,) = visible(ada, "outgoing_mail").ids()
    client.post(f"/outgoing-mail/{mail}/act/again/", {"next": f"/tickets/{key}/"})
    worker.drain()
    assert len(server.taken) == 1
    assert "Not sent" not in client.get(f"/tickets/{key}/").content.decode()


def test_the_composer_sends_unless_told_otherwise(server: Server, ada: Caller, noor: int) -> None:
    key = ticket(ada, noor)
    client = signed_in(ada)
    form = client.get(f"/tickets/{key}/").content.decode()
    assert "Send to the customer" in form
    sent = {"fields": "body,by_mail,minutes", "body": "By phone", "by_mail": "false", "minutes": "5"}
    assert client.post(f"/tickets/{key}/compose/ticket-answer/", sent, headers=HTMX).status_code == 200
    assert (status(ada, key), visible(ada, "outgoing_mail").count()) == ("open", 0)
    answer = client.post(f"/tickets/{key}/compose/ticket-answer/", {**sent, "by_mail": "true"}, headers=HTMX)
    assert "Being sent" in answer.content.decode()
    assert (status(ada, key), visible(ada, "outgoing_mail").count()) == ("waiting", 1)


def test_turning_it_on_later_sends_it_once(server: Server, ada: Caller, noor: int) -> None:
    entry = say(ada, ticket(ada, noor), "Hello")
    write.update(ada, "ticketentry", entry, {"by_mail": True})
    write.update(ada, "ticketentry", entry, {"body": "Hello there", "by_mail": True})
    worker.drain()
    assert [plain(m).split("\n")[0] for m in server.taken] == ["Hello"]
    with pytest.raises(Invalid, match="on its way"):
        write.update(ada, "ticketentry", entry, {"by_mail": False})


def test_what_can_not_be_sent_is_refused(ada: Caller, noor: int) -> None:
    mute = f.make(ada, "person", last_name="Mute")
    writes = {"*": {"read": "all", "create": "all", "edit": "all"}}
    ben = f.user("Ben", rights={**writes, "outgoing_mail": {"create": "none"}})
    nobody, silent, fine = ticket(ada, None), ticket(ada, mute), ticket(ada, noor)
    before = snapshot()
    for caller, key, kind in (
        (ada, nobody, "answer"),
        (ada, silent, "answer"),
        (ada, fine, "note"),
        (ben, fine, "answer"),
    ):
        with pytest.raises(Invalid) as refused:
            say(caller, key, "Hello", kind, by_mail=True)
        assert refused.value.errors.keys() == {"by_mail"}
    assert snapshot() == before
