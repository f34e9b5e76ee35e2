"""Mail that came in, on its own page and on that of the interaction it became: text, quotes folded, attachments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from rapport.apps.mailing.incoming import KEY, TABLE
from rapport.apps.mailing.intake.reading import ORIGINAL, reply_of
from rapport.features.files import storing
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.errors import NotFound
from rapport.records.read import RecordView, visible
from rapport.registry import catalog
from rapport.registry.extensions import Panel
from rapport.surfaces.web.cells import record_url
from rapport.ui.markup import render_markdown


def letter(caller: Caller, record: RecordView) -> Mapping[str, Any] | None:
    """The letter, as far as the caller may see it; None for an interaction that is none."""
    mail: RecordView | None = record if record.obj.key == KEY else _of_interaction(caller, record.id)
    if mail is None:
        return None
    own, body = mail is record, mail.values.get("body") or ""
    if own and not body:
        return None
    reply = reply_of(body)
    rest = body[len(reply) :].strip() if body.startswith(reply) else ""
    held = storing.files_of(caller, KEY, mail.id) if caller.may(catalog.current()[storing.KEY], "read") else []
    files = [
        {"name": row["name"], "url": reverse("download", args=[row["id"]]), "original": row["name"] == ORIGINAL}
        for row in reversed(held)
    ]
    return {
        "text": render_markdown(reply if rest else body) if own else "", "quoted": render_markdown(rest) if own else "",
        "files": files, "url": "" if own else record_url(KEY, mail.id), "title": mail.title,
    }  # fmt: skip


def _of_interaction(caller: Caller, interaction: int) -> RecordView | None:
    row = db.row(Sql(f"SELECT id FROM {TABLE} WHERE interaction_id = %s AND deleted_at IS NULL", (interaction,)))
    try:
        return visible(caller, KEY).get(row[0]) if row else None
    except NotFound:
        return None


PANEL = Panel(
    name="letter", objects=(KEY, "interaction"), template="mailing/letter.html", context=letter, place="top", order=10
)
