"""What may be written down on the page of a person, a company or a deal: note, call, mail, meeting."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from rapport.apps.customers.models import Direction, Kind
from rapport.records.accounts.caller import Caller
from rapport.registry.extensions import Composer

PAGES = ("person", "company", "deal")


def about(caller: Caller, record: Any) -> dict[str, Any]:
    """Participants, company and deal that an interaction noted on this page has."""
    values = record.values
    match record.obj.key:
        case "person":
            return {"people": [record.id], "company": values.get("company")}
        case "company":
            return {"company": record.id}
        case _:
            people = dict.fromkeys((values.get("person"), *(values.get("people") or ())))
            return {"deal": record.id, "company": values.get("company"), "people": [p for p in people if p]}


def _composer(name: Kind, label: Any, icon: str, order: int, fields: tuple[str, ...], **more: Any) -> Composer:
    preset = {"kind": name.value, **more.pop("preset", {})}
    return Composer(
        name=name.value, label=label, icon=icon, object_key="interaction", objects=PAGES, fields=fields,
        about=about, preset=preset, order=order, **more,
    )  # fmt: skip


COMPOSERS = (
    _composer(
        Kind.NOTE, _("Note"), "note", 10, ("body", "people"), prompt=_("Write a note…"), submit=_("Save note"),
    ),
    _composer(
        Kind.CALL, _("Call"), "phone", 20, ("body", "direction", "minutes", "outcome", "at", "people"),
        prompt=_("What was said?"), submit=_("Log call"), preset={"direction": Direction.OUT.value},
    ),
    _composer(
        Kind.MAIL, _("E-mail"), "mail", 30, ("body", "subject", "direction", "at", "people"),
        prompt=_("Paste or sum up the mail…"), submit=_("Log e-mail"), preset={"direction": Direction.OUT.value},
    ),
    _composer(
        Kind.MEETING, _("Meeting"), "calendar-event", 40, ("body", "subject", "at", "minutes", "outcome", "people"),
        prompt=_("What was agreed?"), submit=_("Log meeting"),
    ),
)  # fmt: skip
