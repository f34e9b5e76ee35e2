"""The page on which everyone chooses what they are told of, and how."""

from __future__ import annotations

import hashlib
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from rapport.features.notifications import choosing, devices
from rapport.features.notifications.choosing import Choice
from rapport.records.accounts.caller import Caller
from rapport.registry import extensions
from rapport.registry.extensions import Setting
from rapport.surfaces.web import toasts
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.settings.answers import crumbs, onward
from rapport.surfaces.web.shell import page

NAME = "notifications"


@require_http_methods(["GET", "POST"])
def choose(request: Request) -> HttpResponse:
    """For each kind: on the page or not; by push or not; by mail at once, once a day or not."""
    user_id = request.caller.user_id
    kinds = extensions.all_of(extensions.Notice)
    if request.method == "POST":
        sent = request.POST
        wanted = {
            kind.name: Choice(
                page=sent.get(f"{kind.name}-page") == "true",
                mail=sent.get(f"{kind.name}-mail", ""),
                push=sent.get(f"{kind.name}-push") == "true",
            )
            for kind in kinds
        }
        choosing.choose(user_id, wanted)
        toasts.tell(request, _("Saved."))
        return onward(f"settings-{NAME}")
    kept = choosing.choices(user_id)
    mails = {choosing.NOW: _("At once"), choosing.DIGEST: _("Once a day"), choosing.NEVER: _("Never")}
    context = {
        "kinds": [{"kind": kind, "choice": kept[kind.name]} for kind in kinds],
        "mails": mails,
        "push": _push(request.caller),
        "crumbs": [*crumbs(), {"label": _("Notifications"), "url": ""}],
    }
    return page(request, "web/notices/choose.html", context)


def _push(caller: Caller) -> dict[str, Any]:
    """What the page says to the browser: our key, and which addresses are known, by the beginning of their hash."""
    found = devices.of_user(caller)
    known = " ".join(hashlib.sha256(device.endpoint.encode()).hexdigest()[:16] for device in found)
    return {"key": devices.public_key(), "known": known, "devices": found}


SETTING = Setting(
    name=NAME, path="notifications/", view=choose, label=gettext_lazy("Notifications"), icon="bell",
    group=gettext_lazy("Yours"), right="", order=5,
)  # fmt: skip
