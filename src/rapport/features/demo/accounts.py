"""The demo organisation's users, teams and roles, and the note of what of them is demo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from rapport.features.demo.context import BATCH, Member
from rapport.records.accounts import caller as callers
from rapport.records.accounts import directory, roles, teams
from rapport.records.accounts.models import Organisation, Role, Team, User
from rapport.registry import catalog
from rapport.registry.objects import NONE

DOMAIN = "kestrel.example"
ADMINISTRATOR = f"demo@{DOMAIN}"
ORGANISATION = {
    "name": "Kestrel Systems", "country": "DE", "currency": "EUR", "zone": "Europe/Berlin", "language": "en",
}  # fmt: skip
TEAMS = ("Sales", "Service")
FULL = {"create": "all", "read": "all", "edit": "all", "delete": "all", "export": "all"}
SELLS = {"create": "all", "read": "all", "edit": "all", "delete": "own", "export": "team"}
SERVES = {"create": "all", "read": "all", "edit": "team", "delete": "own", "export": "none"}
READS = {"create": "none", "read": "all", "edit": "none", "delete": "none", "export": "none"}


@dataclass(frozen=True, slots=True)
class Someone:
    """A user to be made."""

    email: str
    name: str
    title: str
    group: str
    team: str
    role: str


PEOPLE = (
    Someone(ADMINISTRATOR, "Mia Lund", "Head of sales", "lead", "Sales", "Administrator"),
    Someone(f"tom.seidel@{DOMAIN}", "Tom Seidel", "Account executive", "sales", "Sales", "Sales"),
    Someone(f"anna.brandt@{DOMAIN}", "Anna Brandt", "Account executive", "sales", "Sales", "Sales"),
    Someone(f"jo.whitfield@{DOMAIN}", "Jo Whitfield", "Renewals manager", "sales", "Sales", "Sales"),
    Someone(f"priya.nair@{DOMAIN}", "Priya Nair", "Customer success", "service", "Service", "Service"),
    Someone(f"luis.ortega@{DOMAIN}", "Luis Ortega", "Support engineer", "service", "Service", "Service"),
    Someone(f"helen.voss@{DOMAIN}", "Helen Voss", "Controller", "reader", "", "Read only"),
)


def rights_of(level: dict[str, str]) -> dict[str, dict[str, str]]:
    """The same level for every object but those that only administrators make."""
    return {
        key: level for key, obj in catalog.current().objects.items() if obj.spec.access.create != NONE or key == "*"
    }


def make() -> tuple[Member, ...]:
    """Make users, teams and roles (and the organisation where there is none), and note their keys; all members.

    What a removal had to leave behind is taken up again.
    """
    note: dict[str, Any] = {"users": [], "teams": [], "roles": [], **noted(), "loaded": True}
    if directory.organisation() is None:
        directory.found_organisation(**ORGANISATION)
    groups = {name: _team(name, note) for name in TEAMS}
    jobs = {
        "Administrator": _role("Administrator", "Everything.", {"*": FULL}, note),
        "Sales": _role("Sales", "Works with all customers; deletes own records.", rights_of(SELLS), note),
        "Service": _role("Service", "Sees everything, edits what the team owns.", rights_of(SERVES), note),
        "Read only": _role("Read only", "Sees everything, changes nothing.", {"*": READS}, note),
    }
    users = []
    for someone in PEOPLE:
        user = User.objects.filter(email=someone.email, pk__in=note["users"]).first()
        if user is None:
            user = directory.create_user(
                someone.email, someone.name, title=someone.title, zone=ORGANISATION["zone"],
                is_admin=someone.group == "lead", teams=[groups[someone.team]] if someone.team else [],
                roles=[jobs[someone.role]],
            )  # fmt: skip
            note["users"].append(user.pk)
        users.append((someone, user))
    directory.keep_settings({BATCH: note})
    return tuple(_member(someone, user) for someone, user in users if someone.group != "reader")


def noted() -> dict[str, Any]:
    """What of the accounts is demo: `loaded`, and the keys of `users`, `teams`, `roles`; empty when nothing is."""
    found = directory.organisation()
    return dict(found.settings.get(BATCH) or {}) if found else {}


def _team(name: str, note: dict[str, Any]) -> Team:
    if found := Team.objects.filter(name=name).first():
        return found
    made = teams.create(callers.system(BATCH), name=name)
    note["teams"].append(made.pk)
    return made


def _role(name: str, description: str, rights: dict[str, dict[str, str]], note: dict[str, Any]) -> Role:
    """The role of this name; under another name where the organisation has a role of its own that is called so."""
    if kept := Role.objects.filter(name__in=(name, f"{name} (demo)"), pk__in=note["roles"]).first():
        return kept
    if Role.objects.filter(name=name).exists():
        name = f"{name} (demo)"
    system = callers.system(BATCH)
    made = roles.create(system, name=name)
    roles.update(system, made.pk, name=name, description=description, rights=rights)
    note["roles"].append(made.pk)
    return made


def _member(someone: Someone, user: User) -> Member:
    found = callers.of_user(user.pk)
    assert found is not None
    return Member(user.pk, someone.name, someone.group, found.through(BATCH, batch=BATCH))


def zone() -> ZoneInfo:
    """The organisation's zone."""
    found = directory.organisation() or Organisation(**ORGANISATION)
    return ZoneInfo(found.zone)
