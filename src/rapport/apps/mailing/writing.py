"""What is filled in and checked when a mail is written, and its way into the queue."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from rapport.apps.mailing.models import State
from rapport.apps.mailing.placeholders import fill
from rapport.records.accounts.caller import Caller
from rapport.records.errors import NotFound
from rapport.records.jobs import queue
from rapport.records.read import visible
from rapport.records.write import Batch, Entry, derive
from rapport.registry.objects import Action

JOB = "send-mail"
MOST_COPIES = 20


def prepare(batch: Batch) -> None:
    """Wording of the template where nothing was written; the address; what is sent can't be changed."""
    for entry in batch.entries:
        if batch.action != "create":
            continue
        values = _of_template(batch.caller, entry)
        for name in ("subject", "body"):
            if not entry.get(name) and values.get(name):
                entry.values[name] = values[name]
        if not entry.errors:
            _check(batch, entry)


def _of_template(caller: Caller, entry: Entry) -> dict[str, str]:
    about = {n: entry.get(n) for n in ("person", "company", "deal")}
    return wording(caller, entry.get("template"), about) if entry.get("template") else {}


def wording(caller: Caller, template: int | None, about: Mapping[str, int | None]) -> dict[str, str]:
    """Subject and text of a template for somebody; empty for a template that the caller may not see."""
    if template is None:
        return {}
    try:
        found = visible(caller, "mail_template").get(template).values
    except NotFound:
        return {}
    return {n: fill(found.get(n) or "", caller, about) for n in ("subject", "body")}


def _check(batch: Batch, entry: Entry) -> None:
    if not entry.get("address") and entry.get("person"):
        entry.values["address"] = _first_address(batch.caller, entry.get("person"))
    copies = [c.strip() for c in (entry.get("copies") or "").split(",") if c.strip()]
    if len(copies) > MOST_COPIES or not all(map(_is_address, copies)):
        entry.refuse(
            "copies", _("Give up to %(count)d e-mail addresses, separated by commas.") % {"count": MOST_COPIES}
        )
    entry.values["copies"] = ", ".join(copies)


def _first_address(caller: Caller, person: int) -> str:
    try:
        points = visible(caller, "person").get(person).values.get("emails") or ()
    except NotFound:
        return ""
    return str(points[0]["value"]) if points else ""


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def effects(batch: Batch) -> None:
    """New mail goes into the queue, in the transaction that writes it down."""
    if batch.action == "create":
        derive("outgoing_mail", "state", dict.fromkeys(batch.ids, str(State.WAITING)))
        for entry in batch.entries:
            queue.enqueue(JOB, {"mail": entry.id}, key=f"mail-{entry.id}", user_id=batch.caller.user_id)


def try_again(caller: Caller, ids: list[int]) -> str:
    """Send mail again that could not be sent; of others nothing is done."""
    failed = {"field": "state", "op": "is", "value": State.FAILED.value}
    rows = visible(caller, "outgoing_mail").page(columns=("state",), ids=ids, filter=failed, size=len(ids)).rows
    ids = [row.id for row in rows]
    derive("outgoing_mail", "state", dict.fromkeys(ids, str(State.WAITING)))
    derive("outgoing_mail", "error", dict.fromkeys(ids, ""))
    for key in ids:
        queue.enqueue(JOB, {"mail": key}, key=f"mail-{key}", user_id=caller.user_id)
    return ngettext("%(count)d mail is sent again.", "%(count)d mails are sent again.", len(ids)) % {"count": len(ids)}


AGAIN = Action(
    key="again", label=gettext_lazy("Send again"), icon="send", run=try_again, needs="delete",
    offered={"field": "state", "op": "is", "value": "failed"},
)  # fmt: skip
