"""What is filled in and checked when a mail is written, and its way into the queue: at once, or out of the drafts."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from rapport.apps.mailing.models import State
from rapport.features.wording import placeholders
from rapport.records.accounts import caller as callers
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid, NotFound
from rapport.records.jobs import queue
from rapport.records.read import visible
from rapport.records.write import Batch, Entry, derive, update_many
from rapport.registry.objects import Action

JOB = "send-mail"
MOST_COPIES = 20
ABOUT = ("person", "company", "deal")
"""Objects whose fields a text may name."""


def prepare(batch: Batch) -> None:
    """Wording of the template where nothing was written; the address; what is sent can't be changed."""
    for entry in batch.entries:
        if entry.changes("ticket"):
            entry.values["origin"] = _address_of_queue(entry.values["ticket"])
        if batch.action != "create":
            _unsent(entry)
            if entry.changes("address") and not entry.get("address"):
                entry.values["address"] = _first_address(batch.caller, entry.get("person"))
            continue
        values = _of_template(batch.caller, entry)
        for name in ("subject", "body"):
            if not entry.get(name) and values.get(name):
                entry.values[name] = values[name]
        if not entry.errors:
            _check(batch, entry)


def _address_of_queue(ticket: int | None) -> str:
    """The address from which answers on a ticket come, if its queue has one."""
    system = callers.system("mail")
    try:
        queue = visible(system, "ticket").get(ticket or 0).values.get("queue")
        return str(visible(system, "queue").get(queue or 0).values.get("address") or "")
    except NotFound:
        return ""


def _unsent(entry: Entry) -> None:
    """Refuse changes of a mail that the server has, or may have."""
    changed = [name for name in entry.values if entry.changes(name)]
    if changed and entry.before.get("state") in {State.SENDING, State.SENT}:
        entry.refuse(changed[0], _("This mail was handed to the mail server: it can't be changed any more."))


def prepare_template(batch: Batch) -> None:
    """A template has only placeholders that can be filled."""
    placeholders.check(batch, ("subject", "body"), ABOUT)


def _of_template(caller: Caller, entry: Entry) -> dict[str, str]:
    about = {n: entry.get(n) for n in ABOUT}
    return wording(caller, entry.get("template"), about) if entry.get("template") else {}


def wording(caller: Caller, template: int | None, about: Mapping[str, int | None]) -> dict[str, str]:
    """Subject and text of a template for somebody; empty for a template that the caller may not see."""
    if template is None:
        return {}
    try:
        found = visible(caller, "mail_template").get(template).values
    except NotFound:
        return {}
    return {n: placeholders.fill(found.get(n) or "", caller, about) for n in ("subject", "body")}


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
    """New mail, and what is no draft any more, goes into the queue, in the transaction that writes it down."""
    if batch.action == "create":
        _go(batch, [e.id for e in batch.entries if not e.get("draft")])
        _keep([e.id for e in batch.entries if e.get("draft")])
    elif batch.action == "update":
        turned = [e for e in batch.entries if e.changes("draft")]
        _go(batch, [e.id for e in turned if not e.get("draft")])
        _keep([e.id for e in turned if e.get("draft")])


def _keep(ids: list[int]) -> None:
    """Drafts, taken back from the queue if they were in it."""
    derive("outgoing_mail", "state", dict.fromkeys(ids, str(State.DRAFT)))


def _go(batch: Batch, ids: list[int]) -> None:
    """Into the queue, in the name of whoever acts."""
    derive("outgoing_mail", "state", dict.fromkeys(ids, str(State.WAITING)))
    derive("outgoing_mail", "sender", dict.fromkeys(ids, batch.caller.user_id))
    for key in ids:
        queue.enqueue(JOB, {"mail": key}, key=f"mail-{key}", user_id=batch.caller.user_id)


def send(caller: Caller, ids: list[int]) -> str:
    """Send drafts, in the name of the caller. Raises NotFound, Forbidden, Invalid."""
    errors = update_many(caller, "outgoing_mail", ids, {"draft": False})
    if errors:
        raise Invalid(next(iter(errors.values())))
    text = ngettext("%(count)d mail is on its way.", "%(count)d mails are on their way.", len(ids))
    return text % {"count": len(ids)}


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
SEND = Action(
    key="send", label=gettext_lazy("Send"), icon="send", run=send,
    offered={"field": "state", "op": "is", "value": State.DRAFT.value},
)  # fmt: skip
