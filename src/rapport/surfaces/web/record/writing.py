"""Pages that write a whole record: create, quick create, edit."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods

from rapport.records import write
from rapport.records.errors import Conflict, Forbidden, Invalid
from rapport.records.read import visible
from rapport.registry.catalog import RegisteredObject
from rapport.surfaces.web import fields, narrowing, toasts
from rapport.surfaces.web.cells import record_url
from rapport.surfaces.web.record import alike, forms
from rapport.surfaces.web.record.answers import dialog_of, events, go_to, see_other
from rapport.surfaces.web.record.objects import next_of, object_of, record_of
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.shell import page


@require_http_methods(["GET", "POST"])
def create(request: Request, plural: str) -> HttpResponse:
    """The whole form of a new record; after it, the record."""
    caller = request.caller
    obj = object_of(caller, plural)
    if not caller.may(obj, "create"):
        raise Forbidden
    if request.method == "GET":
        given = forms.prefilled(caller, obj, request.GET)
        return _form(request, obj, {**narrowing.first(caller, obj, given), **given})
    raw = fields.parse(obj, request.POST)
    sent = request.POST.get("submission", "")
    try:
        raw = fields.received(request, obj)
        if held := alike.hold(request, obj, raw):
            return see_other(held.url) if held.url else _form(request, obj, raw, held=held, sent=sent)
        made = write.create(caller, obj.key, raw, submission=sent)
    except Invalid as error:
        return _form(request, obj, raw, error=error, sent=sent)
    toasts.tell(request, _("Saved: %(title)s") % {"title": _title(request, obj, made)})
    again = reverse("create", args=[plural]) if "again" in request.POST else record_url(obj.key, made)
    return see_other(next_of(request, again))


@require_http_methods(["GET", "POST"])
def quick(request: Request, plural: str) -> HttpResponse:
    """The short form in a dialog; after it, the page that it was opened on."""
    caller = request.caller
    obj = object_of(caller, plural)
    if not caller.may(obj, "create"):
        raise Forbidden
    if request.method == "GET":
        return _quick(request, obj, forms.prefilled(caller, obj, request.GET))
    if "more" in request.POST:
        return _more(request, obj)
    raw = fields.parse(obj, request.POST)
    sent = request.POST.get("submission", "")
    try:
        raw = fields.received(request, obj)
        if held := alike.hold(request, obj, raw):
            return _held(request, obj, raw, held, sent)
        made = write.create(caller, obj.key, raw, submission=sent)
    except Invalid as error:
        return _quick(request, obj, raw, error=error, sent=sent)
    return _made(request, obj, made)


def _held(request: Request, obj: RegisteredObject, raw: dict[str, Any], held: alike.Held, sent: str) -> HttpResponse:
    """What the quick form answers where a record is there already."""
    if not held.record:
        return _quick(request, obj, raw, held=held, sent=sent)
    if request.POST.get("pick"):
        label = _title(request, obj, held.record)
        return events(dialog__close=True, combobox__created={"value": held.record, "label": label})
    return go_to(held.url) if request.headers.get("HX-Request") else see_other(held.url)


def _quick(
    request: Request, obj: RegisteredObject, values: dict[str, Any], held: alike.Held | None = None, **more: Any
) -> HttpResponse:
    caller = request.caller
    order = {name: at for at, name in enumerate(obj.fields)} | {n: at for at, n in enumerate(forms.form_names(obj))}
    names = list(dict.fromkeys((*forms.quick_names(obj), *sorted(_asked(obj, request), key=order.__getitem__))))
    names = [n for n in names if caller.sees(obj, obj.fields[n]) and caller.edits(obj, obj.fields[n])]
    made = forms.form(caller, obj, names, values, prefix="q-", **more)
    picking = request.GET.get("pick") or request.POST.get("pick")
    context = {
        **made,
        "post_url": reverse("quick", args=[obj.plural]),
        "pick": picking,
        "more": not picking,
        "into": dialog_of(request) or "remote",
        **alike.context(obj, held),
    }
    return render(request, "web/record/quick.html", context, status=422 if "error" in more or held else 200)


def _asked(obj: RegisteredObject, request: Request) -> list[str]:
    """Fields that the opener filled in or that the sent form held; the short form shows them too."""
    listed = request.POST.get(fields.SENT, "").split(",") if request.method == "POST" else request.GET
    return [n for n in listed if n in obj.fields and obj.fields[n].editable]


def _more(request: Request, obj: RegisteredObject) -> HttpResponse:
    """Go on in the whole form with what was entered so far."""
    query = request.POST.copy()
    for name in ("csrfmiddlewaretoken", "submission", "more", "pick", "next"):
        query.pop(name, None)
    return go_to(f"{reverse('create', args=[obj.plural])}?{query.urlencode()}")


def _made(request: Request, obj: RegisteredObject, made: int) -> HttpResponse:
    title = _title(request, obj, made)
    if not request.headers.get("HX-Request"):
        return see_other(record_url(obj.key, made))
    if request.POST.get("pick"):
        return events(dialog__close=True, combobox__created={"value": made, "label": title})
    link = {"url": record_url(obj.key, made), "label": pgettext("a page", "Open")}
    toast = {"level": "success", "text": _("Saved: %(title)s") % {"title": title}, "link": link}
    return events(dialog__close=True, toast=toast, main__refresh=True)


def _title(request: Request, obj: RegisteredObject, made: int) -> str:
    """The title of a new record; it may be one that its maker does not see."""
    return visible(request.caller, obj).labels([made]).get(made) or str(obj.label)


def _form(
    request: Request, obj: RegisteredObject, values: dict[str, Any], held: alike.Held | None = None, **more: Any
) -> HttpResponse:
    names = forms.whole_names(obj, values, more.get("error"))
    made = forms.form(request.caller, obj, names, values, **more)
    context = {
        **made,
        "post_url": reverse("create", args=[obj.plural]),
        "cancel_url": reverse("list", args=[obj.plural]),
        "title": _("New %(object)s") % {"object": obj.label},
        "creating": True,
        **alike.context(obj, held),
    }
    return page(request, "web/record/form.html", context, status=422 if "error" in more or held else 200)


@require_http_methods(["GET", "POST"])
def edit(request: Request, plural: str, record_id: int) -> HttpResponse:
    """The whole form of a record; in a dialog where it was opened in one."""
    caller = request.caller
    obj, view = record_of(caller, plural, record_id)
    if "edit" not in view.may:
        raise Forbidden
    if request.method == "GET":
        return _edit(request, obj, view, view.values, labels=view.labels, version=view.version)
    version = int(text) if (text := request.POST.get("version", "")).isdecimal() else view.version
    raw = forms.changed(caller, obj, view, request.POST, version)
    try:
        raw |= {n: v for n, v in fields.received(request, obj).items() if n in request.FILES}
        write.update(caller, obj.key, record_id, raw, version=version)
    except (Invalid, Conflict) as error:
        kept = {n: label for n, label in view.labels.items() if n not in raw}
        sent = {n: v for n, v in raw.items() if n in obj.fields and caller.edits(obj, obj.fields[n])}
        return _edit(request, obj, view, {**view.values, **sent}, labels=kept, error=error, version=version)
    if dialog_of(request):
        return toasts.done(_("Saved"))
    toasts.tell(request, _("Saved"))
    return see_other(next_of(request, record_url(obj.key, record_id)))


def _edit(request: Request, obj: RegisteredObject, view: Any, values: Any, **more: Any) -> HttpResponse:
    dialog = dialog_of(request)
    names = forms.whole_names(obj, values, more.get("error"))
    made = forms.form(request.caller, obj, names, values, prefix="q-" if dialog else "f-", **more)
    context = {
        **made,
        "post_url": reverse("edit", args=[obj.plural, view.id]),
        "cancel_url": record_url(obj.key, view.id),
        "title": view.title,
        "into": dialog,
    }
    error = more.get("error")
    status = error.status if error else 200
    if dialog:
        return render(request, "web/record/edit_dialog.html", context, status=status)
    return page(request, "web/record/form.html", context, status=status)
