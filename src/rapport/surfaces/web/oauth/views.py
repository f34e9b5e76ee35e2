"""The page on which a user allows an application to act as them, and what the application asks for by itself."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlencode, urlsplit

from allauth.core.internal.httpkit import add_query_params
from allauth.idp.oidc import views as provider
from allauth.idp.oidc.internal.oauthlib.utils import convert_response, extract_params, get_validator_context
from allauth.idp.oidc.internal.resources import InvalidTargetError, validate_resources
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from oauthlib.oauth2.rfc6749.errors import FatalClientError, OAuth2Error

from rapport.features.programs import limits
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts import api_tokens, applications
from rapport.records.accounts.caller import Caller
from rapport.surfaces.web.accounts.auditing import address
from rapport.surfaces.web.accounts.scopes import words
from rapport.surfaces.web.middleware import POLICY
from rapport.surfaces.web.oauth.server import Server, user_of
from rapport.surfaces.web.shell import page

Asked = tuple[list[str], dict[str, Any]]


@never_cache
@require_http_methods(["GET", "POST"])
def authorize(request: HttpRequest) -> HttpResponse:
    """Ask the user; a POST is their answer. Whatever is wrong with the application itself is told here, not there."""
    caller: Caller | None = request.caller  # type: ignore[attr-defined]
    try:
        scopes, asked = _asked(request)
    except FatalClientError as error:
        return _refused(request, str(error.description))
    except OAuth2Error as error:
        return _back(error.in_uri(error.redirect_uri))
    if caller is None:
        return redirect(f"{reverse('account_login')}?{urlencode({'next': request.get_full_path()})}")
    client = asked["request"].client
    if request.method == "GET":
        return _question(request, caller, scopes, asked)
    if request.POST.get("answer") != "allow":
        refusal = {"error": "access_denied", **({"state": asked["state"]} if asked["state"] else {})}
        return _back(add_query_params(asked["redirect_uri"], refusal))
    with transaction.atomic():
        applications.allow(caller, client, scopes)
        credentials = {"user": user_of(caller.user_id or 0)}
        uri, _method, _body, headers = extract_params(request)
        found, _nothing, _status = Server().create_authorization_response(
            uri, "GET", None, headers, scopes=scopes, credentials=credentials
        )
    return _back(found["Location"])


def _asked(request: HttpRequest) -> Asked:
    """The scopes that may be allowed, and what else the address says. Raises OAuth2Error."""
    uri, _method, _body, headers = extract_params(request)
    if any("\x00" in value for values in request.GET.lists() for value in values[1]):
        raise FatalClientError("Control characters in the address.")
    scopes, asked = Server().validate_authorization_request(uri, "GET", None, headers)
    context = get_validator_context()
    try:
        context.requested_resources = _resources(request.GET.getlist("resource")) or [api_tokens.address("rest")]
    except InvalidTargetError as error:
        error.redirect_uri, error.state = asked["redirect_uri"], asked["state"]
        raise
    return applications.allowed(asked["request"].client, scopes), asked


def _resources(given: list[str]) -> list[str]:
    """The resources that were named, as they are kept. Raises InvalidTargetError."""
    try:
        validate_resources(given)
    except (ValidationError, ValueError) as error:
        raise InvalidTargetError from error
    return list(dict.fromkeys(uri.rstrip("/") for uri in given))


def _back(uri: str) -> HttpResponse:
    """To the application, saying who sends: it may know several issuers (RFC 9207)."""
    response = HttpResponse(status=302)
    response["Location"] = add_query_params(uri, {"iss": settings.BASE_URL})
    response["Referrer-Policy"] = "no-referrer"
    return response


def _question(request: HttpRequest, caller: Caller, scopes: list[str], asked: dict[str, Any]) -> HttpResponse:
    client = asked["request"].client
    context = {
        "client": client, "email": caller.email, "words": words(scopes),
        "host": applications.host_of(asked["redirect_uri"]),
        "unknown": bool((client.data or {}).get(applications.REGISTERED)),
        "agents": api_tokens.address("mcp") in (get_validator_context().requested_resources or ()),
    }  # fmt: skip
    response = page(request, "web/oauth/consent.html", context)
    target = urlsplit(asked["redirect_uri"])
    origin = f"{target.scheme}://{target.netloc}" if target.netloc else f"{target.scheme}:"
    # Browsers hold the answer to a form, too, to where forms may lead.
    response["Content-Security-Policy"] = POLICY.replace("form-action 'self'", f"form-action 'self' {origin}")
    return response


def _refused(request: HttpRequest, said: str) -> HttpResponse:
    return page(request, "web/oauth/refused.html", {"said": said}, status=400)


@require_POST
@never_cache
def token(request: HttpRequest) -> HttpResponse:
    """Exchange a code or a refresh token. What is refused leaves everything as it was."""
    shown = request.POST.get("refresh_token", "")
    with transaction.atomic():
        answer = _barred(request) or _exchanged(request, shown or request.POST.get("code", ""))
        if answer.status_code != 200:
            transaction.set_rollback(True)
    if answer.status_code in {400, 401}:
        limits.failed(address(request))
        if shown:
            applications.check_theft(shown, address(request))
    return answer


def _exchanged(request: HttpRequest, shown: str) -> HttpResponse:
    try:
        _alone(shown)
        get_validator_context().requested_resources = _resources(request.POST.getlist("resource"))
        answer: HttpResponse = convert_response(*Server().create_token_response(*extract_params(request)))
        return answer
    except OAuth2Error as error:
        return JsonResponse(dict(error.twotuples), status=error.status_code)


def _alone(shown: str) -> None:
    """One exchange of a code at a time. On SQLite, whoever writes is alone anyway."""
    if connection.vendor == "postgresql":
        number = int(hashlib.sha256(shown.encode()).hexdigest()[:15], 16)
        db.row(Sql("SELECT pg_advisory_xact_lock(%s)", (number,)))


def _barred(request: HttpRequest) -> HttpResponse | None:
    """The answer to an address that was refused too often, and to what no client means."""
    if limits.barred(address(request)):
        return _problem(429, "temporarily_unavailable", "Too many requests of this address were refused.")
    if any("\x00" in value for _name, values in request.POST.lists() for value in values):
        return _problem(400, "invalid_request", "Control characters in the request.")
    return None


def _problem(status: int, error: str, said: str) -> HttpResponse:
    response = JsonResponse({"error": error, "error_description": said}, status=status)
    if status == 429:
        response["Retry-After"] = str(limits.WINDOW)
    return response


@require_POST
@never_cache
def revoke(request: HttpRequest) -> HttpResponse:
    """End a token (RFC 7009)."""
    with transaction.atomic():
        answer = _barred(request) or convert_response(*Server().create_revocation_response(*extract_params(request)))
    if answer.status_code in {400, 401}:
        limits.failed(address(request))
    return answer


@never_cache
@require_http_methods(["GET", "POST"])
def who(request: HttpRequest) -> HttpResponse:
    """Who the user of a token is, as far as the scopes `openid`, `profile` and `email` go."""
    kind, _gap, text = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or "\x00" in text:
        response = _problem(401, "invalid_token", "Send the header Authorization: Bearer with a token.")
        response["WWW-Authenticate"] = 'Bearer realm="Rapport"'
        return response
    found: HttpResponse = provider.user_info(request)
    return found


keys = provider.jwks
"""The public halves of the keys that sign ID tokens."""
