"""Pages on which administrators add applications that users may let act as them."""

from __future__ import annotations

from typing import Any

from allauth.idp.oidc.models import Client
from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rapport.records.accounts import api_tokens, applications
from rapport.registry.extensions import Setting
from rapport.surfaces.web import toasts
from rapport.surfaces.web.accounts.scopes import NAMES
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.settings import forms
from rapport.surfaces.web.settings.answers import act, crumbs, form_page, onward
from rapport.surfaces.web.shell import page

NAME, ONE = "applications", "settings-application"
PUBLIC, CONFIDENTIAL = "public", "confidential"
KINDS = {
    CONFIDENTIAL: gettext_lazy("It runs on a server and keeps a secret"),
    PUBLIC: gettext_lazy("It runs on people's devices or in a browser, without a secret"),
}


class ApplicationForm(forms.Form):
    """What an application is called, where it may send users back to, and the most that it may be allowed."""

    name = forms.text(gettext_lazy("Name"), most=100, help=gettext_lazy("Users read it when they are asked."))
    redirect_uris = forms.long(
        gettext_lazy("Addresses to return to"), required=True, most=10_000,
        help=gettext_lazy("One a line, exactly as the application names them (redirect URI, callback URL)."),
    )  # fmt: skip
    level = forms.choice(
        gettext_lazy("What it may be allowed at most"), list(NAMES.items()),
        help=gettext_lazy("Each user is asked, and it never gets more than the user may."),
    )  # fmt: skip


class NewApplicationForm(ApplicationForm):
    """… and whether it can keep a secret, which can't be changed later."""

    kind = forms.choice(gettext_lazy("Where it runs"), list(KINDS.items()))
    field_order = ("name", "kind", "redirect_uris", "level")


def _steps(client: Client | None = None) -> list[dict[str, str]]:
    way = crumbs((_("Applications"), reverse(f"settings-{NAME}")))
    return way if client is None else [*way, {"label": client.name, "url": reverse(ONE, args=[client.pk])}]


@require_safe
def listed(request: Request) -> HttpResponse:
    """All applications."""
    rows = [
        {
            "client": client, "level": NAMES[applications.level_of(client)],
            "hosts": sorted({applications.host_of(uri) for uri in client.get_redirect_uris()}),
            "secret": client.type == Client.Type.CONFIDENTIAL,
            "registered": bool((client.data or {}).get(applications.REGISTERED)),
        }
        for client in applications.all_(request.caller)
    ]  # fmt: skip
    context = {
        "rows": rows, "open": settings.OAUTH_REGISTRATION, "address": settings.BASE_URL,
        "crumbs": crumbs((_("Applications"), "")),
    }  # fmt: skip
    return page(request, "web/settings/applications.html", context)


@require_http_methods(["GET", "POST"])
def create(request: Request) -> HttpResponse:
    """Add an application; its secret is shown once."""
    form = NewApplicationForm(request.POST or None, initial={"level": api_tokens.WRITE, "kind": CONFIDENTIAL})

    def make(redirect_uris: str, kind: str, **values: str) -> tuple[Client, str]:
        addresses = redirect_uris.splitlines()
        return applications.create(request.caller, redirect_uris=addresses, confidential=kind == CONFIDENTIAL, **values)

    if form.carried_out(make):
        client, secret = form.result
        return _credentials(request, client, secret, _("Application added"))
    return form_page(request, form, _("New application"), _steps(), submit=_("Add"))


def _credentials(request: Request, client: Client, secret: str, heading: str) -> HttpResponse:
    context = {
        "title": heading, "client": client, "secret": secret, "issuer": settings.BASE_URL,
        "crumbs": [*_steps(client), {"label": heading, "url": ""}],
    }  # fmt: skip
    response = page(request, "web/settings/application_secret.html", context)
    response["Cache-Control"] = "no-store"
    return response


@require_http_methods(["GET", "POST"])
def edit(request: Request, client_id: str) -> HttpResponse:
    """Change an application."""
    client = applications.one(request.caller, client_id)
    initial = {
        "name": client.name, "redirect_uris": client.redirect_uris, "level": applications.level_of(client)
    }  # fmt: skip
    form = ApplicationForm(request.POST or None, initial=initial)

    def change(redirect_uris: str, **values: Any) -> Client:
        return applications.change(request.caller, client_id, redirect_uris=redirect_uris.splitlines(), **values)

    if form.carried_out(change):
        toasts.tell(request, _("The application is saved."))
        return onward(f"settings-{NAME}")
    more = {
        "template": "web/settings/application.html", "client": client,
        "secret": client.type == Client.Type.CONFIDENTIAL,
    }  # fmt: skip
    return form_page(request, form, client.name, _steps(), submit=_("Save"), **more)


@require_POST
def rotate(request: Request, client_id: str) -> HttpResponse:
    """Make a new secret; the old one ends at once."""
    client = applications.one(request.caller, client_id)
    made: list[str] = []
    if act(request, lambda: made.append(applications.rotate(request.caller, client_id)), _("The old secret is over.")):
        return _credentials(request, client, made[0], _("New secret"))
    return onward(ONE, client_id)


@require_POST
def remove(request: Request, client_id: str) -> HttpResponse:
    """Remove an application and all that it was allowed."""
    act(request, lambda: applications.remove(request.caller, client_id), _("The application is removed."))
    return onward(f"settings-{NAME}")


SETTING = Setting(
    name=NAME, path="applications/", view=listed, label=gettext_lazy("Applications"), icon="puzzle",
    group=gettext_lazy("System"), order=41,
)  # fmt: skip
