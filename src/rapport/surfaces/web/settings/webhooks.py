"""Pages of webhooks: where events are sent, of which objects and acts, with which filters, and the secrets."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rapport.features.webhooks import endpoints, subscribing
from rapport.features.webhooks.models import Endpoint
from rapport.features.webhooks.subscribing import EVERY, LABELS, Wanted
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid, NotFound
from rapport.records.models import User
from rapport.registry import catalog
from rapport.registry.extensions import Setting
from rapport.surfaces.web import toasts
from rapport.surfaces.web.lists import filtering
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.settings import forms
from rapport.surfaces.web.settings.answers import act, crumbs, onward
from rapport.surfaces.web.settings.fieldforms import filter_of
from rapport.surfaces.web.shell import page

NAME, ONE = "webhooks", "settings-webhook"


class WebhookForm(forms.Form):
    """Where events go."""

    url = forms.text(
        gettext_lazy("Address"), most=endpoints.LONGEST_URL, inputmode="url", placeholder="https://",
        help=gettext_lazy("Events are posted there, signed as Standard Webhooks says."),
    )  # fmt: skip
    description = forms.text(gettext_lazy("Description"), required=False, most=200)


def steps(endpoint: Endpoint | None = None) -> list[dict[str, str]]:
    """The way to the pages of an endpoint."""
    way = crumbs((_("Webhooks"), reverse(f"settings-{NAME}")))
    return way if endpoint is None else [*way, {"label": title(endpoint), "url": reverse(ONE, args=[endpoint.pk])}]


def title(endpoint: Endpoint) -> str:
    """What an endpoint is called."""
    return endpoint.description or endpoint.url


@require_safe
def webhooks(request: Request) -> HttpResponse:
    """The caller's endpoints, everybody's for administrators."""
    found = list(endpoints.of(request.caller))
    names = dict(User.objects.filter(pk__in={one.user_id for one in found}).values_list("pk", "name"))
    rows = [
        {
            "endpoint": one, "title": title(one), "who": names.get(one.user_id, ""),
            "wanted": wanted_shown(request.caller, one),
        }
        for one in found
    ]  # fmt: skip
    context = {"rows": rows, "everyone": request.caller.is_admin, "crumbs": crumbs((_("Webhooks"), ""))}
    return page(request, "web/settings/webhooks.html", context)


def wanted_shown(caller: Caller, endpoint: Endpoint) -> list[dict[str, Any]]:
    """What an endpoint is told of: object, acts and filter in words."""
    reader = endpoints.owner(endpoint) or caller
    objects = catalog.current().objects
    found = []
    for one in subscribing.kept(endpoint.events):
        obj = objects.get(one.object)
        label = _("Every object") if one.object == EVERY else capfirst(str(obj.label_plural)) if obj else one.object
        said = filtering.words(reader, obj, one.filter) if obj and one.filter else ""
        found.append({"key": one.object, "label": label, "acts": [LABELS[a] for a in one.acts], "filter": said})
    return found


@require_http_methods(["GET", "POST"])
def create(request: Request) -> HttpResponse:
    """Make an endpoint; its secret is shown once."""
    form, wanted = WebhookForm(request.POST or None), _posted(request)
    if form.carried_out(lambda **values: _create(request.caller, wanted, values)):
        made, secret = form.result
        return _secret_page(request, made, secret, _("Webhook made"))
    return _form_page(request, request.caller, form, _("New webhook"), wanted, steps(), _("Make"))


def _create(caller: Caller, wanted: dict[str, tuple[str, ...]], values: dict[str, str]) -> tuple[Endpoint, str]:
    return endpoints.create(caller, events=[Wanted(key, acts) for key, acts in wanted.items() if acts], **values)


@require_http_methods(["GET", "POST"])
def edit(request: Request, endpoint_id: int) -> HttpResponse:
    """Change address, description, objects and acts."""
    found = endpoints.one(request.caller, endpoint_id)
    kept = {one.object: one for one in subscribing.kept(found.events)}
    initial = {"url": found.url, "description": found.description}
    form, wanted = WebhookForm(request.POST or None, initial=initial), _posted(request)
    if request.method == "GET":
        wanted = {key: one.acts for key, one in kept.items()}

    def change(**values: str) -> Endpoint:
        events = [Wanted(k, acts, kept[k].filter if k in kept else {}) for k, acts in wanted.items() if acts]
        return endpoints.change(request.caller, endpoint_id, events=events, **values)

    if form.carried_out(change):
        toasts.tell(request, _("The webhook is saved."))
        return onward(ONE, endpoint_id)
    reader = endpoints.owner(found) or request.caller
    return _form_page(request, reader, form, _("Change"), wanted, steps(found), _("Save"))


def _posted(request: Request) -> dict[str, tuple[str, ...]]:
    """`acts-<object>` of the matrix."""
    keys = (EVERY, *catalog.current().objects)
    return {key: tuple(request.POST.getlist(f"acts-{key}")) for key in keys}


def _form_page(
    request: Request, reader: Caller, form: WebhookForm, heading: str, wanted: dict[str, tuple[str, ...]],
    way: list[dict[str, str]], submit: str,
) -> HttpResponse:  # fmt: skip
    objects = [obj for obj in catalog.current().objects.values() if reader.may(obj, "read")]
    labels = [(EVERY, _("Every object")), *((o.key, capfirst(str(o.label_plural))) for o in objects)]
    context = {
        "form": form, "title": heading, "acts": LABELS, "submit": submit,
        "crumbs": [*way, {"label": heading, "url": ""}],
        "matrix": [{"key": key, "label": label, "chosen": wanted.get(key, ())} for key, label in labels],
    }  # fmt: skip
    return page(request, "web/settings/webhook_form.html", context, status=422 if form.is_bound else 200)


def _secret_page(request: Request, endpoint: Endpoint, secret: str, heading: str) -> HttpResponse:
    context = {
        "title": heading, "endpoint": endpoint, "secret": secret,
        "crumbs": [*steps(endpoint), {"label": heading, "url": ""}],
    }  # fmt: skip
    response = page(request, "web/settings/webhook_secret.html", context)
    response["Cache-Control"] = "no-store"
    return response


@require_http_methods(["GET", "POST"])
def narrow(request: Request, endpoint_id: int, key: str) -> HttpResponse:
    """The filter of one object."""
    found = endpoints.one(request.caller, endpoint_id)
    kept = subscribing.kept(found.events)
    obj, one = catalog.current().objects.get(key), next((w for w in kept if w.object == key), None)
    if obj is None or one is None:
        raise NotFound
    reader, value, problems = endpoints.owner(found) or request.caller, dict(one.filter), []
    if request.method == "POST":
        value = filter_of(request.POST, "filter")
        events = [Wanted(w.object, w.acts, value if w is one else w.filter) for w in kept]
        try:
            endpoints.change(request.caller, endpoint_id, events=events)
        except Invalid as error:
            problems = [str(m) for messages in error.errors.values() for m in messages]
        else:
            toasts.tell(request, _("The filter is saved."))
            return onward(ONE, endpoint_id)
    heading = _("Filter: %(object)s") % {"object": capfirst(str(obj.label_plural))}
    context = {
        "title": heading, "spec": filtering.spec(reader, obj, value), "value": value, "problems": problems,
        "crumbs": [*steps(found), {"label": heading, "url": ""}],
    }  # fmt: skip
    return page(request, "web/settings/webhook_filter.html", context, status=422 if problems else 200)


@require_http_methods(["GET", "POST"])
def rotate(request: Request, endpoint_id: int) -> HttpResponse:
    """Make a new secret; the old one signs beside it for a day, or ends at once."""
    found = endpoints.one(request.caller, endpoint_id)
    if request.method == "POST":
        secret = endpoints.rotate(request.caller, endpoint_id, at_once=request.POST.get("old") == "end")
        return _secret_page(request, found, secret, _("New secret"))
    heading = _("New secret")
    context = {"title": heading, "endpoint": found, "crumbs": [*steps(found), {"label": heading, "url": ""}]}
    return page(request, "web/settings/webhook_rotate.html", context)


@require_POST
def pause(request: Request, endpoint_id: int) -> HttpResponse:
    """Stop for now."""
    act(request, lambda: endpoints.pause(request.caller, endpoint_id), _("The webhook is paused."))
    return onward(ONE, endpoint_id)


@require_POST
def resume(request: Request, endpoint_id: int) -> HttpResponse:
    """Send again."""
    act(request, lambda: endpoints.resume(request.caller, endpoint_id), _("The webhook sends again."))
    return onward(ONE, endpoint_id)


@require_POST
def remove(request: Request, endpoint_id: int) -> HttpResponse:
    """Remove an endpoint and its messages."""
    act(request, lambda: endpoints.remove(request.caller, endpoint_id), _("The webhook is removed."))
    return onward(f"settings-{NAME}")


SETTING = Setting(
    name=NAME, path="webhooks/", view=webhooks, label=gettext_lazy("Webhooks"), icon="webhook",
    group=gettext_lazy("Yours"), right="", order=7,
)  # fmt: skip
