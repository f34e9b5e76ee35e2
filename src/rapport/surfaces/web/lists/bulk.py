"""Bulk acts of a list: the actions that its bar offers, the dialog for fields, progress of a job, undo."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rapport.records.bulk import changing, running
from rapport.records.bulk.changing import Act
from rapport.records.bulk.running import Selection, Started
from rapport.records.errors import Forbidden, Invalid, NotFound, TooSlow
from rapport.records.history.models import Change
from rapport.records.jobs import queue
from rapport.records.jobs.models import JobRow, State
from rapport.records.read import visible
from rapport.registry import catalog
from rapport.registry.fields import FieldSpec
from rapport.registry.objects import Action
from rapport.registry.ties import tie_of
from rapport.surfaces.web import asking, fields, narrowing, toasts
from rapport.surfaces.web.lists import finding
from rapport.surfaces.web.lists import state as states
from rapport.surfaces.web.lists.state import ListState

MOST = 5000
"""Keys that one form may name."""


def actions(state: ListState) -> list[dict[str, Any]]:
    """The buttons of the bulk bar, those that the caller may use."""
    obj, caller = state.obj, state.caller
    made: list[dict[str, Any]] = []
    if caller.may(obj, "edit"):
        made.append({"label": _("Edit"), "icon": "edit", "url": state.url("bulk", do=changing.EDIT), "dialog": True})
        for spec in editable(state):
            target = catalog.current().objects.get(spec.target)
            if spec.type.key == "references" and target and "tone" in target.fields:
                url = state.url("bulk", do=changing.EDIT, add=spec.name)
                made.append({"label": capfirst(str(spec.label)), "icon": target.spec.icon, "url": url, "dialog": True})
    for action in changing.actions_of(obj):
        if caller.may(obj, action.needs):
            url = state.url("bulk", do=changing.ACTION, action=action.key)
            made.append({"label": str(action.label), "icon": action.icon, "url": url, "dialog": bool(action.wants)})
    if obj.spec.merges and caller.may(obj, "edit") and caller.may(obj, "delete"):
        url = reverse("merge", args=[obj.plural])
        made.append({"label": _("Merge"), "icon": "git-merge", "url": url, "dialog": True})
    if caller.may(obj, "delete"):
        question = _("Move the selected %(objects)s to the trash?") % {"objects": obj.label_plural}
        url = state.url("bulk", do=changing.DELETE)
        made.append({"label": _("Delete"), "icon": "trash", "url": url, "danger": True, "confirm": question})
    return made


def editable(state: ListState) -> list[FieldSpec]:
    """The fields that a bulk edit may set: unique ones make no sense for many records."""
    return [
        f for f in state.obj.form_fields
        if f.name in state.fields and state.caller.edits(state.obj, f) and not f.unique and f.type.key != "file"
    ]  # fmt: skip


@require_http_methods(["GET", "POST"])
def bulk(request: HttpRequest, plural: str) -> HttpResponse:
    """Ask what to change (GET), or do a bulk act to the records that were chosen (POST)."""
    state = states.read(request, plural)
    action = _action(request, state)
    if request.method == "GET":
        return _question(request, state, action) if action else _dialog(request, state)
    try:
        started = running.start(state.caller, state.obj.key, _act(request, state), _selection(request, state))
    except Invalid as error:
        if action and action.wants:
            return _question(request, state, action, error)
        if request.GET.get("do") != changing.EDIT:
            raise
        return _dialog(request, state, error)
    return _tell(request, state, started)


def _action(request: HttpRequest, state: ListState) -> Action | None:
    """The action that the address names, if any. Raises NotFound for an unknown one."""
    if request.GET.get("do") != changing.ACTION:
        return None
    return changing.action_of(visible(state.caller, state.obj), request.GET.get("action", ""))


def _act(request: HttpRequest, state: ListState) -> Act:
    kind = request.GET.get("do", "")
    if kind == changing.DELETE:
        return Act(kind=kind)
    if action := _action(request, state):
        form = changing.entered(state.obj, action)
        names = asking.together(state.caller, form, action.wants)
        return Act(kind=kind, action=action.key, values=fields.parse(form, request.POST, names))
    if kind != changing.EDIT:
        raise NotFound
    names = [n for n in dict.fromkeys(request.POST.getlist("set")) if n in state.fields]
    raw = fields.parse(state.obj, request.POST, names)
    modes = {n: request.POST.get(f"mode-{n}", changing.SET) for n in names}
    return Act(
        kind=kind,
        values={n: v for n, v in raw.items() if modes[n] not in (changing.ADD, changing.REMOVE)},
        add={n: v for n, v in raw.items() if modes[n] == changing.ADD},
        remove={n: v for n, v in raw.items() if modes[n] == changing.REMOVE},
    )


def _selection(request: HttpRequest, state: ListState) -> Selection:
    data = request.POST
    if data.get("all"):
        return finding.everything(state)
    given = [part for value in data.getlist("ids") for part in value.split(",")]
    ids = tuple(i for i in map(states.number, given[:MOST]) if i)
    if not ids:
        raise Invalid({"ids": [_("Select at least one record.")]}, _("Select at least one record."))
    return Selection(ids=ids)


def _tell(request: HttpRequest, state: ListState, started: Started) -> HttpResponse:
    """The answer after a bulk act: what was done with a way back, or that a job works on it."""
    level, undo = "success", None
    if started.outcome is None:
        text, level = working_text(), "info"
    else:
        outcome = started.outcome
        text = outcome.said or changed_text(outcome.done)
        if outcome.refused:
            text, level = f"{text} {refused_text(outcome.refused, outcome.reason)}", "warning"
        if outcome.done:
            undo = toasts.undo_of(reverse("undo", args=[state.obj.plural]), batch=started.batch)
    if request.headers.get("HX-Request"):
        return toasts.done(text, level=level, undo=undo)
    toasts.tell(request, text, level=level, undo=undo)
    return redirect(state.url())


def changed_text(count: int) -> str:
    """How many records were changed."""
    return ngettext("%(count)d record changed.", "%(count)d records changed.", count) % {"count": count}


def refused_text(count: int, reason: str) -> str:
    """How many records were left as they are, and why."""
    text = ngettext("%(count)d was left as it is: %(reason)s", "%(count)d were left as they are: %(reason)s", count)
    return text % {"count": count, "reason": reason}


def working_text() -> str:
    """That a job was begun."""
    return _("Working on it. The list shows how far it is.")


def undone_text(kept: int) -> str:
    """That an act was taken back, but for `kept` records."""
    if not kept:
        return _("Undone.")
    text = ngettext(
        "Undone, but for %(count)d record that was changed since.",
        "Undone, but for %(count)d records that were changed since.",
        kept,
    )
    return text % {"count": kept}


# -- the dialogs ------------------------------------------------------------------------------------------------------


def _question(
    request: HttpRequest, state: ListState, action: Action, error: Invalid | None = None
) -> HttpResponse:  # fmt: skip
    """What an action asks for, of all chosen records at once."""
    data = request.POST if request.method == "POST" else request.GET
    errors = error.errors if error else {}
    form = changing.entered(state.obj, action)
    values = fields.parse(form, request.POST, action.wants) if error else {}
    everything, ids = bool(data.get("all")), ",".join(data.getlist("ids"))
    count = None if everything else len([part for part in ids.split(",") if part])
    context = {
        "title": _counted(state, str(action.label), count),
        "url": state.url("bulk", do=changing.ACTION, action=action.key),
        "fields": asking.controls(state.caller, form, action.wants, values, errors=errors, prefix="b-"),
        "hidden": {"ids": "" if everything else ids, "all": "1" if everything else ""},
        "submit": action.label,
        "errors": [str(m) for n, messages in errors.items() if n not in action.wants for m in messages],
    }
    return render(request, "web/lists/dialog.html", context, status=422 if error else 200)


def _counted(state: ListState, text: str, count: int | None) -> str:
    """What is done, and to how many."""
    if count is None:
        return _("%(act)s: all %(objects)s of this list") % {"act": text, "objects": state.obj.label_plural}
    names = {"act": text, "count": count, "one": state.obj.label, "many": state.obj.label_plural}
    return ngettext("%(act)s: %(count)d %(one)s", "%(act)s: %(count)d %(many)s", count) % names


def _dialog(request: HttpRequest, state: ListState, error: Invalid | None = None) -> HttpResponse:
    data = request.POST if request.method == "POST" else request.GET
    names = data.getlist("set") if request.method == "POST" else [n for n in data.get("add", "").split(",") if n]
    known = {f.name: f for f in editable(state)}
    everything = bool(data.get("all"))
    ids = [part for value in data.getlist("ids") for part in value.split(",") if part]
    count = None if everything else len(ids)
    errors = error.errors if error else {}
    raw = fields.parse(state.obj, request.POST, [n for n in names if n in known]) if error else {}
    inside = _common(state, None if everything else [i for i in map(states.number, ids[:MOST]) if i])
    return render(
        request,
        "web/lists/bulk_edit.html",
        {
            "title": _title(state, count),
            "url": state.url("bulk", do=changing.EDIT),
            "field_url": state.url("bulk_field", within=inside),
            "choices": _choices(state, names),
            "rows": [_row(state, known[n], raw.get(n), errors.get(n), data, inside) for n in names if n in known],
            "ids": "" if everything else ",".join(ids),
            "everything": everything,
            "errors": [str(m) for n, messages in errors.items() if n not in names for m in messages],
        },
        status=422 if error else 200,
    )


def _common(state: ListState, ids: list[int] | None) -> int | None:
    """What all chosen records, or all of the list, are within: the one pipeline of deals, say. None for several."""
    tie = tie_of(state.obj)
    if tie is None:
        return None
    try:
        if ids is None:
            found = {g.value for g in finding.records(state).groups(tie.by, filter=finding.condition(state))}
        else:
            page = visible(state.caller, state.obj).page(columns=(tie.by,), ids=ids, size=len(ids) or 1)
            found = {row.values.get(tie.by) for row in page.rows}
    except TooSlow:
        return None
    return found.pop() if len(found) == 1 else None


def _choices(state: ListState, chosen: list[str]) -> list[dict[str, Any]]:
    """The fields that may still be added."""
    return [{"value": f.name, "label": capfirst(str(f.label))} for f in editable(state) if f.name not in chosen]


def _title(state: ListState, count: int | None) -> str:
    if count is None:
        return _("Edit all %(objects)s of this list") % {"objects": state.obj.label_plural}
    names = {"count": count, "one": state.obj.label, "many": state.obj.label_plural}
    return ngettext("Edit %(count)d %(one)s", "Edit %(count)d %(many)s", count) % names


def _row(
    state: ListState, spec: FieldSpec, value: Any, errors: Any, data: Any, inside: int | None
) -> dict[str, Any]:  # fmt: skip
    control = fields.control(state.caller, state.obj, spec, value, prefix="b-")
    narrowing.narrow(state.obj, [control], inside)
    control |= {"required": False, "errors": [str(m) for m in errors or ()]}
    modes = []
    if spec.type.key in {"references", "participants"}:
        modes = [(changing.ADD, _("Add")), (changing.REMOVE, _("Remove")), (changing.SET, _("Replace by"))]
    return {"field": control, "modes": modes, "mode": data.get(f"mode-{spec.name}", changing.ADD)}


@require_GET
def field(request: HttpRequest, plural: str) -> HttpResponse:
    """One more field of the dialog, and the choice of the next."""
    state = states.read(request, plural)
    chosen = request.GET.getlist("set")
    spec = next((f for f in editable(state) if f.name == request.GET.get("add") and f.name not in chosen), None)
    if spec is None:
        return HttpResponse("")
    context = {
        "row": _row(state, spec, None, None, request.GET, state.within),
        "choices": _choices(state, [*chosen, spec.name]),
        "field_url": state.url("bulk_field", within=state.within),
    }
    return render(request, "web/lists/bulk_field.html", context)


# -- jobs and undo ----------------------------------------------------------------------------------------------------


def running_jobs(state: ListState) -> list[dict[str, Any]]:
    """The caller's bulk acts on this object that are not at their end."""
    jobs = queue.unfinished(running.JOB, state.caller.user_id)
    return [progress_of(job, state.obj.plural) for job in jobs if job.arguments.get("object") == state.obj.key]


