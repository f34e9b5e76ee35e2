"""The page on which everyone makes and revokes tokens for programs that act as them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rapport.records.accounts import api_tokens
from rapport.records.accounts.models import ApiToken
from rapport.registry.extensions import Setting
from rapport.surfaces.web.accounts.scopes import NAMES, short
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.settings import forms
from rapport.surfaces.web.settings.answers import act, crumbs, form_page, onward
from rapport.surfaces.web.shell import page

NAME = "tokens"
DAYS = {
    "30": gettext_lazy("30 days"),
    "90": gettext_lazy("90 days"),
    "365": gettext_lazy("a year"),
    "0": gettext_lazy("no end"),
}


class TokenForm(forms.Form):
    """What a token is for, how far it reaches and how long."""

    name = forms.text(gettext_lazy("Name"), most=100, help=gettext_lazy("What it is for, such as the program's name."))
    days = forms.choice(gettext_lazy("Valid for"), list(DAYS.items()))

    def __init__(self, *args: Any, administrator: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(scope, name) for scope, name in NAMES.items() if administrator or scope != api_tokens.ADMIN]
        help_ = _("Never more than you may yourself. Limits to single objects: see rapport token create.")
        self.fields["scope"] = forms.choice(_("What it may do"), offered, help=help_)
        self.order_fields(["name", "scope", "days"])


def _steps() -> list[dict[str, str]]:
    return crumbs((_("Tokens"), reverse(f"settings-{NAME}")))


@require_safe
def tokens(request: Request) -> HttpResponse:
    """The tokens that the caller has."""
    found = [{"token": token, "scopes": short(token.scopes), "over": _is_over(token)} for token in _of(request)]
    return page(request, "web/settings/tokens.html", {"tokens": found, "crumbs": crumbs((_("Tokens"), ""))})


def _of(request: Request) -> list[ApiToken]:
    return api_tokens.of_user(request.caller)


def _is_over(token: ApiToken) -> bool:
    return token.expires_at is not None and token.expires_at <= timezone.now()


@require_http_methods(["GET", "POST"])
def create(request: Request) -> HttpResponse:
    """Make a token; it is shown once."""
    form = TokenForm(request.POST or None, administrator=request.caller.is_admin, initial={"days": "90"})

    def make(name: str, scope: str, days: str) -> tuple[ApiToken, str]:
        end = timezone.now() + dt.timedelta(days=int(days)) if int(days) else None
        return api_tokens.create(request.caller, name=name, scopes=(scope,), expires_at=end)

    if form.carried_out(make):
        made, text = form.result
        context = {"title": _("Token made"), "name": made.name, "text": text, "crumbs": _steps()}
        response = page(request, "web/settings/token.html", context)
        response["Cache-Control"] = "no-store"
        return response
    return form_page(request, form, _("Make a token"), _steps(), submit=_("Make"))


@require_POST
def revoke(request: Request, token_id: int) -> HttpResponse:
    """End a token at once."""
    act(request, lambda: api_tokens.revoke(request.caller, token_id), _("The token is revoked."))
    return onward(f"settings-{NAME}")


SETTING = Setting(
    name=NAME, path="tokens/", view=tokens, label=gettext_lazy("Tokens"), icon="key", group=gettext_lazy("Yours"),
    right="", order=6,
)  # fmt: skip
