"""What follows from what is entered of a person or a company."""

from __future__ import annotations

from django.utils.translation import gettext as _

from rapport.records.write import Batch


def prepare(batch: Batch) -> None:
    """The full name; something to call a person by is needed: a name, a mail address or a phone number."""
    for entry in batch.entries:
        if batch.action == "update" and not {"first_name", "last_name", "emails", "phones"} & entry.values.keys():
            continue
        parts = (entry.get("first_name"), entry.get("last_name"))
        points = (*(entry.get("emails") or ()), *(entry.get("phones") or ()))
        name = " ".join(p for p in parts if p) or (points[0]["value"] if points else "")
        if not name and not entry.errors:
            entry.refuse("last_name", _("Give a name, an e-mail address or a phone number."))
        entry.values["name"] = name[:200]


def prepare_company(batch: Batch) -> None:
    """A company is not part of itself."""
    for entry in batch.entries:
        if entry.id and entry.get("parent") == entry.id:
            entry.refuse("parent", _("A company can't be part of itself."))


def prepare_employment(batch: Batch) -> None:
    """A role to call it by; nobody stops before they began."""
    for entry in batch.entries:
        if not entry.get("role") and (batch.action == "create" or "role" in entry.values):
            entry.values["role"] = _("Employee")
        started, ended = entry.get("started_on"), entry.get("ended_on")
        if started and ended and ended < started:
            entry.refuse("ended_on", _("This is before the start."))
