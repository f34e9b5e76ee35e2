"""What may be written on the page of a ticket, and taking up a ticket on the page of a customer."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from rapport.apps.service.models import Said
from rapport.records.accounts.caller import Caller
from rapport.registry.extensions import Composer


def on_ticket(caller: Caller, record: Any) -> dict[str, Any]:
    """What ties an entry to the ticket of the page."""
    return {"ticket": record.id}


def about(caller: Caller, record: Any) -> dict[str, Any]:
    """What a ticket taken up on the page of a customer is about, and who works on it."""
    values = {record.obj.key: record.id, "assignee": caller.user_id}
    if record.obj.key == "person":
        values["company"] = record.values.get("company")
    return values


def _entry(name: Said, label: Any, icon: str, order: int, prompt: Any, submit: Any) -> Composer:
    return Composer(
        name=f"ticket-{name.value}", label=label, icon=icon, object_key="ticketentry", objects=("ticket",),
        fields=("body", "minutes"), about=on_ticket, preset={"kind": name.value}, prompt=prompt, submit=submit,
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
