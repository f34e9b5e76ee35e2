"""A small organisation with records of every object, filled in by a process of the deployment under test."""

from __future__ import annotations

from django.core.files.base import ContentFile
from tests import factories as f

from rapport.features.files.storing import store
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.models import Role, Team, User
from rapport.records.customising.models import CustomField
from rapport.records.jobs import worker
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
    team = Team.objects.create(name="Sales")
    role = Role.objects.create(name="Sales", rights={"*": {"read": "all"}})
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
    doomed = f.make(admin, "person", last_name="Gone")
    write.delete(admin, "person", [doomed])
    write.update(admin, "person", made["person"], {"job": "Captain"})
    field = CustomField.objects.filter(type="choice").earliest("pk").pk
    return {**made, "user": ada.pk, "team": team.pk, "role": role.pk, "field": field, "doomed": doomed}


def _converse(admin: Caller, ben: Caller, made: dict[str, int]) -> None:
    """What pages show of service and of working together: answers, comments, followers, versions, who leads whom."""
    company, boss = made["company"], made["person"]
    about = {"person": boss, "company": company, "assignee": admin.user_id}
    made["ticket"] = write.create(admin, "ticket", {"subject": "Invoice is wrong", "kind": "complaint", **about})
    for kind in ("customer", "answer", "note"):
        write.create(admin, "ticketentry", {"ticket": made["ticket"], "kind": kind, "body": "It *is* so", "minutes": 5})
    for score in (2, 5):
        write.create(admin, "surveyanswer", {"score": score, "ticket": made["ticket"], "comment": "Fine"})
    for number in range(3):
        below = f.make(admin, "person", last_name=f"Below {number}", company=company, job="Clerk")
        write.create(admin, "personrelation", {"person": below, "kind": "reports", "other": boss})
        boss = below if number == 1 else boss
    write.create(admin, "household", {"name": "Garden Road 4", "members": [made["person"], below]})
    for content in (b"hello", b"hello again"):
        store(admin, ContentFile(content, name="plan.txt"), "person", made["person"])
    write.create(ben, "comment", {"object_key": "person", "record_id": made["person"], "body": "@Ada Admin, **look**"})
    worker.drain()


def _plain(field: FieldSpec) -> bool:
    """Whether a sample of the field fits any record: no reference, which may close a circle."""
    return field.type.key not in {"reference", "references", "participants", "user", "team", "file"}


def _user(email: str, name: str, *, is_admin: bool) -> User:
    return User.objects.create_user(email, "correct horse battery", name=name, is_admin=is_admin, zone="Europe/Berlin")
