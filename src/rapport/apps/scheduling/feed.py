"""The feed of a user's appointments for calendar programs, under a secret address that can be withdrawn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from rapport.apps.scheduling.models import CalendarFeed
from rapport.lib.ical import Appointment, calendar
from rapport.records.accounts import caller as callers
from rapport.records.accounts import tokens
from rapport.records.accounts.caller import Caller
from rapport.records.read import visible
from rapport.registry.extensions import Page

BACK, AHEAD = dt.timedelta(days=60), dt.timedelta(days=400)
MOST = 500
MEETINGS = ("meeting", "presentation", "visit", "call")
USUAL = dt.timedelta(minutes=30)


def make(caller: Caller) -> str:
    """A new address for the caller, in place of an old one; the token, which is not kept."""
    token, kept = tokens.new()
    CalendarFeed.objects.update_or_create(
        user_id=caller.user_id or 0, defaults={"token_hash": kept, "read_at": None, "created_at": timezone.now()}
    )
    return token


def withdraw(caller: Caller) -> None:
    """Take the caller's address back: it answers no more."""
    CalendarFeed.objects.filter(user_id=caller.user_id or 0).delete()


def state(caller: Caller) -> CalendarFeed | None:
    """The caller's feed, if there is one."""
    return CalendarFeed.objects.filter(user_id=caller.user_id or 0).first()


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar of whose address this is; 404 for every other."""
    found = CalendarFeed.objects.filter(token_hash=tokens.hashed(token)).first()
    caller = callers.of_user(found.user_id) if found else None
    if found is None or caller is None:
        raise Http404
    CalendarFeed.objects.filter(pk=found.pk).update(read_at=timezone.now())
    with translation.override(caller.language):
        body = calendar(f"Rapport: {caller.name}", appointments(caller, timezone.now()))
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="rapport.ics"'
    response["Cache-Control"] = "private, max-age=300"
    response["Referrer-Policy"] = "no-referrer"
    return response


def appointments(caller: Caller, now: dt.datetime) -> Iterator[Appointment]:
    """The caller's meetings and calls, and the open tasks that are due, of the last weeks and the next year."""
    mine = {"field": "owner", "op": "is", "value": "me"}
    kinds = {"field": "kind", "op": "in", "value": list(MEETINGS)}
    for row in _rows(caller, "interaction", "at", [mine, kinds], ("subject", "body", "minutes", "updated_at"), now):
        minutes = row.values.get("minutes")
        yield _appointment(caller, "interaction", row, "at", dt.timedelta(minutes=minutes) if minutes else USUAL)
    mine = {"field": "assignee", "op": "is", "value": "me"}
    still = {"field": "status", "op": "is_not", "value": "done"}
    for row in _rows(caller, "task", "due_at", [mine, still], ("subject", "description", "updated_at"), now):
        yield _appointment(caller, "task", row, "due_at", dt.timedelta(minutes=15))


def _rows(
    caller: Caller, key: str, moment: str, conditions: list[Any], columns: tuple[str, ...], now: dt.datetime
) -> list[Any]:
    first, last = (now - BACK).date().isoformat(), (now + AHEAD).date().isoformat()
    between = {"field": moment, "op": "between", "value": [first, last]}
    filter_ = {"all": [*conditions, between]}
    return visible(caller, key).page(columns=(*columns, moment), filter=filter_, sort=moment, size=MOST).rows


def _appointment(caller: Caller, key: str, row: Any, moment: str, length: dt.timedelta) -> Appointment:
    at = row.values[moment]
    task = key == "task"
    return Appointment(
        uid=uid(key, row.id),
        summary=_("Task: %(subject)s") % {"subject": row.title} if task else row.title or "",
        start=at,
        end=at + length,
        changed=row.values["updated_at"],
        description=str(row.values.get("body") or row.values.get("description") or "")[:2000],
        url=f"{settings.BASE_URL}/{'tasks' if task else 'interactions'}/{row.id}/",
        sequence=row.version - 1,
        busy=not task,
    )


def uid(key: str, record_id: int) -> str:
    """The name of an appointment in every calendar."""
    return f"{key}-{record_id}@{urlsplit(settings.BASE_URL).hostname or 'rapport'}"


PAGE = Page(name="calendar-feed", path="calendar/<str:token>.ics", view=feed, open=True)
