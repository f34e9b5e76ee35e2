"""The pages of migrations: upload an export, see what was understood, choose, start, follow, read the report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from rapport.apps.migration import jobs, making, reporting, running, undoing
from rapport.apps.migration.models import Migration, MigrationKept, MigrationStep, State
from rapport.apps.migration.shapes import BODIES, FILES, LABELS, LISTS, STAGES, USERS, Table, Vendor
from rapport.apps.migration.vendors import VENDORS
from rapport.records.accounts import directory
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Forbidden, NotFound, RecordsError
from rapport.registry import catalog
from rapport.registry.extensions import Page, Setting
from rapport.surfaces.web import toasts
from rapport.surfaces.web.importing import results
from rapport.surfaces.web.importing.texts import remaining, sentences
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.settings import choices
from rapport.surfaces.web.settings.answers import crumbs
from rapport.surfaces.web.settings.guard import administrators
from rapport.surfaces.web.shell import page

NAME, SHOWN = "migrate", 50
TONES = {
    State.LOOKING: "blue", State.READY: "teal", State.RUNNING: "blue", State.STOPPED: "orange", State.DONE: "green",
    State.FAILED: "red", State.UNDOING: "orange", State.UNDONE: "neutral",
}  # fmt: skip
ROLES = {
    USERS: gettext_lazy("Colleagues"), STAGES: gettext_lazy("Pipelines and stages"),
    LISTS: gettext_lazy("Price lists"),
    LABELS: gettext_lazy("Names of fields"), BODIES: gettext_lazy("Files"), FILES: gettext_lazy("Files"),
}  # fmt: skip
UNKNOWN = (
    (making.ME, gettext_lazy("become mine")), (making.EMPTY, gettext_lazy("belong to nobody")),
    (making.CREATE, gettext_lazy("belong to users that are made for them, with closed accounts")),
)  # fmt: skip


@require_http_methods(["GET", "POST"])
def begin(request: Request) -> HttpResponse:
    """Ask for an export (GET); keep it, and look through it (POST)."""
    errors: list[str] = []
    if request.method == "POST":
        sent = request.FILES.get("file")
        if sent is None:
            errors = [_("Choose a file first.")]
        else:
            try:
                return redirect("migration", jobs.upload(request.caller, request.POST.get("vendor", ""), sent).pk)
            except RecordsError as error:
                errors = sentences(error)
    past = [
        {"migration": m, "label": VENDORS[m.vendor].label, "state": State(m.state).label, "tone": TONES[State(m.state)]}
        for m in Migration.objects.order_by("-id")[:SHOWN]
        if m.vendor in VENDORS
    ]
    context = {
        "vendors": [{"value": v.key, "label": v.label} for v in VENDORS.values()], "past": past, "errors": errors,
        "vendor": request.POST.get("vendor") or next(iter(VENDORS)), "crumbs": crumbs((_("Migrate"), "")),
    }  # fmt: skip
    return page(request, "migration/begin.html", context, status=422 if errors else 200)


@administrators
@require_http_methods(["GET", "POST"])
def show(request: Request, migration_id: int) -> HttpResponse:
    """One migration (GET), for htmx the part that changes; start, stop, go on or discard (POST). Raises NotFound."""
    migration = Migration.objects.filter(pk=migration_id).first()
    if migration is None or migration.vendor not in VENDORS:
        raise NotFound
    if request.method == "POST":
        return _do(request, migration)
    context = {"m": migration, "i": _state(request.caller, migration), "kept": _kept(request, migration)}
    if request.headers.get("HX-Target", "").endswith("#migration"):
        return render(request, "migration/state.html", context)
    steps = crumbs((_("Migrate"), reverse(f"settings-{NAME}")), (migration.name, ""))
    return page(request, "migration/show.html", {**context, "crumbs": steps, "label": VENDORS[migration.vendor].label})


def _do(request: Request, migration: Migration) -> HttpResponse:
    caller = request.caller
    try:
        match request.POST.get("do"):
            case "start":
                jobs.start(caller, migration, _options(request, migration))
            case "stop":
                jobs.stop(migration)
            case "resume":
                jobs.resume(caller, migration)
            case "undo":
                undoing.start(caller, migration)
            case "discard":
                jobs.discard(migration)
                toasts.tell(request, _("The export was deleted."))
                return redirect(f"settings-{NAME}")
            case _:
                toasts.tell(request, _("Choose what to do."), level="error")
    except NotFound:
        raise
    except RecordsError as error:
        toasts.tell(request, " ".join(sentences(error)), level="error")
    return redirect("migration", migration.pk)


def _options(request: Request, migration: Migration) -> dict[str, Any]:
    """What was chosen: whose records become whose, columns that stay, the zone of times that name none."""
    posted, users = request.POST, dict(directory.active_users())
    owners: dict[str, int | str] = {}
    for place, owner in enumerate(migration.plan.get("owners", ())):
        given = posted.get(f"owner-{place}", "")
        if given in making.UNKNOWN_OWNERS:
            owners[owner["text"]] = given
        elif given.isascii() and given.isdigit() and len(given) < 19 and int(given) in users:
            owners[owner["text"]] = int(given)
    kept = set(posted.getlist("field"))
    every = [f"{e['name']}:{n}" for e in migration.plan["files"] for n, f in e["fields"].items() if not f["there"]]
    unknown = posted.get("unknown", making.ME)
    zone = posted.get("zone", "")
    chosen = {"zone": zone} if zone in dict(choices.zones()) else {}
    return {"owners": owners, "unknown": unknown, "left": [name for name in every if name not in kept], **chosen}


def _state(caller: Caller, migration: Migration) -> dict[str, Any]:
    """What of a migration changes while it is looked through or written."""
    vendor, job, steps = VENDORS[migration.vendor], jobs.job_of(migration), running.steps_of(migration)
    state = State(migration.state)
    working = job is not None and state in {State.LOOKING, State.RUNNING, State.UNDOING}
    done, total = sum(s.position for s in steps), sum(s.total for s in steps)
    found = {
        "url": reverse("migration", args=[migration.pk]), "state": state, "working": working,
        "stopping": bool(job and job.stop), "waiting": bool(job and job.started_at is None),
        "looked": job.done if job else 0, "position": done, "total": total,
        "may_resume": bool(steps) and not working and state in {State.STOPPED, State.RUNNING, State.FAILED}
        and bool(migration.path or not migration.stored),
        "may_discard": not steps and not working, "may_undo": undoing.may_undo(migration),
        "undoing": job.total if job and state == State.UNDOING else 0,
        "issues_url": reverse("migration-issues", args=[migration.pk]) if any(s.rejected or s.noted for s in steps)
        else "",
    }  # fmt: skip
    if working and job and job.started_at and done:
        seconds = (timezone.now() - job.started_at).total_seconds()
        rate = done / seconds if seconds > 0 else 0
        found |= {"left": remaining((total - done) / rate) if rate and total > done else ""}
    if steps:
        found |= {"made": sum(s.created for s in steps), "refused": sum(s.rejected for s in steps)}
        found["steps"] = [_step(vendor, s) for s in steps if not s.late]
    elif state == State.READY:
        found |= _plan(caller, vendor, migration)
    return found


def _kept(request: Request, migration: Migration) -> dict[str, Any]:
    """What an undo left."""
    every = MigrationKept.objects.filter(migration=migration)
    rows = results.left(request.caller, every.order_by("id")[:SHOWN])
    return {"rows": rows, "more": every.count() - len(rows), "made": []}


def _step(vendor: Vendor, step: MigrationStep) -> dict[str, Any]:
    table = vendor.by_kind[step.kind]
    obj = catalog.current().objects.get(table.object)
    url = reverse("list", args=[obj.plural]) if obj is not None and step.created and obj.spec.navigation else ""
    return {"step": step, "what": _what(table), "url": url}


def _what(table: Table) -> str:
    obj = catalog.current().objects.get(table.object)
    return capfirst(str(obj.label_plural)) if obj is not None else str(ROLES[table.role])


def _plan(caller: Caller, vendor: Vendor, migration: Migration) -> dict[str, Any]:
    """The survey as the page shows it."""
    plan = migration.plan
    files = [{**e, "what": _what(vendor.by_kind[e["kind"]])} for e in plan["files"]]
    fields = [
        {"name": f"{e['name']}:{name}", "label": f["label"], "what": e["what"], "type": _type(f), "filled": f["filled"]}
        for e in files
        for name, f in e["fields"].items()
        if not f["there"]
    ]
    known: dict[Any, str] = dict(directory.active_users())
    users = [{"value": str(key), "label": name} for key, name in known.items()]
    users.insert(0, {"value": "", "label": _("nobody of ours")})
    owners: Sequence[dict[str, Any]] = plan["owners"]
    return {
        "files": files, "left_files": plan["left"], "rows": plan["rows"], "fields": fields, "users": users,
        "unknown": [{"value": key, "label": label} for key, label in UNKNOWN],
        "zone": caller.zone, "zones": [{"value": key, "label": label} for key, label in choices.zones()],
        "owners": [{**o, "place": place, "is": known.get(o["user"], "")} for place, o in enumerate(owners)],
        "skipped": sorted({name for e in files for name in e["skipped"]}, key=str.casefold),
        "pipelines": _pipelines(vendor, plan["stages"]), "lists": _lists(caller, vendor, plan.get("lists", {})),
    }  # fmt: skip


def _type(field: dict[str, Any]) -> str:
    from rapport.registry.types import TYPES

    return str(TYPES[field["type"]].label)


def _pipelines(vendor: Vendor, stages: dict[str, Any]) -> list[dict[str, Any]]:
    """Pipelines that deals are in, with how many deals."""
    counts: dict[str, int] = {}
    for met in stages.get("met", {}).values():
        name = stages["pipelines"].get(met["pipeline"].casefold()) or making.named(met["pipeline"], vendor)
        counts[name] = counts.get(name, 0) + met["count"]
    return [{"name": name, "count": count} for name, count in counts.items()]


def _lists(caller: Caller, vendor: Vendor, lists: dict[str, Any]) -> list[dict[str, Any]]:
    """Price lists that prices are on, with how many prices."""
    counts: dict[str, int] = {}
    for met in lists.get("met", {}).values():
        name = making.list_name(caller, vendor, lists["names"], met)
        counts[name] = counts.get(name, 0) + met["count"]
    return [{"name": name, "count": count} for name, count in counts.items()]


@require_safe
def issues(request: Request, migration_id: int) -> HttpResponseBase:
    """Rows that were refused, or taken without a value, as CSV with the reason of each. Raises Forbidden, NotFound."""
    if not request.caller.is_admin:
        raise Forbidden
    if not Migration.objects.filter(pk=migration_id).exists():
        raise NotFound
    response = StreamingHttpResponse(reporting.issues_csv(migration_id), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="migration-{migration_id}-issues.csv"'
    return response


SETTING = Setting(
    name=NAME, path="migrate/", view=begin, label=gettext_lazy("Migrate"), icon="truck",
    group=gettext_lazy("Data"), order=29,
)  # fmt: skip
PAGES = (
    Page(name="migration", path="settings/migrate/<int:migration_id>/", view=show),
    Page(name="migration-issues", path="settings/migrate/<int:migration_id>/issues/", view=issues),
)