def progress_of(job: JobRow, plural: str) -> dict[str, Any]:
    """How far a job is, or how it ended."""
    done, refused = job.arguments.get("done", 0), job.arguments.get("refused", 0)
    ended = job.state not in (State.WAITING, State.RUNNING)
    text = changed_text(done)
    if "undo" in job.arguments:
        text = undone_text(refused) if job.state == State.DONE else text
    elif refused:
        text += f" {refused_text(refused, job.arguments.get('reason', ''))}"
    if job.state == State.CANCELLED:
        text = _("Stopped.") + f" {text}"
    elif job.state == State.FAILED:
        text = _("It failed, and what was not done yet is as it was.") + f" {text}"
    return {
        "url": reverse("bulk_job", args=[plural, job.pk]),
        "ended": ended,
        "failed": job.state == State.FAILED,
        "value": done + refused,
        "max": max(job.total or 0, done + refused, 1),
        "text": text,
        "undo_url": reverse("undo", args=[plural]) if ended and done else None,
        "batch": job.arguments.get("batch", ""),
    }


@require_http_methods(["GET", "POST"])
def job(request: HttpRequest, plural: str, job_id: int) -> HttpResponse:
    """How far a bulk act is (GET); stop it (POST)."""
    caller, _obj = states.object_of(request, plural)
    found = JobRow.objects.filter(pk=job_id, name=running.JOB, user_id=caller.user_id).first()
    if found is None:
        raise NotFound
    if request.method == "POST":
        queue.cancel(found.pk)
        found.refresh_from_db()
    return render(request, "web/lists/progress.html", {"job": progress_of(found, plural)})


@require_POST
def undo(request: HttpRequest, plural: str) -> HttpResponse:
    """Take a bulk act back as a whole. Only whoever did it may, and administrators."""
    caller, obj = states.object_of(request, plural)
    batch = request.POST.get("batch", "")
    actors = set(Change.objects.filter(batch=batch).values_list("actor_id", flat=True).distinct()) if batch else set()
    if not actors:
        raise NotFound
    if actors != {caller.user_id} and not caller.is_admin:
        raise Forbidden
    result = running.undo(caller, obj.key, batch).result
    text, level = working_text(), "info"
    if result:
        text, level = undone_text(result.kept), "warning" if result.kept else "success"
    if request.headers.get("HX-Request"):
        return toasts.done(text, level=level)
    toasts.tell(request, text, level=level)
    return redirect(reverse("list", args=[plural]))
