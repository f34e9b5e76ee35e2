"""The page of the audit log."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from rapport.records.models import AuditEntry, User
from rapport.surfaces.web.settings.acts import DETAILS, named
from rapport.surfaces.web.settings.answers import crumbs
from rapport.surfaces.web.shell import page

SIZE = 100


@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    """Who did what that concerns security, newest first; filtered by act, person and day."""
    wanted = {n: request.GET.get(n, "").replace("\0", "").strip()[:60] for n in ("act", "who", "on")}
    before = request.GET.get("before", "")
    found = AuditEntry.objects.select_related("actor").order_by("-id")
    found = found.filter(**_conditions(wanted))
    if before.isascii() and before.isdigit() and len(before) < 19:
        found = found.filter(id__lt=int(before))
    entries = list(found[: SIZE + 1])
    more = entries[SIZE - 1].pk if len(entries) > SIZE else None
    query = {**{n: v for n, v in wanted.items() if v}, "before": more}
    context = {
        "entries": [_row(e) for e in entries[:SIZE]],
        "acts": sorted(((act, named(act)) for act in _acts()), key=lambda pair: pair[1].casefold()),
        "users": User.objects.order_by("name"),
        "wanted": wanted,
        "filtered": any(wanted.values()),
        "next_url": f"{reverse('settings-audit')}?{urlencode(query)}" if more else "",
        "crumbs": crumbs((_("Audit log"), "")),
    }
    return page(request, "web/settings/audit.html", context)


def _conditions(wanted: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if wanted["act"]:
        found["act"] = wanted["act"]
    if wanted["who"].isascii() and wanted["who"].isdigit() and len(wanted["who"]) < 19:
        found["actor_id"] = int(wanted["who"])
    try:
        day = parse_date(wanted["on"])
    except ValueError:
        day = None
    if day is not None and 1000 < day.year < 9998:
        start = dt.datetime.combine(day, dt.time(), timezone.get_current_timezone())
        found |= {"at__gte": start, "at__lt": start + dt.timedelta(days=1)}
    return found


def _acts() -> Iterable[str]:
    return AuditEntry.objects.order_by("act").values_list("act", flat=True).distinct()


def _row(entry: AuditEntry) -> dict[str, Any]:
    noted = ((name, value) for name, value in entry.detail.items() if value not in ("", None, []))
    detail = ", ".join(f"{DETAILS.get(name, name)}: {_said(value)}" for name, value in noted)
    return {"entry": entry, "act": named(entry.act), "detail": detail}


def _said(value: Any) -> str:
    if isinstance(value, list) and len(value) == 2:
        return f"{_said(value[0]) or '–'} → {_said(value[1]) or '–'}"
    if isinstance(value, list):
        return ", ".join(map(_said, value))
    if isinstance(value, dict):
        return "; ".join(f"{n} {_said(v)}" for n, v in value.items()) or "–"
    return str(value)
