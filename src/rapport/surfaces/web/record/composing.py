"""The composer of a record's page: short forms that make a record about it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid, NotFound
from rapport.records.read import RecordView
from rapport.registry import catalog, extensions
from rapport.registry.extensions import Beside, Composer
from rapport.surfaces.web import fields, toasts
from rapport.surfaces.web.cells import record_url
from rapport.surfaces.web.record import stream
from rapport.surfaces.web.record.answers import see_other
from rapport.surfaces.web.record.objects import record_of
from rapport.surfaces.web.record.panels import panels
from rapport.surfaces.web.requests import Request


def composers(caller: Caller, view: RecordView) -> list[Composer]:
    """What the caller may add to the page."""
    key, plain = view.obj.key, view.obj.spec.scope is None  # what has rights of another record has nothing of its own
    offered = (c for c in extensions.all_of(Composer) if key in c.objects or ("*" in c.objects and plain))
    may = (c for c in offered if caller.may(catalog.current()[c.object_key], "create"))
    return sorted(may, key=lambda c: c.order)


def kinds(caller: Caller, view: RecordView) -> list[dict[str, Any]]:
    """What the macro `composer` takes: the first with its form, the others ask for theirs when they are wanted."""
    offered = composers(caller, view)
    return [kind(caller, view, c) for c in offered[:1]] + [_tab(view, c) for c in offered[1:]]


def _tab(view: RecordView, composer: Composer) -> dict[str, Any]:
    return {
        "key": composer.name,
        "label": composer.label,
        "icon": composer.icon,
        "url": reverse("compose", args=[view.obj.plural, view.id, composer.name]),
    }


def kind(
    caller: Caller, view: RecordView, composer: Composer, values: Mapping[str, Any] | None = None,
    errors: Mapping[str, Sequence[Any]] | None = None, sent: Mapping[str, str] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """One form: empty but for what the page says, or with what was sent and what is wrong with it.

    `sent` is what stood in the inputs, for what stands beside the fields.
    """
    target = catalog.current()[composer.object_key]
    names = [n for n in composer.fields if caller.edits(target, target.fields[n])]
    start = {**_start(caller, view, composer), **(values or {})}
    controls = fields.controls(caller, target, names, start, None, errors, prefix=f"{composer.name}-")
    if controls:
        controls[0]["attrs"] = {**controls[0].get("attrs", {}), "rows": 2, "placeholder": str(composer.prompt)}
        if composer.mentions:
            controls[0]["attrs"]["mentions"] = reverse("user_options")
    for control in controls:
        if control["name"] in composer.live:
            control["live"] = _live(view, composer)
    others = [str(text) for name, texts in (errors or {}).items() if name not in names for text in texts]
    return {
        **_tab(view, composer),
        "beside": _beside(caller, view, composer, sent or {}, errors or {}),
        "submit": composer.submit or _("Save"),
        "hint": _("Markdown") if controls and controls[0]["widget"] == "textarea" else None,
        "controls": controls,
        "listed": ",".join(names),
        "errors": others,
        "submission": secrets.token_urlsafe(18),
    }


def besides(composer: Composer) -> list[Beside]:
    """What stands beside the fields of a form."""
    return sorted((b for b in extensions.all_of(Beside) if composer.name in b.composers), key=lambda b: b.order)


def _beside(
    caller: Caller, view: RecordView, composer: Composer, sent: Mapping[str, str], errors: Mapping[str, Sequence[Any]]
) -> list[dict[str, Any]]:
    found = ((b.template, b.context(caller, view, composer, sent, errors)) for b in besides(composer))
    return [{"template": template, "part": context} for template, context in found if context is not None]


def _live(view: RecordView, composer: Composer) -> dict[str, Any]:
    return {
        "hx-get": _tab(view, composer)["url"],
        "hx-trigger": "change",
        "hx-include": "closest form",
        "hx-target": f"#compose-{composer.name}",
        "hx-swap": "innerHTML",
    }


def _start(caller: Caller, view: RecordView, composer: Composer) -> dict[str, Any]:
    """What the form starts with: what ties it to the page, and what it presets; only what the caller may set."""
    target = catalog.current()[composer.object_key]
    defaults = {n: f.default for n in composer.fields if (f := target.fields[n]).default not in (None, "")}
    given = {**defaults, **composer.about(caller, view), **composer.preset}
    return {n: v for n, v in given.items() if n in target.fields and caller.edits(target, target.fields[n])}


@require_http_methods(["GET", "POST"])
def compose(request: Request, plural: str, record_id: int, name: str) -> HttpResponse:
    """The empty form (GET). Save what was written (POST): the timeline with it, or the form with what is wrong."""
    caller = request.caller
    obj, view = record_of(caller, plural, record_id)
    composer = next((c for c in composers(caller, view) if c.name == name), None)
    if composer is None:
        raise NotFound
    if request.method == "GET":
        if not request.headers.get("HX-Request"):
            return see_other(record_url(obj.key, record_id))
        return render(request, "web/record/compose_form.html", {"kind": _drafted(request, view, composer)})
    target = catalog.current()[composer.object_key]
    sent = fields.parse(target, request.POST)
    raw = {**_start(caller, view, composer), **sent}
    try:
        with transaction.atomic():
            made = write.create(caller, composer.object_key, raw, submission=request.POST.get("submission", ""))
            for beside in besides(composer):
                beside.keep(caller, view, composer, made, request.POST.dict())
    except Invalid as error:
        return _refused(request, view, kind(caller, view, composer, sent, error.errors, request.POST.dict()))
    if not request.headers.get("HX-Request"):
        toasts.tell(request, _("Saved"))
        return see_other(record_url(obj.key, record_id))
    context = {
        "record": view,
        "panels": panels(request, view),
        "kind": kind(caller, view, composer),
        **stream.entries(caller, view, ""),
    }
    return render(request, "web/record/composed.html", context)


def _drafted(request: Request, view: RecordView, composer: Composer) -> dict[str, Any]:
    """The form, empty or with what was entered so far and what follows from it."""
    if composer.fill is None or fields.SENT not in request.GET:
        return kind(request.caller, view, composer)
    sent = fields.parse(catalog.current()[composer.object_key], request.GET)
    values = composer.fill(request.caller, view, {**_start(request.caller, view, composer), **sent})
    return kind(request.caller, view, composer, values, sent=request.GET.dict())


def _refused(request: Request, view: RecordView, made: dict[str, Any]) -> HttpResponse:
    if not request.headers.get("HX-Request"):
        texts = [*made["errors"], *(f"{c['label']}: {' '.join(c['errors'])}" for c in made["controls"] if c["errors"])]
        toasts.tell(request, " ".join(texts), level="error")
        return see_other(record_url(view.obj.key, view.id))
    response = render(request, "web/record/compose_form.html", {"kind": made}, status=422)
    response["HX-Retarget"] = f"#compose-{made['key']}"
    response["HX-Reswap"] = "innerHTML"
    return response
