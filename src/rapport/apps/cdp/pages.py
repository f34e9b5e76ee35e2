"""The settings pages of event sources: all of them, and one with its key, how to send, and what came in last."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rapport.apps.cdp import snippets, sources, telling
from rapport.apps.cdp.models import EventKind, EventSource, Resolution, SourceKind
from rapport.apps.cdp.storing import IDENTITIES, TABLE, USER
from rapport.lib.sql import Sql
from rapport.records import db, write
from rapport.records.accounts.caller import Caller
from rapport.records.read import RecordView, visible
from rapport.registry import catalog
from rapport.registry.extensions import Page, Setting
from rapport.registry.fields import Text
from rapport.registry.types.dates import DateTimeType
from rapport.surfaces.web import toasts
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.settings import forms
from rapport.surfaces.web.settings.answers import act, crumbs, form_page, onward
from rapport.surfaces.web.settings.guard import administrators
from rapport.surfaces.web.shell import page

NAME, ONE = "event-sources", "event-source"
MOST, NEWEST = 200, 50
COLUMNS = ("name", "kind", "origins", "active", "makes_people")
NO_COUNTS = sources.Counts(None, 0, 0, 0, "")
_DATETIME = DateTimeType()
REASONS = {
    "malformed": gettext_lazy("it was no JSON object with the fields of the tracking API"),
    "type": gettext_lazy("its type was unknown"),
    "nobody": gettext_lazy("it had no id that tells who it is about"),
    "too-large": gettext_lazy("it was longer than 32 kB"),
}


def _help(name: str) -> Text:
    field: Any = EventSource._meta.get_field(name)
    found: Text = field.help_text
    return found


class SourceForm(forms.Form):
    """What is told of a source."""

    name = forms.text(gettext_lazy("Name"), most=100)
    kind = forms.choice(gettext_lazy("Kind"), SourceKind.choices)
    origins = forms.long(gettext_lazy("Allowed origins"), most=5000, help=_help("origins"))
    makes_people = forms.switch(gettext_lazy("Makes people"), _help("makes_people"))


@require_safe
def listed(request: Request) -> HttpResponse:
    """All sources, with what they sent."""
    rows = visible(request.caller, sources.KEY).page(columns=COLUMNS, sort="name", size=MOST).rows
    counts = _counts(request.caller, [row.id for row in rows])
    items = [
        {
            "id": row.id, "name": row.title, "kind": SourceKind(row.values["kind"]).label,
            "active": row.values["active"], "counts": counts.get(row.id, NO_COUNTS),
        }
        for row in rows
    ]  # fmt: skip
    return page(request, "cdp/sources.html", {"items": items, "crumbs": crumbs((_("Event sources"), ""))})


def _counts(caller: Caller, ids: list[int]) -> dict[int, sources.Counts]:
    zone = caller.env().zone
    midnight = dt.datetime.combine(timezone.now().astimezone(zone).date(), dt.time(), zone)
    return sources.counts(ids, midnight, timezone.now())


def _steps(record: RecordView | None = None) -> list[dict[str, str]]:
    way = crumbs((_("Event sources"), reverse(f"settings-{NAME}")))
    return way if record is None else [*way, {"label": record.title, "url": reverse(ONE, args=[record.id])}]


@administrators
@require_http_methods(["GET", "POST"])
def create(request: Request) -> HttpResponse:
    """Make a source; its page tells how to send."""
    form = SourceForm(request.POST or None, initial={"makes_people": True})
    if form.carried_out(lambda **values: write.create(request.caller, sources.KEY, values)):
        toasts.tell(request, _("The event source is made."))
        return onward(ONE, form.result)
    return form_page(request, form, _("New event source"), _steps(), submit=_("Make"))


@administrators
@require_http_methods(["GET", "POST"])
def edit(request: Request, source_id: int) -> HttpResponse:
    """Change a source. Raises NotFound."""
    record = visible(request.caller, sources.KEY).get(source_id)
    form = SourceForm(request.POST or None, initial={name: record.values[name] for name in COLUMNS})
    if form.carried_out(lambda **values: write.update(request.caller, sources.KEY, source_id, values) or True):
        toasts.tell(request, _("The event source is saved."))
        return onward(ONE, source_id)
    return form_page(request, form, _("Change"), _steps(record), submit=_("Save"))


@administrators
@require_safe
def one(request: Request, source_id: int) -> HttpResponse:
    """A source: key, how to send, its newest events. Raises NotFound."""
    caller = request.caller
    record = visible(caller, sources.KEY).get(source_id)
    key, base = sources.key_of(caller, source_id), settings.BASE_URL
    counts = _counts(caller, [source_id]).get(source_id, NO_COUNTS)
    context = {
        "source": record, "kind": SourceKind(record.values["kind"]).label, "key": key, "counts": counts,
        "endpoint": f"{base}/v1/", "snippets": snippets.of(record.values["kind"], base, key) if key else [],
        "reason": REASONS.get(counts.reason, ""), "events": _newest(source_id), "crumbs": _steps(record),
        "closed": record.values["kind"] == SourceKind.WEBSITE and not record.values["origins"],
    }  # fmt: skip
    response = page(request, "cdp/source.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _newest(source_id: int) -> list[dict[str, Any]]:
    """The newest events of a source: when, what, and who, or why nobody."""
    text = (
        "SELECT e.at, e.kind, e.name, e.properties, e.context, e.resolution, "
        "i.kind, i.value, p.id, p.name, p.deleted_at "
        f"FROM {TABLE} e JOIN {IDENTITIES} i ON i.id = e.identity_id "
        f"LEFT JOIN customers_person p ON p.id = i.person_id WHERE e.source_id = %s ORDER BY e.id DESC LIMIT {NEWEST}"
    )
    plural = catalog.current()["person"].plural
    found = []
    for at, kind, name, own, around, outcome, who, value, person, called, gone in db.rows(Sql(text, (source_id,))):
        looks = kind in {EventKind.PAGE, EventKind.SCREEN}
        alive = person is not None and gone is None
        found.append({
            "at": _DATETIME.from_json(at), "kind": EventKind(kind).label,
            "name": telling.page(name, own, around) if looks else name,
            "id": (_("user %(id)s") if who == USER else _("visitor %(id)s")) % {"id": value},
            "who": called if person is not None else "", "trashed": gone is not None,
            "url": reverse("record", args=[plural, person]) if alive else "",
            "why": "" if person is not None else _why(outcome),
        })  # fmt: skip
    return found


def _why(outcome: str) -> str:
    return str(Resolution(outcome).label) if outcome and outcome != Resolution.DONE else _("Not known yet")


@administrators
@require_POST
def replace_key(request: Request, source_id: int) -> HttpResponse:
    """Make a new write key. Raises NotFound."""
    done = _("The source has a new key. What sends with the old one is refused from now on.")
    act(request, lambda: sources.replace_key(request.caller, source_id), done)
    return onward(ONE, source_id)


@administrators
@require_POST
def switch(request: Request, source_id: int) -> HttpResponse:
    """Switch a source on or off. Raises NotFound."""
    active = request.POST.get("active") == "true"
    done = _("The source takes events.") if active else _("The source is switched off: what it sends is refused.")
    act(request, lambda: write.update(request.caller, sources.KEY, source_id, {"active": active}), done)
    return onward(ONE, source_id)


SETTING = Setting(
    name=NAME, path="event-sources/", view=listed, label=gettext_lazy("Event sources"), icon="activity",
    group=gettext_lazy("Data"), order=29,
)  # fmt: skip
PAGES = (
    Page(name="event-source-new", path="settings/event-sources/new/", view=create),
    Page(name="event-source", path="settings/event-sources/<int:source_id>/", view=one),
    Page(name="event-source-edit", path="settings/event-sources/<int:source_id>/edit/", view=edit),
    Page(name="event-source-key", path="settings/event-sources/<int:source_id>/key/", view=replace_key),
    Page(name="event-source-switch", path="settings/event-sources/<int:source_id>/switch/", view=switch),
)
