"""What an import did, record by record: what it made or changed, rows that wait, what undoing left."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from rapport.features.transfer import answering, making, mapping, runs
from rapport.features.transfer.answering import Waiting
from rapport.features.transfer.models import ImportKept, ImportRun
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.errors import NotFound, RecordsError
from rapport.records.history.reverting import Why
from rapport.records.read import visible
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.registry.fields import FieldError
from rapport.surfaces.web import cells, toasts
from rapport.surfaces.web.importing.reach import run_of
from rapport.surfaces.web.importing.texts import sentences
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.shell import page

PART, MOST_KEPT = 100, 200
ACTS = {"created": "create", "updated": "update"}


@require_safe
def records(request: Request, run_id: int, which: str) -> HttpResponse:
    """The records that an import made or changed, those that it made on the way too, in the order of the file."""
    run = run_of(request.caller, run_id)
    if which not in ACTS:
        raise NotFound
    after = _number(request.GET.get("after", ""))
    text = (
        "SELECT id, object_key, record_id FROM records_change WHERE batch = %s AND action = %s AND id > %s "
        f"ORDER BY id LIMIT {PART + 1}"
    )
    found = db.rows(Sql(text, (runs.batch_of(run), ACTS[which], after)))
    url = reverse("import-records", args=[run.pk, which])
    title = _("Created by this import") if which == "created" else _("Changed by this import")
    context = {
        "title": title, "crumbs": [*crumbs(run), {"label": title}], "run": run,
        "records": _named(request.caller, [(key, record) for _id, key, record in found[:PART]]),
        "next_url": f"{url}?after={found[PART - 1][0]}" if len(found) > PART else "",
    }  # fmt: skip
    return page(request, "web/importing/records.html", context)


def crumbs(run: ImportRun) -> list[dict[str, Any]]:
    """The way to an import."""
    return [
        {"label": _("Imports"), "url": reverse("imports")},
        {"label": run.name, "url": reverse("import-run", args=[run.pk])},
    ]


def _named(caller: Caller, pairs: Iterable[tuple[str, int]]) -> list[dict[str, Any]]:
    """Records that the caller may see, each once: what it is, its title, its address."""
    pairs = list(dict.fromkeys(pairs))
    titles = {
        key: visible(caller, key).labels([record for of, record in pairs if of == key])
        for key in {key for key, _record in pairs} & catalog.current().objects.keys()
    }
    return [
        {
            "object": capfirst(str(catalog.current()[key].label)), "title": titles[key][record] or _("(no name)"),
            "url": cells.record_url(key, record),
        }
        for key, record in pairs if record in titles.get(key, {})
    ]  # fmt: skip


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


# -- rows that wait ---------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def waiting(request: Request, run_id: int) -> HttpResponse:
    """Rows about records that are there, old and new values side by side (GET); what becomes of them (POST)."""
    run = run_of(request.caller, run_id)
    url = reverse("import-waiting", args=[run.pk])
    if request.method == "POST":
        row, record = (_number(request.POST.get(name, "")) for name in ("row", "record"))
        try:
            answering.start(request.caller, run, request.POST.get("do", ""), [row] if row else (), record)
        except NotFound:
            raise
        except RecordsError as error:
            toasts.tell(request, " ".join(sentences(error)), level="error")
        more = runs.waiting(run) and runs.job_of(run) is None
        return redirect(url if more else reverse("import-run", args=[run.pk]))
    after = _number(request.GET.get("after", ""))
    found = answering.waiting(request.caller, run, after=after)
    obj = catalog.current()[run.object_key]
    title = _("Rows that wait for your answer")
    context = {
        "title": title, "crumbs": [*crumbs(run), {"label": title}], "address": url, "count": runs.waiting(run),
        "rows": [_compared(request.caller, obj, run, row) for row in found], "run": run,
        "next_url": f"{url}?after={found[-1].line}" if len(found) == 20 else "",
    }  # fmt: skip
    return page(request, "web/importing/waiting.html", context)


def _compared(caller: Caller, obj: RegisteredObject, run: ImportRun, row: Waiting) -> dict[str, Any]:
    """A row beside the first record that it is about, field by field."""
    names = [n for n in dict.fromkeys(mapping.target_names(run.mapping)) if n in caller.visible_fields(obj)]
    known = visible(caller, obj).page(columns=names, ids=row.matches, size=len(row.matches) or 1).rows
    known.sort(key=lambda view: row.matches.index(view.id))
    compared = []
    for name in names if known else ():
        field = obj.fields[name]
        old = cells.flat(field, known[0].values.get(name), known[0].labels.get(name))
        new = _said(caller, obj, name, row.values.get(name))
        differs = bool(new) and new != old
        compared.append({"label": capfirst(str(field.label)), "old": old, "new": new, "differs": differs})
    return {
        "id": row.id, "line": row.line, "fields": compared,
        "records": [{"id": v.id, "title": v.title, "url": cells.record_url(obj.key, v.id)} for v in known],
    }  # fmt: skip


def _said(caller: Caller, obj: RegisteredObject, name: str, value: Any) -> str:
    """What a row says of a field as it would be written; as it stands in the file where that can't be."""
    field = obj.fields[name]
    if value in (None, "") or field.target:
        return str(value or "")
    try:
        return cells.flat(field, field.type.clean(field, value, caller.env()))
    except FieldError:
        return str(value)


# -- what undoing left ------------------------------------------------------------------------------------------------


def left(caller: Caller, rows: Iterable[Any]) -> list[dict[str, Any]]:
    """Rows of what an undo left (`ImportKept` and its like) with why, records that one may not see without names."""
    reasons = {
        Why.CHANGED: _("changed since"), Why.USED: _("others use it"), Why.REFUSED: _("may not be changed back"),
    }  # fmt: skip
    found = []
    for row in rows:
        named = _named(caller, [(row.object_key, row.record_id)])
        obj = catalog.current().objects.get(row.object_key)
        fields = [capfirst(str(obj.fields[n].label)) for n in row.fields if obj and n in caller.visible_fields(obj)]
        what = ", ".join(fields) or (_("created") if row.action == "create" else _("changed"))
        found.append({"record": named[0] if named else None, "what": what, "why": reasons.get(Why(row.why), "")})
    return found


def kept(caller: Caller, run: ImportRun) -> dict[str, Any]:
    """What undoing an import left, and why."""
    rows = list(ImportKept.objects.filter(run=run).order_by("id")[:MOST_KEPT])
    made = [
        {"label": field.label, "options": ", ".join(options)}
        for field, options in making.standing(making.Made(**run.made) if run.made else making.Made())
    ]
    more = ImportKept.objects.filter(run=run).count() - len(rows)
    return {"rows": left(caller, rows), "more": more, "made": made}
