"""Mail that comes in: a real IMAP server on loopback, who it is from by the engine for duplicates, where it belongs."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import factories as f
from tests import imap
from tests.contract.conftest import signed_in

from rapport.apps.mailing import incoming
from rapport.apps.mailing.intake import connecting, fetching, filing, mailboxes
from rapport.apps.mailing.intake.reading import ORIGINAL, read, reply_of
from rapport.apps.mailing.models import IncomingMail, Mailbox, OutgoingMail
from rapport.features.duplicates import comparing, policies
from rapport.features.duplicates.models import DuplicatePair
from rapport.features.files import storing
from rapport.features.files.models import File
from rapport.features.notifications.models import Notification
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.models import AuditEntry
from rapport.records.errors import Forbidden, Invalid
from rapport.records.history.models import Change
from rapport.records.jobs import worker
from rapport.records.jobs.models import JobRow
from rapport.records.jobs.outbox import Event
from rapport.records.read import visible
from rapport.registry import catalog

pytestmark = pytest.mark.django_db
QUOTED = "Yes, please.\n\nOn Mon, Nov 2, 2026 at 10:00 AM Ada <ada@acme.example> wrote:\n\n> Would you like one?\n"


@dataclass
class Work:
    """A job that nobody watches."""

    arguments: dict[str, Any] = field(default_factory=dict)
    stop: threading.Event = field(default_factory=threading.Event)

    def progress(self, done: int, total: int | None = None) -> None:
        """Nobody asks."""


@pytest.fixture
def ada() -> Caller:
    return f.admin()


def letter(text: str = "Hello!", **headers: str) -> bytes:
    message = EmailMessage()
    given = {"From": "Anna Schmidt <anna@kunde.example>", "To": "desk@acme.example", "Subject": "A question"}
    for name, value in {**given, **{n.replace("_", "-"): v for n, v in headers.items()}}.items():
        message[name] = value
    message.set_content(text)
    return message.as_bytes()


def mailbox(**values: Any) -> Mailbox:
    given = {"name": "Desk", "address": "desk@acme.example", "host": "127.0.0.1", "port": 143, "security": "none"}
    given |= {"username": imap.USER, "password": connecting.sealed(imap.PASSWORD), "since": dt.date(2026, 1, 1)}
    return Mailbox.objects.create(**{**given, **values})


def take(raw: bytes, **values: Any) -> IncomingMail:
    made = filing.take(Mailbox.objects.first() or mailbox(**values), read(raw), raw)
    return IncomingMail.objects.get(pk=made)


def interactions(caller: Caller) -> list[dict[str, Any]]:
    columns = ("kind", "direction", "subject", "body", "people", "deal")
    return [dict(r.values) for r in visible(caller, "interaction").page(columns=columns).rows]


def test_mail_is_fetched_once_and_the_mailbox_stays_as_it_was(ada: Caller) -> None:
    with imap.serving() as server:
        given = {"host": "127.0.0.1", "port": server.port, "security": "none", "username": imap.USER}
        given |= {"name": "Desk", "address": "desk@acme.example", "folder": "INBOX", "since": dt.date(2026, 1, 1)}
        with pytest.raises(Invalid):
            mailboxes.create(ada, password="wrong", **given)
        assert not Mailbox.objects.exists()
        made = mailboxes.create(ada, password=imap.PASSWORD, **given)
        assert imap.PASSWORD not in made.password
        server.put(letter(Message_ID="<1@kunde.example>"))
        server.put(letter("Again", Message_ID="<2@kunde.example>"))
        worker.drain()
        assert IncomingMail.objects.count() == 2
        server.put(letter("Third", Message_ID="<3@kunde.example>"))
        fetching.wake_one(made.pk)
        worker.drain()
        assert sorted(i["body"] for i in interactions(ada)) == ["Again", "Hello!", "Third"]
        Mailbox.objects.update(uid_validity=1)  # numbered anew: all of them are seen again, and known
        assert fetching.fetch(Work({"mailbox": made.pk})) == {"mails": 0}
        assert server.unseen() == 3
    fetching.fetch(Work({"mailbox": made.pk}))
    assert Mailbox.objects.get().error
    assert visible(ada, "person").count() == 1
    assert not JobRow.objects.filter(name=fetching.JOB, state="failed").exists()


def test_who_has_the_address_is_told_of_on_their_timeline(ada: Caller) -> None:
    anna = write.create(ada, "person", {"first_name": "Anna", "emails": "Anna@Kunde.example", "owner": ada.user_id})
    mail = take(letter(QUOTED))
    assert (mail.person_id, mail.state) == (anna, "filed")
    (said,) = interactions(ada)
    assert (said["kind"], said["direction"], said["body"], list(said["people"])) == (
        "mail",
        "in",
        "Yes, please.",
        [anna],
    )
    assert "Would you like one?" in mail.body
    (key,) = [row.id for row in visible(ada, "interaction").page(columns=("kind",)).rows]
    client = signed_in(ada)
    page = client.get(f"/incoming-mail/{mail.pk}/").content.decode()
    assert page.index("What it quotes") < page.index("Would you like one?")
    assert f'href="/incoming-mail/{mail.pk}/"' in client.get(f"/interactions/{key}/").content.decode()
    assert f.write_values(ada, "person", anna)["last_name"] == "Schmidt"
    assert Notification.objects.filter(user_id=ada.user_id, kind=filing.CAME, record_id=mail.pk).count() == 1


def test_an_unknown_sender_is_made_and_compared(ada: Caller) -> None:
    there = write.create(ada, "person", {"first_name": "Anna", "last_name": "Schmidt", "birthday": "1980-03-04"})
    mail = take(letter())
    assert mail.person_id not in {None, there}
    assert f.write_values(ada, "person", mail.person_id)["source"] == "mail"
    comparing.note([Event("person", "create", [mail.person_id], [], None, "")])
    comparing.look(Work())
    assert set(DuplicatePair.objects.values_list("first_id", "second_id", "source")) == {
        (there, mail.person_id, "mail")
    }
    assert take(letter("More")).person_id == mail.person_id


def test_who_looks_like_somebody_waits_where_the_door_says_so(ada: Caller) -> None:
    there = write.create(ada, "person", {"first_name": "Anna", "last_name": "Schmidt", "emails": "a@other.example"})
    policies.choose(ada, catalog.current()["person"], "mail", "merge", "block")
    mail = take(letter())
    assert (mail.person_id, mail.state, interactions(ada)) == (None, "unknown", [])
    assert "Anna Schmidt" in mail.why
    write.update(ada, "incoming_mail", mail.pk, {"person": there})
    mail.refresh_from_db()
    assert (mail.state, [list(i["people"]) for i in interactions(ada)]) == ("filed", [[there]])
    assert "Ada" in mail.why
    other = f.make(ada, "person")
    write.update(ada, "incoming_mail", mail.pk, {"person": other})
    assert [list(i["people"]) for i in interactions(ada)] == [[other]]


def test_where_nobody_is_made_somebody_says_who_it_is(ada: Caller) -> None:
    first, second = take(letter("One"), makes_people=False), take(letter("Two"))
    assert (first.state, second.state) == ("unknown", "unknown")
    page = signed_in(ada).get("/").content.decode()
    assert "Mail from somebody unknown" in page
    incoming.make_people(ada, [first.pk, second.pk])
    assert visible(ada, "person").count() == 1
    assert len(interactions(ada)) == 2
    third = take(letter("Spam", From="Shop <shop@spam.example>"))
    incoming.put_aside(ada, [third.pk])
    third.refresh_from_db()
    assert third.state == "ignored"


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"List_Id": "<news.kunde.example>"},
        {"Return_Path": "<>"}, {"From": "no-reply@kunde.example"},
    ],
)  # fmt: skip
def test_machines_make_nobody(ada: Caller, headers: dict[str, str]) -> None:
    """RFC 3834 (ASVS V2.4)."""
    assert take(letter(**headers)).state == "automatic"
    assert visible(ada, "person").count() == 0
    anna = write.create(ada, "person", {"first_name": "Anna", "emails": "anna@kunde.example"})
    known = take(letter("Away", **headers))
    assert known.person_id in {anna, None}
    assert interactions(ada) == []


def test_colleagues_are_no_customers(ada: Caller) -> None:
    assert take(letter(From=ada.email)).state == "internal"
    assert visible(ada, "person").count() == 0


def test_an_answer_belongs_to_what_it_answers(ada: Caller) -> None:
    anna = write.create(ada, "person", {"first_name": "Anna", "emails": "anna@kunde.example"})
    deal = f.make(ada, "deal")
    sent = write.create(ada, "outgoing_mail", {"subject": "Offer", "body": "…", "person": anna, "deal": deal})
    OutgoingMail.objects.filter(pk=sent).update(message_id="<offer@acme.example>")
    mail = take(letter(QUOTED, In_Reply_To="<offer@acme.example>"))
    assert (mail.deal_id, mail.owner_id) == (deal, ada.user_id)
    assert "Offer" in mail.why
    assert [i["deal"] for i in interactions(ada)] == [deal]


def test_mail_to_a_queue_opens_a_ticket_and_answers_stand_on_it(ada: Caller) -> None:
    queue = write.create(ada, "queue", {"name": "Support"})
    mail = take(letter(Message_ID="<1@kunde.example>"), queue_id=queue)
    ticket = visible(ada, "ticket").get(mail.ticket_id or 0).values
    assert (ticket["subject"], ticket["queue"], ticket["channel"]) == ("A question", queue, "mail")
    again = take(letter("And more", Subject="Re: A question", References="<1@kunde.example>"))
    assert again.ticket_id == mail.ticket_id
    rows = visible(ada, "ticketentry").page(columns=("kind", "body", "message_id"), sort="id").rows
    assert [(r.values["kind"], r.values["body"], r.values["message_id"]) for r in rows] == [
        ("customer", "Hello!", "<1@kunde.example>"), ("customer", "And more", ""),
    ]  # fmt: skip
    assert interactions(ada) == []


def test_a_mail_moves_to_where_somebody_says_it_belongs(ada: Caller) -> None:
    mail = take(letter())
    first, second = f.make(ada, "ticket"), f.make(ada, "ticket")

    def said() -> list[int]:
        rows = visible(ada, "ticketentry").page(columns=("ticket",)).rows
        return [row.values["ticket"] for row in rows]

    for ticket in (first, second):
        write.update(ada, "incoming_mail", mail.pk, {"ticket": ticket})
        assert (said(), interactions(ada)) == ([ticket], [])
    write.update(ada, "incoming_mail", mail.pk, {"ticket": None})
    assert (said(), [list(i["people"]) for i in interactions(ada)]) == ([], [[mail.person_id]])
    write.delete(ada, "interaction", [row.id for row in visible(ada, "interaction").page(columns=("kind",)).rows])
    other = f.make(ada, "person")
    write.update(ada, "incoming_mail", mail.pk, {"person": other})
    assert [list(i["people"]) for i in interactions(ada)] == [[other]]
    write.update(ada, "incoming_mail", mail.pk, {"person": None})
    mail.refresh_from_db()
    assert (mail.state, interactions(ada)) == ("unknown", [])


def test_the_original_and_what_is_attached_are_kept(ada: Caller) -> None:
    message = EmailMessage()
    message["From"], message["Subject"] = "anna@kunde.example", "Files"
    message.set_content("See below")
    for name in ("plan.txt", "plan.txt", "original.eml"):
        message.add_attachment(f"as {name}".encode(), maintype="text", subtype="plain", filename=name)
    raw = message.as_bytes()
    mail = take(raw)
    files = {row["name"]: row["id"] for row in storing.files_of(ada, "incoming_mail", mail.pk)}
    assert set(files) == {ORIGINAL, "plan.txt", "2-plan.txt", "3-original.eml"}
    assert storing.open_file(ada, files[ORIGINAL]).stream.read() == raw


def test_erasing_a_person_takes_their_mail_along(ada: Caller) -> None:
    """Nothing of what somebody wrote is left, original and attachments included (ASVS V14.2)."""
    take(letter("Secret absence", Auto_Submitted="auto-replied"))
    mail = take(letter("Secret words"))
    write.erase(ada, "person", [mail.person_id or 0])
    assert not IncomingMail.objects.exists()
    assert not File.objects.exists()
    assert interactions(ada) == []
    assert not Change.objects.filter(diff__icontains="Secret").exists()


def test_html_alone_is_read_as_text(ada: Caller) -> None:
    message = EmailMessage()
    message["From"] = "anna@kunde.example"
    message.set_content("<p>Hello <b>there</b></p><script>steal()</script><ul><li>one</ul>", subtype="html")
    assert take(message.as_bytes()).body == "Hello there\n\n- one"


def test_quotes_are_left_out_of_what_was_said() -> None:
    german = "Gerne.\n\nAm 2. November 2026 um 10:00 schrieb Ada <ada@acme.example>:\n> Möchten Sie?\n"
    assert (reply_of(QUOTED), reply_of(german), reply_of("> only\n> quotes")) == (
        "Yes, please.",
        "Gerne.",
        "> only\n> quotes",
    )


@settings(max_examples=60)
@given(st.binary(max_size=400) | st.from_regex(rb"(From|Date|Subject|Content-Type|Message-ID): .{0,40}\r\n\r\n.{0,40}"))
def test_whatever_comes_a_letter_can_be_read(raw: bytes) -> None:
    found = read(raw)
    assert len(found.fingerprint) == 64
    assert "\x00" not in found.subject + found.body + found.sender_name


def test_what_nobody_can_read_is_kept_as_it_came(ada: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(raw: bytes) -> None:
        raise ValueError

    monkeypatch.setattr(fetching.reading, "read", fails)
    assert fetching._keep(mailbox(), b"\xff\xfe")
    mail = IncomingMail.objects.get()
    assert [row["name"] for row in storing.files_of(ada, "incoming_mail", mail.pk)] == [ORIGINAL]


def test_a_password_goes_to_no_other_server(ada: Caller) -> None:
    """The password is asked for again before it goes elsewhere (ASVS V13.3)."""
    made = mailbox()
    with pytest.raises(Invalid) as refused:
        mailboxes.change(ada, made.pk, host="evil.example")
    assert set(refused.value.errors) == {"password"}
    assert Mailbox.objects.get().host == "127.0.0.1"


def test_only_administrators_keep_mailboxes(ada: Caller) -> None:
    made, ben = mailbox(), f.user("Ben")
    client = signed_in(ben)
    for path in ("/settings/mailboxes/", "/settings/mailboxes/new/", f"/settings/mailboxes/{made.pk}/"):
        assert client.get(path).status_code in {403, 404}
        assert client.post(path, {"mailbox": made.pk, "act": "remove"}).status_code in {403, 404}
    with pytest.raises(Forbidden):
        mailboxes.remove(ben, made.pk)
    assert Mailbox.objects.exists()
    page = signed_in(ada).get(f"/settings/mailboxes/{made.pk}/").content.decode()
    assert "imap" not in page.lower() or made.password not in page
    signed_in(ada).post("/settings/mailboxes/", {"mailbox": made.pk, "act": "remove"})
    assert not Mailbox.objects.exists()
    assert AuditEntry.objects.filter(act="mailbox removed").exists()


@pytest.fixture
def running() -> Iterator[imap.Server]:
    with imap.serving() as server:
        yield server


def test_an_administrator_connects_a_mailbox(ada: Caller, running: imap.Server) -> None:
    client = signed_in(ada)
    sent = {
        "name": "Desk", "address": "desk@acme.example", "host": "127.0.0.1", "security": "none", "port": running.port,
        "username": imap.USER, "password": "wrong", "folder": "INBOX", "since": "2026-01-01", "makes_people": "on",
    }  # fmt: skip
    refused = client.post("/settings/mailboxes/new/", sent)
    assert refused.status_code == 422
    assert "can&#39;t be read" in refused.content.decode()
    assert client.post("/settings/mailboxes/new/", {**sent, "password": imap.PASSWORD}).status_code == 303
    running.put(letter())
    worker.drain()
    assert IncomingMail.objects.count() == 1
    page = client.get("/settings/mailboxes/").content.decode()
    assert "Looked into:" in page
