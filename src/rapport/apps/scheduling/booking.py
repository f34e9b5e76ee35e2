"""The booking page: somebody outside chooses a free time, which becomes a meeting with a person."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rapport.apps.customers import identities
from rapport.apps.scheduling import feed, inviting
from rapport.apps.scheduling.models import BookingPage
from rapport.apps.scheduling.slots import Span, slots
from rapport.lib.format import format_date, format_time
from rapport.records import write
from rapport.records.accounts import caller as callers
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid
from rapport.registry.extensions import Page

MOST_DAYS, MOST_TIMES = 12, 24
SLUG = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")
LENGTHS = (15, 20, 30, 45, 60, 90)


def page_of(caller: Caller) -> BookingPage | None:
    """The caller's booking page, if there is one."""
    return BookingPage.objects.filter(user_id=caller.user_id or 0).first()


def keep(
    caller: Caller, *, slug: str, title: str, about: str, active: bool, minutes: int, days: list[int], opens: dt.time,
    closes: dt.time, notice_hours: int, ahead_days: int,
) -> None:  # fmt: skip
    """Make or change the caller's booking page. Raises Invalid by field."""
    errors: dict[str, list[str]] = {}
    if not SLUG.fullmatch(slug):
        errors["slug"] = [_("Use 2 to 40 small letters, digits and hyphens.")]
    if not title.strip():
        errors["title"] = [_("Give it a title.")]
    if minutes not in LENGTHS:
        errors["minutes"] = [_("Choose a length.")]
    if not days or set(days) - set(range(7)):
        errors["days"] = [_("Choose at least one day.")]
    if opens >= closes:
        errors["closes"] = [_("This is before the beginning.")]
    if not 0 <= notice_hours <= 720 or not 1 <= ahead_days <= 365:
        errors["ahead_days"] = [_("Choose up to 365 days.")]
    if errors:
        raise Invalid(errors)
    values = {
        "slug": slug, "title": title.strip()[:150], "about": about.strip()[:500], "active": active, "minutes": minutes,
        "days": sorted(set(days)), "opens": opens, "closes": closes, "notice_hours": notice_hours,
        "ahead_days": ahead_days,
    }  # fmt: skip
    try:
        with transaction.atomic():
            BookingPage.objects.update_or_create(user_id=caller.user_id or 0, defaults=values)
    except IntegrityError as error:
        raise Invalid({"slug": [_("A colleague has this address. Choose another.")]}) from error


def free(page: BookingPage, owner: Caller, now: dt.datetime) -> list[dt.datetime]:
    """Free times of a page, as far as it looks ahead."""
    return list(
        slots(
            days=page.days, opens=page.opens, closes=page.closes, length=dt.timedelta(minutes=page.minutes),
            zone=ZoneInfo(owner.zone), first=now + dt.timedelta(hours=page.notice_hours),
            last=now + dt.timedelta(days=page.ahead_days), taken=_taken(owner, now),
        )
    )  # fmt: skip


def _taken(owner: Caller, now: dt.datetime) -> list[Span]:
    return [(a.start, a.end) for a in feed.appointments(owner, now) if a.busy]


@require_http_methods(["GET", "POST"])
def book(request: HttpRequest, slug: str) -> HttpResponse:
    """The page for whoever has its address; a POST books."""
    page = BookingPage.objects.filter(slug=slug, active=True).first()
    owner = callers.of_user(page.user_id) if page else None
    if page is None or owner is None:
        raise Http404
    with translation.override(owner.language), timezone.override(ZoneInfo(owner.zone)):
        errors: dict[str, list[str]] = {}
        if request.method == "POST":
            try:
                at = reserve(page, owner, request.POST.get("at", ""), request.POST.get("name", ""),
                             request.POST.get("email", ""), request.POST.get("note", ""))  # fmt: skip
                return _answer(request, page, owner, {"booked": _words(owner, at)})
            except Invalid as error:
                errors = {name: [str(t) for t in texts] for name, texts in error.errors.items()}
        context = {"days": _days(page, owner, request.POST.get("at", "")), "errors": errors, "sent": request.POST}
        return _answer(request, page, owner, context, 422 if errors else 200)


def _answer(
    request: HttpRequest, page: BookingPage, owner: Caller, context: Mapping[str, object], status: int = 200
) -> HttpResponse:
    values = {"page": page, "owner": owner.name, "zone": owner.zone, **context}
    response = render(request, "scheduling/book.html", values, status=status)
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    return response


def _words(owner: Caller, at: dt.datetime) -> str:
    zone = ZoneInfo(owner.zone)
    return f"{format_date(at, owner.language, zone, 'full')}, {format_time(at, owner.language, zone)}"


def _days(page: BookingPage, owner: Caller, chosen: str) -> list[dict[str, object]]:
    zone = ZoneInfo(owner.zone)
    days: dict[str, list[dict[str, str]]] = {}
    for at in free(page, owner, timezone.now()):
        label = format_date(at, owner.language, zone, "full")
        times = days.setdefault(label, [])
        if len(times) < MOST_TIMES:
            times.append({"value": at.isoformat(), "text": format_time(at, owner.language, zone)})
    shown = list(days.items())[:MOST_DAYS]
    first = shown[0][0] if shown else ""
    opened = next((label for label, times in shown if chosen in {t["value"] for t in times}), first)
    return [{"label": label, "times": times, "open": label == opened} for label, times in shown]


def reserve(page: BookingPage, owner: Caller, at: str, name: str, email: str, note: str) -> dt.datetime:
    """Book a time: the person (found by the address, or new), the meeting, and the invitation. Raises Invalid."""
    errors: dict[str, list[str]] = {}
    name, email = " ".join(name.replace("\x00", "").split())[:150], email.strip()
    try:
        validate_email(email)
    except ValidationError:
        errors["email"] = [_("Give your e-mail address, so that the invitation reaches you.")]
    if not name:
        errors["name"] = [_("Give your name.")]
    moment = _moment(at)
    if moment is None:
        errors["at"] = [_("Choose a time.")]
    if errors or moment is None:
        raise Invalid(errors)
    with transaction.atomic():
        BookingPage.objects.select_for_update().get(pk=page.pk)  # one booking of a page after the other
        if moment not in free(page, owner, timezone.now()):
            raise Invalid({"at": [_("This time is taken by now. Choose another.")]})
        person = _person(owner, name, email)
        meeting = write.create(
            owner.through("booking"), "interaction",
            {"kind": "meeting", "direction": "in", "subject": f"{page.title}: {name}"[:250], "at": moment,
             "minutes": page.minutes, "body": note.replace("\x00", "")[:4000], "people": [person],
             "owner": owner.user_id},
        )  # fmt: skip
        inviting.invite(owner, meeting)
    return moment


def _moment(text: str) -> dt.datetime | None:
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _person(owner: Caller, name: str, email: str) -> int:
    known = identities.find(identities.EMAIL, [email]).get(identities.normal(identities.EMAIL, email))
    if known is not None:
        return known
    first, _gap, last = name.rpartition(" ")
    values = {"first_name": first, "last_name": last, "emails": [{"value": email}], "owner": owner.user_id}
    return write.create(callers.system("booking"), "person", values)


PAGE = Page(name="book", path="book/<slug:slug>/", view=book, open=True)
