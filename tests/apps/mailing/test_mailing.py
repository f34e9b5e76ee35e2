"""Mail written in Rapport: templates, addresses, a real server on this machine, once and once only."""

from __future__ import annotations

import email
import email.policy
import smtplib
import socket
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from tests import factories as f
from tests.contract.conftest import signed_in

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


class Server:
    """An SMTP server on loopback that keeps what it takes, or refuses everything with `answer`."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.answer = "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.answer.startswith("250"):
            self.taken.append(email.message_from_bytes(envelope.content, policy=email.policy.default))  # type: ignore[arg-type]
        return self.answer


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    handler = Server()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_TIMEOUT = 5
    yield handler
    controller.stop()


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
