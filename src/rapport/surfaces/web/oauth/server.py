"""The provider of django-allauth with what OAuth 2.1 asks beyond it.

Only codes and refresh tokens are exchanged, always with PKCE by S256; addresses to return to match exactly; a token is
for one resource; nothing is granted silently; what was withdrawn can't be exchanged any more.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from allauth.core.internal import httpkit
from allauth.idp.oidc import app_settings
from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from allauth.idp.oidc.internal.oauthlib.request_validator import OAuthLibRequestValidator
from allauth.idp.oidc.internal.oauthlib.server import generate_opaque_token
from allauth.idp.oidc.internal.oauthlib.utils import get_validator_context
from allauth.idp.oidc.models import Client, PrivateKey
from django.conf import settings
from django.core.exceptions import ValidationError
from oauthlib.oauth2.rfc6749.grant_types.authorization_code import code_challenge_method_s256
from oauthlib.openid import Server as OpenServer

from rapport.records.accounts import api_tokens, applications
from rapport.records.accounts.models import User

LOOPBACK = {"127.0.0.1", "::1"}


class Adapter(DefaultOIDCAdapter):  # type: ignore[misc]
    """Who issues, whom a token is for, and what is told of a user."""

    def get_issuer(self) -> str:
        """The configured address, whatever `Host` the request named."""
        return settings.BASE_URL

    def list_private_keys(self, **_which: Any) -> list[PrivateKey]:
        """The keys of the database: none of them is planned or over."""
        return [PrivateKey(pem=key.pem, issued_at=key.made_at) for key in applications.signing_keys()]

    def validate_resource_uris(self, *, uris: list[str], **_more: Any) -> None:
        """Only what this deployment serves. Raises ValidationError."""
        known = {api_tokens.address(door) for door in api_tokens.RESOURCES}
        if not {uri.rstrip("/") for uri in uris} <= known:
            raise ValidationError(f"Known resources: {', '.join(sorted(known))}")

    def get_claims(self, purpose: Any, user: Any, client: Any, scopes: Any, **_more: Any) -> dict[str, Any]:
        """What the ID token and the user info say, by the scopes that were allowed."""
        claims: dict[str, Any] = {"sub": self.get_user_sub(client, user)}
        if applications.EMAIL in scopes:
            claims |= {"email": user.email, "email_verified": True}
        if applications.PROFILE in scopes:
            claims |= {"name": user.name, "locale": user.language, "zoneinfo": user.zone}
        return claims


class Validator(OAuthLibRequestValidator):  # type: ignore[misc]
    """Answers the questions of oauthlib."""

    def is_pkce_required(self, client_id: str, request: Any) -> bool:
        """Of everyone."""
        return True

    def validate_redirect_uri(self, client_id: str, redirect_uri: str, request: Any, *_a: Any, **_k: Any) -> bool:
        """Exactly as registered; only the port of a program on the user's own machine is its choice (RFC 8252, 7.3)."""
        known = request.client.get_redirect_uris()
        return redirect_uri in known or any(_same_but_port(redirect_uri, other) for other in known)

    def validate_scopes(
        self, client_id: str, scopes: list[str], client: Any, request: Any, *_a: Any, **_k: Any
    ) -> bool:
        """Whether anything is left of what was asked for; the page of consent leaves out the rest."""
        return bool(applications.allowed(request.client, scopes))

    def validate_silent_authorization(self, request: Any) -> bool:
        """Never: the user is asked."""
        return False

    def authenticate_client(self, request: Any, *_a: Any, **_k: Any) -> bool:
        """By the secret, in the header or in the form."""
        client_id, secret = httpkit.extract_basic_auth(request.headers)
        if not client_id:
            client_id, secret = request.client_id, request.client_secret
        if not (isinstance(client_id, str) and isinstance(secret, str)):
            return False
        client = self._lookup_client(request, client_id)
        if client is None or not applications.is_secret(client, secret):
            return False
        self._use_client(request, client)
        return True

    def client_authentication_required(self, request: Any, *_a: Any, **_k: Any) -> bool:
        """Of every client that has a secret."""
        client = self._lookup_client(request, request.client_id)
        return client is None or client.type != Client.Type.PUBLIC

    def validate_code(self, client_id: str, code: str, client: Any, request: Any, *_a: Any, **_k: Any) -> bool:
        """A code of this client, of a user who still allows it."""
        return super().validate_code(client_id, code, client, request) and applications.is_allowed(
            request.client, request.user.pk
        )

    def validate_refresh_token(self, refresh_token: str, client: Any, request: Any, *_a: Any, **_k: Any) -> bool:
        """A refresh token of this client, of a user who still allows it."""
        return super().validate_refresh_token(refresh_token, client, request) and applications.is_allowed(
            client, request.user.pk
        )

    def save_bearer_token(self, token: dict[str, Any], request: Any, *args: Any, **kwargs: Any) -> None:
        """Keep the new tokens, and note the one that was exchanged for them."""
        before = get_validator_context().refresh_token
        super().save_bearer_token(token, request, *args, **kwargs)
        if before is not None:
            applications.spend(request.refresh_token, request.client, request.user.pk)

    def revoke_token(self, token: str, token_type_hint: str | None, request: Any, *_a: Any, **_k: Any) -> None:
        """End a token of this client; with a refresh token, all that come from it."""
        applications.end_token(request.client, token)


def _same_but_port(given: str, known: str) -> bool:
    try:
        one, other = urlsplit(given), urlsplit(known)
        if other.scheme != "http" or other.hostname not in LOOPBACK or one.hostname != other.hostname:
            return False
        bare = [parts._replace(netloc=parts.netloc.removesuffix(f":{parts.port}")) for parts in (one, other)]
    except ValueError:
        return False
    return bare[0] == bare[1]


class Server(OpenServer):  # type: ignore[misc]
    """Codes and refresh tokens; no implicit, password or client grant."""

    def __init__(self) -> None:
        super().__init__(
            Validator(), app_settings.ACCESS_TOKEN_EXPIRES_IN, generate_opaque_token, generate_opaque_token
        )
        self._response_types = {"code": self.auth_grant_choice}
        self._grant_types = {
            "authorization_code": self.token_grant_choice,
            "refresh_token": self.refresh_grant,
        }
        for grant in (self.auth_grant, self.openid_connect_auth.proxy_target):
            grant._code_challenge_methods = {"S256": code_challenge_method_s256}


def user_of(user_id: int) -> User:
    """The user who allows something."""
    return User.objects.get(pk=user_id)
