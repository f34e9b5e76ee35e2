"""What may be written on the page of a ticket, and taking up a ticket on the page of a customer."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from rapport.apps.service import answering
from rapport.apps.service.models import Said
from rapport.records.accounts.caller import Caller
from rapport.registry import catalog
from rapport.registry.extensions import Composer


def on_ticket(caller: Caller, record: Any) -> dict[str, Any]:
    """What ties an entry to the ticket of the page."""
    return {"ticket": record.id}


def answering_on(caller: Caller, record: Any) -> dict[str, Any]:
    """The ticket of the page, and whether the answer can be sent: then it is, unless the writer says otherwise."""
    mail = catalog.current()[answering.MAIL]
    may = caller.may(mail, "create") and answering.reachable(caller, record.id)
    return {**on_ticket(caller, record), "by_mail": may}


def about(caller: Caller, record: Any) -> dict[str, Any]:
    """What a ticket taken up on the page of a customer is about, and who works on it."""
    values = {record.obj.key: record.id, "assignee": caller.user_id}
    if record.obj.key == "person":
        values["company"] = record.values.get("company")
    return values


def _entry(name: Said, label: Any, icon: str, order: int, prompt: Any, submit: Any) -> Composer:
    answer = name == Said.ANSWER
    return Composer(
        name=f"ticket-{name.value}", label=label, icon=icon, object_key="ticketentry", objects=("ticket",),
        fields=("body", "by_mail", "minutes") if answer else ("body", "minutes"),
        about=answering_on if answer else on_ticket, preset={"kind": name.value}, prompt=prompt, submit=submit,
        order=order,
    )  # fmt: skip


COMPOSERS = (
    _entry(Said.ANSWER, _("Answer"), "arrow-back-up", 10, _("Answer the customer…"), _("Save answer")),
    _entry(Said.NOTE, _("Internal note"), "note", 20, _("For colleagues only…"), _("Save note")),
    _entry(Said.CUSTOMER, _("From the customer"), "message", 30, _("What did the customer say?"), _("Save")),
    Composer(
        name="ticket", label=_("Ticket"), icon="lifebuoy", object_key="ticket", objects=("person", "company"),
        fields=("subject", "kind", "priority", "queue", "assignee"), about=about, prompt=_("What is it about?"),
        submit=_("Open ticket"), order=60,
    ),
)  # fmt: skip
