"""The page of an endpoint with its messages, and the page of one message: what was sent, when, what was answered."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

import msgspec
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from rapport.features.webhooks import endpoints, seeing
from rapport.features.webhooks.models import Delivery, Endpoint, State, Stopped
from rapport.records.errors import NotFound
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.settings.answers import act, onward
from rapport.surfaces.web.settings.webhooks import ONE, steps, title, wanted_shown
from rapport.surfaces.web.shell import page

SIZE = 50
TONES = {State.WAITING: "blue", State.DELIVERED: "green", State.FAILED: "red", State.WITHDRAWN: "neutral"}


@require_safe
def endpoint(request: Request, endpoint_id: int) -> HttpResponse:
    """An endpoint: how it stands, what it is told of, and its messages, newest first."""
    found = endpoints.one(request.caller, endpoint_id)
    state = request.GET.get("state", "")
    if state not in ("", *State.values):
        raise NotFound
    before = request.GET.get("before", "")
    position = int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else None
    rows = list(endpoints.deliveries(request.caller, endpoint_id, state=state, before=position)[: SIZE + 1])
    here = reverse(ONE, args=[endpoint_id])
    query = {**({"state": state} if state else {}), "before": rows[SIZE - 1].pk if len(rows) > SIZE else ""}
    owner = endpoints.owner(found)
    context = {
        "endpoint": found, "title": title(found), "owner": owner, "wanted": wanted_shown(request.caller, found),
        "alert": _alert(found, closed=owner is None), "states": _states(found, state, here), "state": state,
        "rows": [_row(row) for row in rows[:SIZE]],
        "older_url": f"{here}?{urlencode(query)}" if len(rows) > SIZE else "",
        "failed": found.deliveries.filter(state=State.FAILED).exclude(body="").exists(),
        "crumbs": [*steps(), {"label": title(found), "url": ""}],
    }  # fmt: skip
    return page(request, "web/settings/webhook.html", context)


def _states(found: Endpoint, chosen: str, here: str) -> list[dict[str, Any]]:
    shown = [{"label": _("All"), "url": here, "active": not chosen}]
    return shown + [
        {"label": state.label.capitalize(), "url": f"{here}?state={state.value}", "active": chosen == state.value}
        for state in State
    ]


def _alert(found: Endpoint, *, closed: bool) -> tuple[str, str]:
    """What stands in the way, and its tone; empty where nothing does."""
    if closed:
        return _("The user of this webhook can't sign in any more, so nothing is sent."), "red"
    match found.stopped:
        case Stopped.PAUSED:
            return _("Paused: nothing is sent and no messages are made. What waits is sent once it goes on."), "orange"
        case Stopped.GONE:
            return _("Stopped: the receiver said that this address is gone for good (410)."), "red"
        case Stopped.FAILING:
            return _("Stopped: for days, nothing was taken. Look at the answers below, then resume it."), "red"
    return ("", "")


def _row(row: Delivery) -> dict[str, Any]:
    return {
        "row": row, "state": State(row.state).label, "tone": TONES[State(row.state)], "outcome": outcome(row),
    }  # fmt: skip


def outcome(row: Any) -> str:
    """What was answered or was in the way, of a message or of an entry of its log."""
    get = row.get if isinstance(row, dict) else lambda name: getattr(row, name)
    status, error = get("status"), get("error")
    if status:
        return f"HTTP {status}"
    kind, _colon, detail = str(error).partition(": ")
    said = {
        "secret": _("The secret can't be read. Make a new one."),
        "address": _("The address leads into an inner network or is none."),
        "time": _("No answer in time."),
        "network": _("No connection: %(detail)s") % {"detail": detail},
    }
    return said.get(kind, str(error))


def _moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


@require_safe
def delivery(request: Request, endpoint_id: int, message: str) -> HttpResponse:
    """One message: its body as far as its user may see it now, and each attempt."""
    found = endpoints.one(request.caller, endpoint_id)
    row = endpoints.delivery(request.caller, endpoint_id, message)
    owner = endpoints.owner(found)
    body = seeing.still_seen(owner, row) if owner and row.body else None
    log = [{**entry, "at": _moment(entry["at"]), "outcome": outcome(entry)} for entry in reversed(row.log)]
    context = {
        **_row(row), "endpoint": found, "title": row.type, "log": log,
        "body": msgspec.json.format(body, indent=2) if body else "",
        "crumbs": [*steps(found), {"label": row.type, "url": ""}],
    }  # fmt: skip
    return page(request, "web/settings/webhook_delivery.html", context)


@require_POST
def test(request: Request, endpoint_id: int) -> HttpResponse:
    """Send a message that only tries the endpoint out."""
    act(request, lambda: endpoints.test(request.caller, endpoint_id), _("A test is on its way."))
    return onward(ONE, endpoint_id)


@require_POST
def replay(request: Request, endpoint_id: int, message: str) -> HttpResponse:
    """Send a message again."""
    act(request, lambda: endpoints.replay(request.caller, endpoint_id, message), _("The message is sent again."))
    return onward("settings-webhook-delivery", endpoint_id, message)


@require_POST
def replay_failed(request: Request, endpoint_id: int) -> HttpResponse:
    """Send all failed messages again."""
    send = endpoints.replay_failed
    act(request, lambda: send(request.caller, endpoint_id), _("The failed messages are sent again."))
    return onward(ONE, endpoint_id)
