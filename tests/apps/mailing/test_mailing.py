"""Mail written in Rapport: templates, addresses, a real server on this machine, once and once only."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from typing import Any

import pytest
from tests import factories as f
from tests.contract.conftest import signed_in
from tests.smtp import Server, serving

from rapport.apps.mailing import profiles, sending, writing
from rapport.apps.mailing.models import State
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid
from rapport.records.jobs import worker
from rapport.records.jobs.models import JobRow
from rapport.records.read import visible
from rapport.registry import catalog

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true", "HX-Target": "div#compose-write-mail"}


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


def mail(caller: Caller, person: int, **values: Any) -> int:
    return write.create(
        caller, "outgoing_mail", {"subject": "Hello", "body": "A **word**.", "person": person, **values}
    )


def read(caller: Caller, key: int) -> dict[str, Any]:
    return dict(visible(caller, "outgoing_mail").get(key).values)


def interactions(caller: Caller) -> list[dict[str, Any]]:
    columns = ("kind", "direction", "subject", "body", "people")
    return [dict(r.values) for r in visible(caller, "interaction").page(columns=columns).rows]


def test_a_mail_goes_out_and_stands_on_the_timeline(server: Server, ada: Caller, noor: int) -> None:
    profiles.keep(ada, "", "Ada *Acme*")
    key = mail(ada, noor, copies="a@fjord.example, b@fjord.example")
    assert read(ada, key)["state"] == "waiting"
    assert interactions(ada) == []
    worker.drain()
    (got,) = server.taken
    assert got["To"] == "noor@fjord.example"
    assert got["Cc"] == "a@fjord.example, b@fjord.example"
    assert (got["Subject"], ada.email in got["From"]) == ("Hello", True)
    plain, html = got.get_body(("plain",)), got.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().replace("\r\n", "\n").strip() == "A **word**.\n\n-- \nAda *Acme*"
    assert "<strong>word</strong>" in html.get_content()
    values = read(ada, key)
    assert (values["state"], values["message_id"], values["error"]) == ("sent", got["Message-ID"], "")
    (told,) = interactions(ada)
    assert (told["kind"], told["direction"], told["people"]) == ("mail", "out", (noor,))


def test_it_is_sent_once(server: Server, ada: Caller, noor: int) -> None:
    key = mail(ada, noor)
    worker.drain()
    writing.try_again(ada, [key])  # it was sent: the job finds nothing to do
    assert len(server.taken) == 1
    from rapport.records.write import derive

    second = mail(ada, noor, subject="Killed")
    derive("outgoing_mail", "state", {second: str(State.SENDING)})  # as a worker leaves it that dies while it sends
    worker.drain()
    assert (len(server.taken), read(ada, second)["state"]) == (1, "failed")
    assert "may have arrived" in read(ada, second)["error"]


def test_a_refusal_is_told_and_can_be_tried_again(server: Server, ada: Caller, noor: int) -> None:
    server.answer = "554 No such person"
    key = mail(ada, noor)
    worker.drain()
    assert (read(ada, key)["state"], read(ada, key)["error"]) == ("failed", "554 No such person")
    text = signed_in(ada).get(f"/people/{noor}/").content.decode()
    assert "Not sent" in text
    assert "554 No such person" in text
    server.answer = "250 OK"
    action = next(a for a in catalog.current()["outgoing_mail"].spec.actions if a.key == "again")
    assert action.run(ada, [key]) == "1 mail is sent again."
    worker.drain()
    assert read(ada, key)["state"] == "sent"
    assert "Not sent" not in signed_in(ada).get(f"/people/{noor}/").content.decode()


def test_a_server_that_is_away_is_asked_again_later(server: Server, ada: Caller, noor: int, settings: Any) -> None:
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    key = mail(ada, noor)
    worker.step()
    assert read(ada, key)["state"] == "waiting"
    assert JobRow.objects.get(key=f"mail-{key}").state == "waiting"
    settings.EMAIL_PORT = port
    JobRow.objects.update(due_at="2020-01-01T00:00:00Z")
    worker.drain()
    assert read(ada, key)["state"] == "sent"


def test_templates_fill_their_placeholders(server: Server, ada: Caller, noor: int) -> None:
    body = "Dear {{ person.first_name }} of {{ company.name }}, {{me.name}} about {{ deal.name }}."
    template = write.create(ada, "mail_template", {"name": "First", "subject": "For {{ person.name }}", "body": body})
    fjord = f.make(ada, "company", name="Fjord & Co")
    key = write.create(ada, "outgoing_mail", {"person": noor, "company": fjord, "template": template})
    assert read(ada, key)["subject"] == "For Noor Okafor"
    assert read(ada, key)["body"] == "Dear Noor of Fjord & Co, Ada about ."
    with pytest.raises(Invalid, match=r"person\.shoe_size"):
        write.create(ada, "mail_template", {"name": "Wrong", "body": "{{ person.shoe_size }} {{ me.password }}"})


def test_a_template_tells_nobody_what_they_may_not_see(ada: Caller, noor: int) -> None:
    template = write.create(ada, "mail_template", {"name": "T", "subject": "s", "body": "[{{ person.birthday }}]"})
    write.update(ada, "person", noor, {"birthday": "1990-05-01"})
    blind = f.user(fields={"person": {"birthday": "hidden"}})
    assert writing.wording(blind, template, {"person": noor})["body"] == "[]"
    assert writing.wording(ada, template, {"person": noor})["body"] != "[]"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"body": ""}, "body"),
        ({"subject": ""}, "subject"),
        ({"copies": "a@b.example; c"}, "copies"),
        ({"address": "nonsense"}, "address"),
    ],
)
def test_what_can_not_be_sent_is_refused(ada: Caller, noor: int, values: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        mail(ada, noor, **values)
    assert field in refused.value.errors
    nobody = f.make(ada, "person", first_name="Nobody")
    with pytest.raises(Invalid):
        mail(ada, nobody)


def test_headers_can_not_be_smuggled_in(server: Server, ada: Caller, noor: int) -> None:
    mail(ada, noor, subject="Hello\nBcc: victim@example.com")
    worker.drain()
    assert server.taken[0]["Bcc"] is None


def test_nobody_writes_from_a_foreign_address(ada: Caller) -> None:
    with pytest.raises(Invalid):
        profiles.keep(ada, "boss@bank.example", "")
    profiles.keep(ada, f"sales@{ada.email.rpartition('@')[2]}", "")
    assert profiles.of(ada).address.startswith("sales@")


def test_the_form_takes_the_wording_of_a_template(ada: Caller, noor: int) -> None:
    template = write.create(
        ada, "mail_template", {"name": "T", "subject": "S1", "body": "Dear {{ person.first_name }}"}
    )
    client = signed_in(ada)
    query = f"fields=body,subject,template,person&template={template}&person={noor}&body=&subject="
    text = client.get(f"/people/{noor}/compose/write-mail/?{query}", headers=HTMX).content.decode()
    assert "Dear Noor" in text
    assert "S1" in text


def test_the_settings_pages_test_the_server(server: Server, ada: Caller) -> None:
    client = signed_in(ada)
    assert "127.0.0.1" in client.get("/settings/mail/").content.decode()
    client.post("/settings/mail/")
    assert server.taken[0]["To"] == ada.email
    server.answer = "451 Later"
    client.post("/settings/mail/")
    assert "451 Later" in client.get("/settings/mail/").content.decode()
    client.post("/settings/my-mail/", {"address": "", "signature": "Ada"})
    assert "Ada" in client.get("/settings/my-mail/").content.decode()
    assert signed_in(f.user()).get("/settings/mail/").status_code == 403


def test_what_a_server_says_is_told_in_words() -> None:
    refused = smtplib.SMTPRecipientsRefused({"a@b.example": (550, b"No such user")})
    assert sending.told(refused) == "a@b.example: No such user"
    assert sending.told(OSError("Connection refused")) == "Connection refused"


# -- drafts -----------------------------------------------------------------------------------------------------------


def test_a_draft_goes_to_nobody_before_someone_sends_it(server: Server, ada: Caller, noor: int) -> None:
    key = mail(ada, noor, draft=True)
    worker.drain()
    assert (read(ada, key)["state"], server.taken, read(ada, key)["sender"]) == ("draft", [], None)
    client = signed_in(ada)
    for path in ("/", "/settings/my-mail/"):
        assert "Drafts to send" in client.get(path).content.decode()
    assert f"/outgoing-mail/{key}/draft/" in client.get(f"/people/{noor}/").content.decode()
    page = client.get(f"/outgoing-mail/{key}/draft/").content.decode()
    assert "A **word**." in page
    sent = {"fields": "address,copies,subject,body", "address": "noor@fjord.example", "copies": "", "act": "save",
            "subject": "Hello Noor", "body": "Better", "version": "1"}  # fmt: skip
    client.post(f"/outgoing-mail/{key}/draft/", {**sent, "address": ""})
    assert read(ada, key)["address"] == "noor@fjord.example"  # an empty one is the person's first
    assert (read(ada, key)["subject"], read(ada, key)["state"]) == ("Hello Noor", "draft")
    answer = client.post(f"/outgoing-mail/{key}/draft/", {**sent, "body": "Best", "version": "2", "act": "send"})
    assert (answer.status_code, answer["Location"]) == (303, f"/people/{noor}/")
    assert read(ada, key)["state"] == "waiting"
    worker.drain()
    (got,) = server.taken
    assert (got["Subject"], got.get_body(("plain",)).get_content().strip()) == ("Hello Noor", "Best")  # type: ignore[union-attr]
    assert (read(ada, key)["state"], read(ada, key)["sender"]) == ("sent", ada.user_id)
    assert "Drafts to send" not in client.get("/").content.decode()
    assert client.get(f"/outgoing-mail/{key}/draft/").status_code == 303


def test_a_draft_that_can_not_be_sent_says_why_and_stays(server: Server, ada: Caller, noor: int) -> None:
    key = mail(ada, noor, draft=True)
    client = signed_in(ada)
    sent = {
        "fields": "address,copies,subject,body",
        "address": "nonsense",
        "subject": "",
        "body": "Kept",
        "act": "send",
    }
    answer = client.post(f"/outgoing-mail/{key}/draft/", {**sent, "version": "1"})
    assert answer.status_code == 422
    assert "Kept" in answer.content.decode()
    worker.drain()
    assert (read(ada, key)["state"], server.taken) == ("draft", [])
    client.post(f"/outgoing-mail/{key}/draft/", {"act": "discard"})
    assert visible(ada, "outgoing_mail").allowed([key]) == set()


def test_a_mail_is_taken_back_before_the_server_has_it_and_not_after(server: Server, ada: Caller, noor: int) -> None:
    key = mail(ada, noor)
    write.update(ada, "outgoing_mail", key, {"draft": True})
    worker.drain()
    assert (read(ada, key)["state"], server.taken) == ("draft", [])
    assert writing.send(ada, [key]) == "1 mail is on its way."
    worker.drain()
    assert len(server.taken) == 1
    for values in ({"draft": True}, {"body": "Something else"}):
        with pytest.raises(Invalid, match="handed to the mail server"):
            write.update(ada, "outgoing_mail", key, values)


def test_who_presses_send_is_the_sender(server: Server, ada: Caller, noor: int) -> None:
    key = mail(ada, noor, draft=True)
    ben = f.user("Ben")
    write.update(ada, "outgoing_mail", key, {"owner": ben.user_id})
    assert writing.send(ben, [key])
    worker.drain()
    assert ben.email in server.taken[0]["From"]
    eve = f.user("Eve", rights={"outgoing_mail": {"read": "all"}})
    other = mail(ada, noor, draft=True)
    assert signed_in(eve).get(f"/outgoing-mail/{other}/draft/").status_code == 403
    assert signed_in(eve).post(f"/outgoing-mail/{other}/act/send/").status_code in {403, 404}
    blind = f.user("Bo", rights={"*": {"read": "none"}})
    assert signed_in(blind).get(f"/outgoing-mail/{other}/draft/").status_code == 404
    worker.drain()
    assert len(server.taken) == 1


def test_a_failed_mail_can_be_put_right(server: Server, ada: Caller, noor: int) -> None:
    server.answer = "550 No such mailbox"
    key = mail(ada, noor, address="nor@fjord.example")
    worker.drain()
    assert read(ada, key)["state"] == "failed"
    server.answer = "250 OK"
    write.update(ada, "outgoing_mail", key, {"address": "noor@fjord.example"})
    writing.try_again(ada, [key])
    worker.drain()
    assert server.taken[0]["To"] == "noor@fjord.example"
