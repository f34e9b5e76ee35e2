"""Push to browsers: the worker that shows messages, and adding and removing the browser at hand."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.contrib.auth import signals
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

import rapport.ui
from rapport.features.notifications import devices
from rapport.records.errors import Invalid, NotFound
from rapport.registry.extensions import Page
from rapport.surfaces.web import toasts
from rapport.surfaces.web.record.answers import see_other
from rapport.surfaces.web.requests import Request

SOURCE = Path(rapport.ui.__file__).parent / "static/rapport/js/push-worker.js"
BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)  # fmt: skip
BROWSER = gettext_lazy("Browser")


@lru_cache(maxsize=1)
def _source() -> bytes:
    return SOURCE.read_bytes()


@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """The script that shows messages. It stands at the root, so that it may open every page."""
    response = HttpResponse(_source(), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


@require_POST
def add(request: Request) -> HttpResponse:
    """Tell this browser from now on; `subscription` is its `PushSubscription` in JSON."""
    try:
        given = json.loads(request.POST.get("subscription", ""))
        label = name_of(request.headers.get("User-Agent", ""))
        devices.add(request.caller, given, label=label, session=request.session.session_key or "")
    except Invalid as error:
        return JsonResponse({"error": str(next(iter(error.errors.values()))[0])}, status=422)
    except (ValueError, RecursionError):
        return JsonResponse({"error": _("This browser gave no address to which messages can be sent.")}, status=422)
    return HttpResponse(status=204)


@require_POST
def remove(request: Request) -> HttpResponse:
    """Tell a browser no more, named by its key (`id`) or its address (`endpoint`). Raises NotFound."""
    raw = request.POST.get("id", "")
    key = int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 18 else 0
    endpoint = request.POST.get("endpoint", "")
    if not key and not endpoint:
        raise NotFound
    devices.remove(request.caller, key=key, endpoint=endpoint.replace("\x00", ""))
    if endpoint:
        return HttpResponse(status=204)
    toasts.tell(request, _("This browser is told no more."))
    return see_other(reverse("settings-notifications"))


def name_of(agent: str) -> str:
    """What a browser is called in the list, such as `Firefox, Linux`."""
    browser = next((name for mark, name in BROWSERS if mark in agent), str(BROWSER))
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    return ", ".join(filter(None, (browser, system)))


def _signed_out(sender: Any, request: HttpRequest | None, **_more: Any) -> None:
    """Whoever signs out is told no more in that browser."""
    session = getattr(request, "session", None)
    devices.forget_session((session.session_key or "") if session is not None else "")


def connect() -> None:
    """Listen for sign-outs; called once when the surface starts."""
    signals.user_logged_out.connect(_signed_out, weak=False, dispatch_uid="push-signed-out")


WORKER = Page(name="push-worker", path="push-worker.js", view=worker, open=True)
PAGES = (
    WORKER,
    Page(name="push-add", path="notifications/push/add/", view=add),
    Page(name="push-remove", path="notifications/push/remove/", view=remove),
)
