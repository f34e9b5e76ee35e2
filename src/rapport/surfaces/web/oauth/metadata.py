"""What clients read to find their way: RFC 8414 and OpenID Connect of the issuer, RFC 9728 of what it protects."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from rapport.records.accounts import api_tokens, applications

SCOPES = (api_tokens.READ, api_tokens.WRITE)
"""What clients that know no better may ask for; `admin` is for those that an administrator registers for it."""


def _json(data: dict[str, Any]) -> HttpResponse:
    response = JsonResponse(data)
    response["Cache-Control"] = "public, max-age=3600"
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _at(name: str) -> str:
    return f"{settings.BASE_URL}{reverse(name)}"


@require_safe
def issuer(request: HttpRequest) -> HttpResponse:
    """Where to ask for what."""
    found = {
        "issuer": settings.BASE_URL,
        "authorization_endpoint": _at("oauth-authorize"),
        "token_endpoint": _at("oauth-token"),
        "revocation_endpoint": _at("oauth-revoke"),
        "userinfo_endpoint": _at("oauth-userinfo"),
        "jwks_uri": _at("oauth-keys"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": list(applications.GRANTS),
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "scopes_supported": [*applications.IDENTITY, *SCOPES],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": ["sub", "name", "email", "email_verified", "locale", "zoneinfo"],
        "authorization_response_iss_parameter_supported": True,
        "service_documentation": f"{settings.BASE_URL}/api/v1/docs/",
    }
    if settings.OAUTH_REGISTRATION:
        found["registration_endpoint"] = _at("oauth-register")
    return _json(found)


@require_safe
def resource(request: HttpRequest, path: str = "mcp") -> HttpResponse:
    """What RFC 9728 says of one of the doors; without a path, of the one for agents."""
    if f"/{path}" not in api_tokens.RESOURCES.values():
        raise Http404
    return _json(
        {
            "resource": f"{settings.BASE_URL}/{path}",
            "resource_name": "Rapport",
            "authorization_servers": [settings.BASE_URL],
            "bearer_methods_supported": ["header"],
            "scopes_supported": list(SCOPES),
        }
    )
