"""An import in the making: how the file is read, where its columns go, what trying it gave."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rapport.features.transfer import drafts
from rapport.features.transfer.formats import FORMATS
from rapport.features.transfer.formats.delimited import DELIMITERS
from rapport.features.transfer.formats.texts import ENCODINGS
from rapport.features.transfer.models import ImportDraft
from rapport.features.transfer.reading import Source
from rapport.features.transfer.runs import AlreadyImported
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid
from rapport.records.jobs import queue
from rapport.records.jobs.models import JobRow
from rapport.records.write.creating import registered
from rapport.surfaces.web.importing import columns
from rapport.surfaces.web.importing.texts import sentences
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.shell import page


@require_http_methods(["GET", "POST"])
def draft(request: Request, draft_id: int) -> HttpResponse:
    """Show an import in the making (GET); change, try, begin or discard it (POST)."""
    caller, found = request.caller, drafts.of(request.caller, draft_id)
    if request.method == "GET":
        return _page(request, found)
    acts: dict[str, Callable[[Request, Caller, ImportDraft], HttpResponse]] = {
        "read": _read, "try": _try, "stop": _stop, "begin": _begin, "discard": _discard,
    }  # fmt: skip
    try:
        return acts.get(request.POST.get("do", ""), _map)(request, caller, found)
    except AlreadyImported as error:
        return _page(request, found, [str(error.message)], again=True)
    except Invalid as error:
        return _page(request, found, sentences(error))


def _back(found: ImportDraft) -> HttpResponse:
    return redirect("import-draft", found.pk)


def _read(request: Request, caller: Caller, found: ImportDraft) -> HttpResponse:
    sent = request.POST
    header = {"yes": True, "no": False}.get(sent.get("header", ""))
    told = {name: sent.get(name, "") for name in ("format", "encoding", "delimiter", "sheet")}
    if told["format"] != found.source.get("format"):
        # What was said of the other format means nothing now.
        told, header = {"format": told["format"]}, None
    drafts.read_again(caller, found, {**told, "header": header})
    return _back(found)


def _map(request: Request, caller: Caller, found: ImportDraft) -> HttpResponse:
    _remap(request, caller, found)
    return _back(found)


def _remap(request: Request, caller: Caller, found: ImportDraft) -> None:
    """Take over what the form says."""
    sent = request.POST
    match = [name for name in (sent.get("match", ""),) if name]
    drafts.remap(caller, found, columns.entered(caller, found, sent), sent.get("duplicates", ""), match)


def _try(request: Request, caller: Caller, found: ImportDraft) -> HttpResponse:
    _remap(request, caller, found)
    drafts.attempt(caller, found)
    return _back(found)


def _stop(request: Request, caller: Caller, found: ImportDraft) -> HttpResponse:
    job = drafts.trying(found)
    if job is not None:
        queue.cancel(job.pk)
    return _back(found)


def _begin(request: Request, caller: Caller, found: ImportDraft) -> HttpResponse:
    if "columns" in request.POST:
        _remap(request, caller, found)
    run = drafts.begin(caller, found, again=request.POST.get("again") == "1")
    return redirect("import-run", run.pk)


def _discard(request: Request, caller: Caller, found: ImportDraft) -> HttpResponse:
    drafts.discard(found)
    return redirect("import", registered(found.object_key).plural)


def _page(
    request: Request, found: ImportDraft, errors: list[str] | None = None, *, again: bool = False
) -> HttpResponse:
    caller, obj = request.caller, registered(found.object_key)
    label, job = capfirst(str(obj.label_plural)), drafts.trying(found)
    context: dict[str, Any] = {
        "title": found.name or _("Import"),
        "crumbs": [
            {"label": label, "url": reverse("list", args=[obj.plural])},
            {"label": _("Import"), "url": reverse("import", args=[obj.plural])}, {"label": found.name},
        ],
        "address": reverse("import-draft", args=[found.pk]), "errors": errors or [], "again": again,
        "trial": found.trial, "trying": _progress(job) if job else None, "objects": obj.label_plural,
    }  # fmt: skip
    try:
        source, content = drafts.opened(caller, found)
    except Invalid as error:
        context["errors"] = [*context["errors"], *sentences(error)]
        source, content = Source.from_json(found.path, {**found.source, "columns": []}), None  # type: ignore[arg-type]
    context |= {"source": source, "reading": _reading(source), "about": source.about, "content": content}
    context["columns"] = columns.shown(caller, obj, found, source, content) if content else []
    context["duplicates"] = columns.duplicates(caller, obj, found)
    return page(request, "web/importing/draft.html", context, status=422 if errors else 200)


def _progress(job: JobRow) -> dict[str, Any]:
    return {"done": job.done, "total": job.total or 0}


def _reading(source: Source) -> list[dict[str, Any]]:
    """The fields of how the file is read: those that its format has."""
    names = {",": _("comma"), ";": _("semicolon"), "\t": _("tab"), "|": _("bar")}
    delimiters = dict.fromkeys((*DELIMITERS, source.delimiter) if source.delimiter else DELIMITERS)
    encodings = dict.fromkeys((*ENCODINGS, source.encoding) if source.encoding else ENCODINGS)
    possible = {
        "encoding": (_("Encoding"), [(e, e.upper()) for e in encodings], source.encoding),
        "delimiter": (_("Separator"), [(d, names.get(d, d)) for d in delimiters], source.delimiter),
        "header": (
            _("First row"), [("yes", _("names the columns")), ("no", _("is a row like others"))],
            "yes" if source.has_header else "no",
        ),
        "sheet": (_("Sheet"), [(s, s) for s in source.sheets], source.sheet),
    }  # fmt: skip
    options = FORMATS[source.format].options
    formats = [(known.key, str(known.label)) for known in FORMATS.values()]
    return [
        _select("format", _("Format"), formats, source.format),
        *(_select(name, *of) for name, of in possible.items() if name in options),
    ]


def _select(name: str, label: str, choices: list[tuple[str, str]], value: str) -> dict[str, Any]:
    made = [{"value": v, "label": text} for v, text in choices]
    return {"name": name, "label": label, "widget": "select", "choices": made, "value": value}
