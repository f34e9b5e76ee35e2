"""Writing mail on the page of a person or a deal, with the wording of templates; how it went."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from rapport.apps.mailing.models import OutgoingMail, State
from rapport.apps.mailing.writing import wording
from rapport.records.accounts.caller import Caller
from rapport.records.read import RecordView, RowView, visible
from rapport.registry import catalog
from rapport.registry.extensions import Composer, Panel

PAGES = ("person", "company", "deal")
NOTED = (*PAGES, "ticket", "outgoing_mail")
"""Objects on whose pages it is said how mail stands."""
SHOWN = 5


def about(caller: Caller, record: RecordView) -> dict[str, Any]:
    """Whom a mail that is written on this page goes to, and what it is about."""
    values = record.values
    match record.obj.key:
        case "person":
            return {"person": record.id, "company": values.get("company")}
        case "company":
            return {"company": record.id}
        case _:
            return {"deal": record.id, "company": values.get("company"), "person": values.get("person")}


def fill(caller: Caller, record: RecordView, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The form with the wording of the template that was chosen; what was written stays where it has none."""
    text = str(values.get("template") or "")
    template = int(text) if text.isdecimal() and len(text) < 19 else None
    known = {n: _key(values.get(n)) for n in ("person", "company", "deal")}
    found = wording(caller, template, known)
    return {**values, **{n: v for n, v in found.items() if v}}


def _key(value: Any) -> int | None:
    text = str(value or "")
    return int(text) if text.isdecimal() and len(text) < 19 else None


COMPOSER = Composer(
    name="write-mail", label=_("Write e-mail"), icon="send", object_key="outgoing_mail", objects=PAGES,
    fields=("body", "subject", "template", "person", "copies"), about=about, prompt=_("Write a mail…"),
    submit=_("Send"), order=25, live=("template",), fill=fill,
)  # fmt: skip


def on_the_way(caller: Caller, record: RecordView) -> Mapping[str, Any] | None:
    """Mail about the record that is not sent yet, or could not be; None when all is."""
    mail = catalog.current()["outgoing_mail"]
    if not caller.may(mail, "read"):
        return None
    door, columns = visible(caller, mail), ("state", "error")
    unsent: Mapping[str, Any] = {"field": "state", "op": "is_not", "value": State.SENT.value}
    if record.obj.key == mail.key:
        rows = door.page(columns=columns, filter=unsent, ids=[record.id], size=1).rows
    else:
        about = {"field": record.obj.key, "op": "is", "value": record.id}
        rows = door.page(columns=columns, filter={"all": [about, unsent]}, sort="-created_at", size=SHOWN).rows
    if not rows:
        return None
    mine = door.allowed([row.id for row in rows], "edit")
    items = [_item(mail.plural, row, editable=row.id in mine) for row in rows]
    return {"items": items, "next": reverse("record", args=[record.obj.plural, record.id])}


def _item(plural: str, row: RowView, *, editable: bool) -> dict[str, Any]:
    state = State(row.values["state"])
    own = editable and state == State.DRAFT
    return {
        "subject": row.title,
        "url": reverse("mail-draft", args=[row.id]) if own else reverse("record", args=[plural, row.id]),
        "failed": state == State.FAILED,
        "draft": own,
        "tone": state_tone(state),
        "label": state.label,
        "error": row.values.get("error"),
        "again_url": reverse("act", args=[plural, row.id, "again"]),
    }


def state_tone(state: State) -> str:
    """The colour of a state, as lists show it."""
    return OutgoingMail.state_tones[state.value]


PANEL = Panel(
    name="mail-on-the-way", objects=NOTED, template="mailing/on_the_way.html", context=on_the_way, place="top", order=20
)
