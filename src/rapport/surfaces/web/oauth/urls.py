"""Addresses of OAuth. What answers them is loaded with the first request: a start does without the provider."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

Answer = Callable[..., HttpResponse]


def _by(module: str, name: str) -> Answer:
    def answer(request: HttpRequest, **parts: Any) -> HttpResponse:
        found: HttpResponse = getattr(import_module(f"rapport.surfaces.web.oauth.{module}"), name)(request, **parts)
        return found

    return answer


def _by_program(module: str, name: str) -> Answer:
    """A view that programs ask without a session, so that no form of ours stands before it."""
    return csrf_exempt(_by(module, name))


urlpatterns = [
    path(".well-known/oauth-authorization-server", _by_program("metadata", "issuer"), name="oauth-metadata"),
    path(".well-known/openid-configuration", _by_program("metadata", "issuer"), name="openid-metadata"),
    path(".well-known/oauth-protected-resource", _by_program("metadata", "resource"), name="oauth-resource"),
    path(
        ".well-known/oauth-protected-resource/<path:path>", _by_program("metadata", "resource"),
        name="oauth-resource-of",
    ),
    path("oauth/authorize", _by("views", "authorize"), name="oauth-authorize"),
    path("oauth/token", _by_program("views", "token"), name="oauth-token"),
    path("oauth/revoke", _by_program("views", "revoke"), name="oauth-revoke"),
    path("oauth/userinfo", _by_program("views", "who"), name="oauth-userinfo"),
    path("oauth/keys", _by_program("views", "keys"), name="oauth-keys"),
    path("oauth/register", _by_program("registering", "register"), name="oauth-register"),
]  # fmt: skip
