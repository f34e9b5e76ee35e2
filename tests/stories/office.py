"""A small organisation with records of every object, filled in by a process of the deployment under test."""

from __future__ import annotations

import datetime as dt
import json

from django.core.files.base import ContentFile
from django.utils import timezone
from tests import factories as f

from rapport.apps.cdp import decoding, sources, storing
from rapport.apps.mailing.intake import connecting
from rapport.apps.mailing.models import Mailbox
from rapport.features.files.storing import store
from rapport.features.webhooks import endpoints, sending
from rapport.features.webhooks.models import Delivery, State
from rapport.features.webhooks.subscribing import Wanted
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.models import Role, Team, User
from rapport.records.customising.models import CustomField
from rapport.records.jobs import worker
from rapport.records.jobs.models import JobRow
from rapport.registry import catalog
from rapport.registry.fields import FieldSpec

ADMINISTRATOR = "ada@example.com"
SELLER = "ben@example.com"
BOAT = ("boat", "boats")
STAGES = (("New", "open"), ("Offer", "open"), ("Won", "won"), ("Lost", "lost"))


def fill() -> dict[str, int]:
    """Make it all. The keys of records by object, and of what settings pages are about."""
    organisation = f.organisation()
    organisation.name = "Acme"
    organisation.save()
    team = Team.objects.create(name="Field crew")
    role = Role.objects.create(name="Field crew", rights={"*": {"read": "all"}})
    ada = _user(ADMINISTRATOR, "Ada Admin", is_admin=True)
    ben = _user(SELLER, "Ben Seller", is_admin=False)
    ben.roles.add(role)
    admin = f.caller_of(ada.pk)
    f.custom_object(*BOAT)
    f.every_custom_field(BOAT[0])
    pipeline = write.create(admin, "pipeline", {"name": "New business", "position": 0})
    stages = [
        write.create(
            admin, "stage", {"name": name, "pipeline": pipeline, "position": n, "outcome": outcome, "rotting_days": 9}
        )
        for n, (name, outcome) in enumerate(STAGES)
    ]
    made = {"pipeline": pipeline, "stage": stages[0]}
    for key, obj in catalog.current().objects.items():
        if key in made or key == "file":
            continue
        for _again in range(3):
            values = {field.name: f.sample(admin, obj, field) for field in obj.form_fields if _plain(field)}
            if key == "deal":
                values |= {"pipeline": pipeline, "stage": stages[0]}
            made[key] = f.make(admin, key, **values)
    made["file"] = store(admin, ContentFile(b"hello", name="offer.txt"), "person", made["person"])
    _converse(admin, f.caller_of(ben.pk), made)
    _webhook(admin, made)
    _mailboxes(made)
    _events(made)
    doomed = f.make(admin, "person", last_name="Gone")
    write.delete(admin, "person", [doomed])
    write.update(admin, "person", made["person"], {"job": "Captain"})
    field = CustomField.objects.filter(type="choice").earliest("pk").pk
    return {**made, "user": ada.pk, "team": team.pk, "role": role.pk, "field": field, "doomed": doomed}


def _converse(admin: Caller, ben: Caller, made: dict[str, int]) -> None:
    """What pages show of service and of working together: answers, comments, followers, versions, who leads whom."""
    company, boss = made["company"], made["person"]
    about = {"person": boss, "company": company, "assignee": admin.user_id}
    about["queue"] = made["queue"] = write.create(admin, "queue", {"name": "Support", "how": "load"})
    made["ticket"] = write.create(admin, "ticket", {"subject": "Invoice is wrong", "kind": "complaint", **about})
    for kind in ("customer", "answer", "note"):
        write.create(admin, "ticketentry", {"ticket": made["ticket"], "kind": kind, "body": "It *is* so", "minutes": 5})
    for score in (2, 5):
        write.create(admin, "surveyanswer", {"score": score, "ticket": made["ticket"], "comment": "Fine"})
    for number in range(3):
        below = f.make(admin, "person", last_name=f"Below {number}", company=company, job="Clerk")
        write.create(admin, "personrelation", {"person": below, "kind": "reports", "other": boss})
        boss = below if number == 1 else boss
    _ask(admin, made)
    write.create(admin, "household", {"name": "Garden Road 4", "members": [made["person"], below]})
    for content in (b"hello", b"hello again"):
        store(admin, ContentFile(content, name="plan.txt"), "person", made["person"])
    _sequence(admin, made)
    write.create(ben, "comment", {"object_key": "person", "record_id": made["person"], "body": "@Ada Admin, **look**"})
    worker.drain()


