"""Panels: the sequences of a person or a deal; the steps of a sequence with their numbers; who is in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from rapport.apps.sequences import planning, steps
from rapport.apps.sequences.enrolling import KEY
from rapport.apps.sequences.models import OPEN, State, StepKind
from rapport.apps.sequences.numbers import Numbers, Reached, numbers
from rapport.features.wording import placeholders
from rapport.lib import json
from rapport.lib.format import format_date, format_time
from rapport.records.accounts.caller import Caller
from rapport.records.read import RecordView, RowView, visible
from rapport.registry import catalog
from rapport.registry.extensions import Page, Panel, Setting
from rapport.surfaces.web.cells import record_url
from rapport.surfaces.web.record.answers import see_other
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.settings.answers import crumbs
from rapport.surfaces.web.shell import page

SHOWN = 10
ICONS = {StepKind.TASK: "checkbox", StepKind.CALL: "phone", StepKind.MAIL: "mail"}
_IS_OPEN = {"field": "state", "op": "in", "value": [state.value for state in OPEN]}


def running(caller: Caller, record: RecordView) -> Mapping[str, Any] | None:
    """The open sequences of a person or a deal, with what comes next; None when there are none."""
    if not caller.may(catalog.current()[KEY], "read"):
        return None
    about = {"field": record.obj.key, "op": "is", "value": record.id}
    door = visible(caller, KEY)
    columns = ("sequence", "person", "deal", "state", "next_at", "owner")
    rows = door.page(columns=columns, filter={"all": [about, _IS_OPEN]}, sort="started_at", size=SHOWN).rows
    if not rows:
        return None
    mine = door.allowed([row.id for row in rows], "edit")
    titles = _next_titles(caller, rows)
    named = record.obj.key != "person"
    items = [_running(row, titles.get(row.id, ""), row.id in mine, named=named) for row in rows]
    return {"items": items, "next": record_url(record.obj.key, record.id)}


def _running(row: RowView, title: str, editable: bool, *, named: bool) -> dict[str, Any]:
    plural, sequence = catalog.current()[KEY].plural, row.values.get("sequence")
    acts = {key: reverse("act", args=[plural, row.id, key]) for key in ("pause", "resume", "stop")} if editable else {}
    paused = row.values.get("state") == State.PAUSED
    return {
        "id": row.id,
        "name": row.labels.get("sequence") or row.title,
        "url": record_url("sequence", sequence) if sequence else record_url(KEY, row.id),
        "person": row.labels.get("person") if named else None,
        "owner": row.labels.get("owner"),
        "paused": paused,
        "step": title,
        "due": None if paused else moment(row.values.get("next_at")),
        "pause_url": None if paused else acts.get("pause"),
        "resume_url": acts.get("resume") if paused else None,
        "stop_url": acts.get("stop"),
    }


def _next_titles(caller: Caller, rows: list[RowView]) -> dict[int, str]:
    """What the next step of each enrollment is, as it would be worded now; empty for the wait at the end."""
    upcoming = planning.upcoming([row.id for row in rows])
    following = {key: found.step.id for key, (_way, found) in upcoming.items() if found.step}
    labels = visible(caller, steps.KEY).labels(following.values())
    titles = {row.id: labels.get(following.get(row.id, 0), "") for row in rows}
    return {row.id: _worded(caller, titles[row.id], row) for row in rows}


def _worded(caller: Caller, title: str, row: RowView) -> str:
    """A title with its placeholders filled."""
    if "{{" not in title:
        return title
    person = row.values.get("person")
    found = visible(caller, "person").page(columns=("company",), ids=[person or 0], size=1).rows
    company = found[0].values.get("company") if found else None
    return placeholders.fill(title, caller, {"person": person, "company": company, "deal": row.values.get("deal")})


def moment(at: dt.datetime | None) -> str:
    """A moment as text, in the reader's language and zone."""
    if at is None:
        return ""
    zone, language = timezone.get_current_timezone(), translation.get_language() or "en"
    return f"{format_date(at, language, zone)} {format_time(at, language, zone)}"


def plan(caller: Caller, record: RecordView) -> Mapping[str, Any]:
    """The steps of a sequence in their order, with their numbers, and what changes them."""
    columns = ("day", "kind", "priority", "template", "subject")
    of = {"field": "sequence", "op": "is", "value": record.id}
    rows = visible(caller, steps.KEY).page(columns=columns, filter=of, sort="position", size=steps.MOST).rows
    may = "edit" in record.may
    counted = numbers(caller, record.id)
    known = [_step(row, counted, may) for row in rows]
    days = [row.values.get("day") or 0 for row in rows]
    add = {"sequence": record.id, "kind": StepKind.TASK.value, "day": days[-1] + 2 if days else 0}
    return {
        "steps": known,
        "totals": _totals(record, counted),
        "days": record.labels.get("days"),
        "add_url": f"{reverse('quick', args=[_plural()])}?{urlencode(add)}" if may else None,
        "next": record_url("sequence", record.id),
        "inactive": not record.values.get("active"),
    }


def _plural() -> str:
    return catalog.current()[steps.KEY].plural


