"""One's own calendar address and booking page; the button that sends invitations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from rapport.apps.scheduling import booking, feed, inviting
from rapport.apps.scheduling.models import BookingPage
from rapport.lib.format import format_date
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Forbidden, Invalid
from rapport.records.read import RecordView, visible
from rapport.registry.extensions import Page, Panel, Setting
from rapport.surfaces.web import toasts
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.settings.answers import act, crumbs, onward
from rapport.surfaces.web.shell import page

NAME = "my-calendar"


@require_http_methods(["GET", "POST"])
def own(request: Request) -> HttpResponse:
    """The caller's calendar address and booking page; a POST makes, withdraws or saves."""
    caller, address = request.caller, ""
    if request.method == "POST":
        match request.POST.get("act"):
            case "make":
                address = f"{settings.BASE_URL}{reverse('calendar-feed', args=[feed.make(caller)])}"
            case "withdraw":
                act(request, lambda: feed.withdraw(caller), _("The address is withdrawn."))
                return onward(f"settings-{NAME}")
            case _:
                act(request, lambda: _save(request), _("The booking page is saved."))
                return onward(f"settings-{NAME}")
    found = booking.page_of(caller) or _usual(caller)
    context = {
        "address": address,
        "feed": feed.state(caller),
        "booking": found,
        "book_url": f"{settings.BASE_URL}{reverse('book', args=[found.slug])}" if found.pk else "",
        "lengths": [
            {"value": n, "label": ngettext("%(n)d minute", "%(n)d minutes", n) % {"n": n}} for n in booking.LENGTHS
        ],
        "weekdays": _weekdays(caller),
        "crumbs": crumbs((_("My calendar"), "")),
    }
    return page(request, "scheduling/own.html", context)


def _usual(caller: Caller) -> BookingPage:
    """What a new booking page begins with."""
    slug = "".join(c if c.isascii() and c.isalnum() else "-" for c in caller.name.lower()).strip("-")[:40] or "me"
    title = _("A talk with %(name)s") % {"name": caller.name}
    return BookingPage(slug=slug, title=title, days=[0, 1, 2, 3, 4], opens=dt.time(9), closes=dt.time(17), active=False)


def _weekdays(caller: Caller) -> list[tuple[int, str]]:
    monday = dt.date(2024, 1, 1)
    zone = caller.env().zone
    return [(n, format_date(monday + dt.timedelta(days=n), caller.language, zone, "EEEE")) for n in range(7)]


def _save(request: Request) -> None:
    sent = request.POST
    booking.keep(
        request.caller, slug=sent.get("slug", "").strip().lower(), title=sent.get("title", ""),
        about=sent.get("about", ""), active=sent.get("active") == "true", minutes=_number(sent.get("minutes")),
        days=[_number(d) for d in sent.getlist("days")], opens=_clock(sent.get("opens", "")),
        closes=_clock(sent.get("closes", "")), notice_hours=_number(sent.get("notice_hours")),
        ahead_days=_number(sent.get("ahead_days")),
    )  # fmt: skip


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else -1


def _clock(text: str) -> dt.time:
    try:
        return dt.time.fromisoformat(text)
    except ValueError as error:
        raise Invalid({"opens": [_("Give a time such as 09:00.")]}) from error


def invitable(caller: Caller, record: RecordView) -> Mapping[str, Any] | None:
    """A meeting ahead whose people can be invited; None for everything else."""
    at, people = record.values.get("at"), record.values.get("people") or ()
    if record.values.get("kind") not in ("meeting", "presentation", "visit") or at is None or at < timezone.now():
        return None
    count = len(inviting.addresses(caller, people))
    if not count or "edit" not in record.may:
        return None
    return {"count": count, "url": reverse("invite", args=[record.id])}


@require_POST
def invite(request: Request, record_id: int) -> HttpResponse:
    """Send invitations to a meeting. Raises NotFound, Forbidden."""
    view = visible(request.caller, "interaction").get(record_id)
    if "edit" not in view.may:
        raise Forbidden
    if inviting.invite(request.caller, record_id):
        toasts.tell(request, _("The invitations are on their way."))
    else:
        toasts.tell(request, _("Nobody who takes part has an e-mail address."), level="error")
    response = HttpResponseRedirect(reverse("record", args=["interactions", record_id]))
    response.status_code = 303
    return response


PANEL = Panel(
    name="invite", objects=("interaction",), template="scheduling/invite.html", context=invitable, place="top", order=30
)
INVITE = Page(name="invite", path="interactions/<int:record_id>/invite/", view=invite)
OWN = Setting(
    name=NAME, path="my-calendar/", view=own, label=gettext_lazy("My calendar"), icon="calendar",
    group=gettext_lazy("Yours"), right="", order=6,
)  # fmt: skip
