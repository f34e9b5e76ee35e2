"""Planning a task on the page of a record."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from rapport.records.accounts.caller import Caller
from rapport.registry.extensions import Composer

PAGES = ("person", "company", "deal", "ticket")


def about(caller: Caller, record: Any) -> dict[str, Any]:
    """What a task planned on this page is about."""
    values = {record.obj.key: record.id, "assignee": caller.user_id}
    if "company" in record.values and record.obj.key != "company":
        values["company"] = record.values["company"]
    if record.obj.key in {"deal", "ticket"}:
        values["person"] = record.values.get("person")
    return values


TASK = Composer(
    name="task", label=_("Task"), icon="checkbox", object_key="task", objects=PAGES,
    fields=("subject", "due_at", "assignee", "priority"), about=about, prompt=_("What is to be done?"),
    submit=_("Plan task"), order=50,
)  # fmt: skip