def _step(row: RowView, counted: Numbers, may: bool) -> dict[str, Any]:
    kind = StepKind(row.values["kind"])
    reached = counted.steps.get(row.id, Reached())
    return {
        "id": row.id,
        "title": row.title,
        "day": row.values.get("day"),
        "kind": kind.label,
        "icon": ICONS[kind],
        "made": reached.made,
        "here": reached.here,
        "answered": reached.answered,
        "url": record_url(steps.KEY, row.id),
        "edit_url": reverse("edit", args=[_plural(), row.id]) if may else None,
        "delete_url": reverse("delete", args=[_plural(), row.id]),
        "move_url": reverse("sequence-step-move", args=[row.id]),
    }


def _totals(record: RecordView, counted: Numbers) -> list[dict[str, Any]]:
    """How many were started and where they stand, each with the list behind the number."""
    listed = reverse("list", args=[catalog.current()[KEY].plural])
    of = {"field": "sequence", "op": "is", "value": record.id}

    def total(label: str, count: int, state: State | None) -> dict[str, Any]:
        where: Any = {"all": [of, {"field": "state", "op": "is", "value": state.value}]} if state else of
        return {"label": label, "count": count, "url": f"{listed}?view=all&filter={quote(json.dumps(where))}"}

    found = [total(_("Started"), counted.started, None)]
    return found + [total(str(state.label), counted.states.get(state.value, 0), state) for state in State]


def enrolled(caller: Caller, record: RecordView) -> Mapping[str, Any] | None:
    """Who is in a sequence: those who were started last."""
    obj = catalog.current()[KEY]
    if not caller.may(obj, "read"):
        return None
    of = {"field": "sequence", "op": "is", "value": record.id}
    columns = ("person", "state", "started_at", "next_at")
    rows = visible(caller, KEY).page(columns=columns, filter=of, sort="-started_at", size=SHOWN + 1).rows
    listed = f"{reverse('list', args=[obj.plural])}?view=all&filter={quote(json.dumps(of))}"
    return {"items": [_enrolled(row) for row in rows[:SHOWN]], "more_url": listed if len(rows) > SHOWN else None}


def _enrolled(row: RowView) -> dict[str, Any]:
    state = catalog.current()[KEY].fields["state"].choice(row.values.get("state"))
    return {
        "title": row.labels.get("person") or row.title,
        "url": record_url(KEY, row.id),
        "icon": "user",
        "subtitle": _("since %(day)s") % {"day": moment(row.values.get("started_at"))},
        "badge": {"text": state.label, "tone": state.tone} if state else None,
    }


@require_POST
def move(request: Request, record_id: int) -> HttpResponse:
    """Move a step up (`to=up`) or down in its sequence. Raises NotFound, Forbidden."""
    sequence = steps.move(request.caller, record_id, -1 if request.POST.get("to") == "up" else 1)
    return see_other(record_url("sequence", sequence))


@require_safe
def overview(request: Request) -> HttpResponse:
    """All sequences that the caller may see, with how many people are in them and how many answered."""
    obj = catalog.current()["sequence"]
    counts = {state: _counts(request.caller, state) for state in (State.RUNNING, State.ANSWERED)}
    rows = visible(request.caller, obj).page(columns=("goal", "active"), sort="name", size=steps.MOST).rows
    context = {
        "items": [
            {
                "title": row.title,
                "url": record_url(obj.key, row.id),
                "goal": row.values.get("goal"),
                "active": row.values.get("active"),
                "running": counts[State.RUNNING].get(row.id, 0),
                "answered": counts[State.ANSWERED].get(row.id, 0),
            }
            for row in rows
        ],
        "list_url": reverse("list", args=[obj.plural]),
        "create_url": reverse("create", args=[obj.plural]) if request.caller.may(obj, "create") else None,
        "crumbs": crumbs((_("Sequences"), "")),
    }
    return page(request, "sequences/overview.html", context)


def _counts(caller: Caller, state: State) -> dict[Any, int]:
    """How many people are in a state, by sequence, as far as the caller may see them."""
    if not caller.may(catalog.current()[KEY], "read"):
        return {}
    found = visible(caller, KEY).groups("sequence", filter={"field": "state", "op": "is", "value": state.value})
    return {group.value: group.count for group in found}


PANELS = (
    Panel(
        name="sequences-running", objects=("person", "deal"), template="sequences/running.html", context=running,
        title=gettext_lazy("Sequences"), order=8, covers=(KEY,),
    ),
    Panel(
        name="sequence-steps", objects=("sequence",), template="sequences/steps.html", context=plan,
        title=gettext_lazy("Steps"), place="main", order=5, covers=(KEY, steps.KEY),
    ),
    Panel(
        name="sequence-enrolled", objects=("sequence",), template="sequences/enrolled.html", context=enrolled,
        title=gettext_lazy("In this sequence"), order=5,
    ),
)  # fmt: skip
MOVE = Page(name="sequence-step-move", path="sequence-steps/<int:record_id>/move/", view=move)
SETTING = Setting(
    name="sequences", path="sequences/", view=overview, label=gettext_lazy("Sequences"), icon="route",
    group=gettext_lazy("Sales and mail"), right="", order=5,
)  # fmt: skip
