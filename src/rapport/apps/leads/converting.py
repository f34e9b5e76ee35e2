"""What becomes of a lead: a person, a company and a deal in one act, or nothing, with the reason.

Nothing is copied twice: who is known is taken as they are, and the lead stays, tied to what became of it.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy, ngettext

from rapport.apps.customers import identities
from rapport.apps.leads.models import Status
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid
from rapport.records.read import RowView, visible
from rapport.records.write import create, update, update_each
from rapport.registry.objects import Action, Made

COLUMNS = (
    "subject", "first_name", "last_name", "job", "email", "phone", "company_name", "amount", "description", "person",
    "company", "owner", "team", "status",
)  # fmt: skip
EARLY = ("visitor", "subscriber", "lead", "")
"""Life-cycle stages that a conversion raises to qualified."""
FREE_MAIL = frozenset({"gmail", "googlemail", "outlook", "hotmail", "live", "yahoo", "icloud", "gmx", "web", "proton"})
"""Providers of mail for everyone: their domains tell no company. The first label of the domain."""


def convert(caller: Caller, ids: list[int]) -> Made | str:
    """Make person, company and deal of leads, in one transaction. Raises Invalid, Forbidden."""
    made = _convert(caller, ids, deal=True)
    text = ngettext("%(count)d lead converted.", "%(count)d leads converted.", len(made)) % {"count": len(made)}
    return Made(text, "deal", made[-1]["deal"]) if made else text


def keep(caller: Caller, ids: list[int]) -> Made | str:
    """Make person and company of leads, and no deal. Raises Invalid, Forbidden."""
    made = _convert(caller, ids, deal=False)
    text = ngettext("%(count)d lead kept as a contact.", "%(count)d leads kept as contacts.", len(made))
    text %= {"count": len(made)}
    return Made(text, "person", made[-1]["person"]) if made else text


@transaction.atomic
def _convert(caller: Caller, ids: list[int], *, deal: bool) -> list[dict[str, Any]]:
    """What each lead became, as its own fields say it."""
    found: list[dict[str, Any]] = []
    for part in db.chunks(sorted(ids)):
        rows = visible(caller, "lead").page(columns=COLUMNS, ids=part, sort="created_at", size=len(part)).rows
        found += [_one(caller, row, deal=deal) for row in rows if row.values["status"] != Status.CONVERTED]
    return found


def _one(caller: Caller, lead: RowView, *, deal: bool) -> dict[str, Any]:
    said = lead.values
    person = said.get("person") or identities.known_to(caller, said.get("email") or "")
    before = visible(caller, "person").get(person).values if person else {}
    company = said.get("company") or before.get("company") or _company(caller, said)
    if person is None:
        person = create(caller, "person", _person(said, company))
    else:
        changes: dict[str, Any] = {"lifecycle": "qualified"} if before.get("lifecycle") in EARLY else {}
        if company and not before.get("company"):
            changes["company"] = company
        if changes:
            update(caller, "person", person, changes)
    made: dict[str, Any] = {"status": Status.CONVERTED, "person": person, "company": company}
    if deal:
        values = {n: said.get(n) for n in ("amount", "description", "owner", "team")}
        name = said.get("subject") or lead.title
        made["deal"] = create(caller, "deal", {**values, "name": name, "person": person, "company": company})
    errors = update_each(caller, "lead", [(lead.id, made)])
    if errors:
        raise Invalid(next(iter(errors.values())))
    return made


def _person(said: Any, company: int | None) -> dict[str, Any]:
    points = {"emails": said.get("email"), "phones": said.get("phone")}
    return {
        **{n: said.get(n) for n in ("first_name", "last_name", "job", "owner", "team")},
        **{n: [{"value": value}] for n, value in points.items() if value},
        "company": company,
        "lifecycle": "qualified",
    }


def _company(caller: Caller, said: Any) -> int | None:
    """The company that the lead names, found by its name or made; None when it names none."""
    name = (said.get("company_name") or "").strip()
    if not name:
        return None
    same = {"field": "name", "op": "is", "value": name}
    rows = visible(caller, "company").page(columns=("name",), filter=same, sort="created_at", size=1).rows
    if rows:
        return rows[0].id
    _user, _at, domain = (said.get("email") or "").rpartition("@")
    own = [{"value": domain}] if domain and domain.split(".")[0].lower() not in FREE_MAIL else []
    return create(caller, "company", {"name": name, "domains": own, **{n: said.get(n) for n in ("owner", "team")}})


def disqualify(caller: Caller, ids: list[int], values: dict[str, Any]) -> str:
    """Nothing comes of leads, for a reason. Raises Invalid, Forbidden."""
    errors = update_each(caller, "lead", [(i, {**values, "status": Status.DISQUALIFIED}) for i in ids])
    if errors:
        raise Invalid(next(iter(errors.values())))
    return ngettext("%(count)d lead disqualified.", "%(count)d leads disqualified.", len(ids)) % {"count": len(ids)}


def reopen(caller: Caller, ids: list[int]) -> str:
    """Work on leads again. Raises Invalid, Forbidden."""
    errors = update_each(caller, "lead", [(i, {"status": Status.WORKING}) for i in ids])
    if errors:
        raise Invalid(next(iter(errors.values())))
    return ngettext("%(count)d lead open again.", "%(count)d leads open again.", len(ids)) % {"count": len(ids)}


_OPEN = {"field": "status", "op": "in", "value": ["new", "working", "qualified"]}
CONVERT = Action(key="convert", label=gettext_lazy("Convert to a deal"), icon="coin", run=convert, offered=_OPEN)
KEEP = Action(key="keep", label=gettext_lazy("Keep as a contact"), icon="user-plus", run=keep, offered=_OPEN)
DISQUALIFY = Action(
    key="disqualify", label=gettext_lazy("Disqualify"), icon="thumb-down", run=disqualify,
    asks=("reason", "reason_note"), offered=_OPEN,
)  # fmt: skip
REOPEN = Action(
    key="reopen", label=gettext_lazy("Open again"), icon="rotate", run=reopen,
    offered={"field": "status", "op": "is", "value": "disqualified"},
)  # fmt: skip
