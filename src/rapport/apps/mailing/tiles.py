"""What of mail stands on the home page: mail from people whom nobody knows yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy

from rapport.apps.mailing.incoming import KEY, WAITING
from rapport.lib import json
from rapport.records.accounts.caller import Caller
from rapport.records.read import visible
from rapport.registry import catalog
from rapport.registry.extensions import Tile
from rapport.surfaces.web.cells import record_url

SHOWN = 8


def unknown_senders(caller: Caller) -> Mapping[str, Any] | None:
    """Mail that waits until somebody says whom it is from, the newest first; None when there is none."""
    mail = catalog.current()[KEY]
    if not caller.may(mail, "edit"):
        return None
    door = visible(caller, mail)
    rows = door.page(columns=("sender", "sender_name"), filter=WAITING, sort="-created_at", size=SHOWN).rows
    if not rows:
        return None
    query = urlencode({"view": "all", "filter": json.dumps(WAITING), "sort": "-created_at"})
    items = [
        {
            "title": row.title, "url": record_url(KEY, row.id),
            "detail": row.values.get("sender_name") or row.values.get("sender") or "",
        }
        for row in rows
    ]  # fmt: skip
    return {
        "items": items, "count": door.count(WAITING, cap=100) if len(rows) == SHOWN else len(rows),
        "more_url": f"{reverse('list', args=[mail.plural])}?{query}", "empty": None,
    }  # fmt: skip


TILE = Tile(
    name="unknown-senders", title=gettext_lazy("Mail from somebody unknown"), template="web/home/list.html",
    context=unknown_senders, order=13,
)  # fmt: skip