def _mailboxes(made: dict[str, int]) -> None:
    """A mailbox that is read, one that can't be, and one that is switched off."""
    given = {"host": "127.0.0.1", "port": 9, "username": "desk", "password": "sealed", "since": dt.date(2026, 5, 4)}
    for name, more in (
        ("Support", {"fetched_at": timezone.now()}), ("Shop", {"error": connecting.told(TimeoutError())}),
        ("Old", {"active": False}),
    ):  # fmt: skip
        found = Mailbox.objects.create(name=name, address=f"{name.lower()}@example.com", **given, **more)
        made["mailbox"] = found.pk


def _ask(admin: Caller, made: dict[str, int]) -> None:
    """A playbook with a step of each kind, one of them answered."""
    book = write.create(admin, "playbook", {"name": "First talk", "stages": [made["stage"]], "kinds": ["call"]})
    made["playbook"] = book
    for number, reply in enumerate(("text", "tick", "choice", "number", "date")):
        step = {"name": f"Question {number}", "wording": f"*W{number}*", "reply": reply, "options": "One\nTwo"}
        more = {"playbook": book, "must": number == 1, "position": number}
        made["playbook_step"] = write.create(admin, "playbook_step", {**step, **more})
    answer = {"deal": made["deal"], "step": made["playbook_step"], "value": "2026-05-04"}
    made["playbook_answer"] = write.create(admin, "playbook_answer", answer)


def _sequence(admin: Caller, made: dict[str, int]) -> None:
    """A sequence with steps of each kind, in which the person of the pages is."""
    made["sequence"] = write.create(admin, "sequence", {"name": "First contact", "goal": "A first talk"})
    for kind in ("mail", "call", "task"):
        values = {"sequence": made["sequence"], "kind": kind, "subject": f"A {kind}", "body": "A **word**", "day": 2}
        made["sequence_step"] = write.create(admin, "sequence_step", values)
    made["enrollment"] = write.create(admin, "enrollment", {"sequence": made["sequence"], "person": made["person"]})


def _events(made: dict[str, int]) -> None:
    """What a source sent, in words of its own: of somebody who is known, of somebody who is not, one left out."""
    source = sources.Source(made["event_source"], frozenset(), True)
    batch = (
        {"type": "identify", "userId": "u1", "anonymousId": "v1", "traits": {"email": "mina@example.com"}},
        {"type": "page", "anonymousId": "v1", "name": "Tarif"},
        {"type": "track", "userId": "u1", "event": "Bestellung", "properties": {"product": "A", "revenue": 9.5}},
        {"type": "track", "anonymousId": "a" * 200, "event": "Tarif " * 30},
        {"type": "identify", "userId": "u2"},
    )
    now = timezone.now()
    events = [decoding.taken(json.dumps(one).encode(), source.id, "", None, now) for one in batch]
    storing.store(source, events, [decoding.NO_ID], now)
    worker.drain()


def _webhook(admin: Caller, made: dict[str, int]) -> None:
    """A webhook with a message in each state, one that was tried twice; nothing is sent."""
    wanted = [
        Wanted("company", ("created", "updated"), {"field": "industry", "op": "is", "value": "retail"}),
        Wanted("deal", ("updated",)),
    ]
    endpoint, _secret = endpoints.create(admin, url="https://shop.invalid/hooks/crm", events=wanted, description="Shop")
    made["webhook"] = endpoint.pk
    now = timezone.now().isoformat()
    tried = [
        {"at": now, "status": None, "error": "time", "ms": 10_000},
        {"at": now, "status": 500, "error": "", "ms": 9},
    ]
    for state in State:
        row = endpoints.test(admin, endpoint.pk)
        values = {"state": state, "status": 500, "answer": "<h1>Closed</h1>", "log": tried, "message": f"msg_{state}"}
        Delivery.objects.filter(pk=row.pk).update(**values)
    JobRow.objects.filter(name=sending.JOB).delete()


def _plain(field: FieldSpec) -> bool:
    """Whether a sample of the field fits any record: no reference, which may close a circle."""
    return field.type.key not in {"reference", "references", "participants", "user", "team", "file"}


def _user(email: str, name: str, *, is_admin: bool) -> User:
    return User.objects.create_user(email, "correct horse battery", name=name, is_admin=is_admin, zone="Europe/Berlin")
