"""Sign-in links, set-up, invitations, the own profile."""

from __future__ import annotations

from typing import Any

from allauth.account.utils import perform_login
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from rapport.records.accounts import applications, audit, invitations, organisations, sign_in_links, users
from rapport.records.accounts.caller import CURRENCY, WEEK_START, Caller
from rapport.records.errors import NotFound
from rapport.records.models import Organisation, User
from rapport.surfaces.web import toasts
from rapport.surfaces.web.accounts.auditing import address
from rapport.surfaces.web.accounts.forms import Join, Profile, SetUp
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.shell import page


def enter(request: HttpRequest, user: User) -> HttpResponse:
    """Sign a user in through all steps that the account asks for, as a second factor."""
    found: HttpResponse
    try:
        found = perform_login(request, user, email_verification="none", redirect_url=reverse("home"))
    except ImmediateHttpResponse as answer:
        found = answer.response
    return found


@never_cache
@require_http_methods(["GET", "POST"])
def sign_in_link(request: HttpRequest, token: str) -> HttpResponse:
    """A GET shows a button only, since mail scanners follow links; the POST uses the link up."""
    if request.method == "GET":
        return page(request, "web/accounts/sign_in_link.html", {})
    user = sign_in_links.use(token)
    if user is None:
        audit.record("sign-in refused", detail={"by": "link"}, address=address(request))
        return page(request, "web/accounts/link_gone.html", {}, status=410)
    return enter(request, user)


@never_cache
@require_http_methods(["GET", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    """The first page of all; 404 as soon as there is a user."""
    if organisations.is_set_up():
        raise NotFound
    initial = {"country": "DE", "currency": "EUR", "zone": "Europe/Berlin", "language": get_language()}
    form = SetUp(request.POST or None, initial=initial)
    if form.carried_out(organisations.set_up):
        return enter(request, form.result)
    return page(request, "web/accounts/setup.html", {"form": form}, status=422 if form.is_bound else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Accept an invitation."""
    invitation = invitations.find(token)
    if invitation is None:
        return page(request, "web/accounts/link_gone.html", {"invitation": True}, status=410)
    form = Join(request.POST or None, initial={"name": invitation.name})
    if form.carried_out(lambda **values: invitations.accept(token, **values)):
        return enter(request, form.result)
    context = {"form": form, "invitation": invitation, "organisation": Organisation.objects.first()}
    return page(request, "web/accounts/join.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def profile(request: Request) -> HttpResponse:
    """The own profile, and the way to password, second factor, passkeys and sessions."""
    user = User.objects.get(pk=request.caller.user_id or 0)
    initial = {n: getattr(user, n) for n in Profile.base_fields if n not in (WEEK_START, CURRENCY)}
    initial[WEEK_START] = str(request.caller.week_start)
    initial[CURRENCY] = "" if request.caller.enters_in == request.caller.currency else request.caller.enters_in
    form = Profile(request.POST or None, initial=initial)
    if form.carried_out(lambda **values: users.update_profile(request.caller, **values)):
        toasts.tell(request, _("Your profile is saved."))
        response = redirect("profile")
        response.set_cookie("theme", form.cleaned_data["theme"], max_age=365 * 24 * 3600, samesite="Lax")
        response.status_code = 303
        return response
    return page(
        request,
        "web/accounts/profile.html",
        {"form": form, **_security(request.caller, user)},
        422 if form.is_bound else 200,
    )


def _security(caller: Caller, user: User) -> dict[str, Any]:
    kinds = list(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    return {
        "email": user.email,
        "has_password": user.has_usable_password(),
        "has_totp": Authenticator.Type.TOTP in kinds,
        "passkeys": kinds.count(Authenticator.Type.WEBAUTHN),
        "sessions": UserSession.objects.filter(user=user).count(),
        "applications": len(applications.of_user(caller)),
    }


@require_POST
def sign_out_everywhere(request: Request) -> HttpResponse:
    """End all sessions of the caller but this one."""
    ended = users.sign_out_everywhere(request.caller, but=request.session.session_key or "")
    toasts.tell(request, _("Signed out everywhere else (%(count)d).") % {"count": ended})
    return redirect("profile")
