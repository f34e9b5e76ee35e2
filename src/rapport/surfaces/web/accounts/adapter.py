"""How django-allauth behaves here: no open sign-up, verified addresses only, links to the configured address."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from rapport.records.accounts import audit, invitations
from rapport.records.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts come from set-up, the command line and invitations, never from a sign-up page."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: whoever is invited follows the link of the invitation."""
        return False

    def login(self, request: HttpRequest, user: Any) -> None:
        """Sign in. The address of an account was given or proven, so from now on only a proven one can replace it."""
        EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
        super().login(request, user)

    def get_user_search_fields(self) -> list[str]:
        """Users are found by address and name."""
        return ["email", "name"]

    def get_reset_password_from_key_url(self, key: str) -> str:
        """A link to the configured address, whatever `Host` the request named."""
        uid, _dash, token = key.partition("-")
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": token})
        return f"{settings.BASE_URL}{path}"

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        """A link to the configured address, whatever `Host` the request named."""
        return f"{settings.BASE_URL}{reverse('account_confirm_email', args=[emailconfirmation.key])}"

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address for rate limits and the audit log: the proxy's word only where a proxy is configured."""
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
        if getattr(settings, "SECURE_PROXY_SSL_HEADER", None) and forwarded:
            return str(forwarded.rpartition(",")[2].strip())
        return str(request.META.get("REMOTE_ADDR", ""))


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """A provider's word counts for addresses that it has verified, of active users or of people who are invited."""

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Connect to the user of a verified address, or accept the invitation to it; else refuse, saying nothing."""
        if sociallogin.is_existing or request.user.is_authenticated:
            return
        verified = [a.email.lower() for a in sociallogin.email_addresses if a.verified]
        user = next(filter(None, map(_active, verified)), None) or _invited(sociallogin, verified)
        if user is None:
            provider = sociallogin.account.provider
            audit.record("sign-in refused", subject=", ".join(verified), detail={"provider": provider})
            messages.error(request, _("This account can't sign in here. Ask an administrator to invite you."))
            raise ImmediateHttpResponse(redirect("account_login"))
        sociallogin.connect(request, user)

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Never: `pre_social_login` has made the user of an invitation by now."""
        return False

    def is_auto_signup_allowed(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Never."""
        return False


def _active(email: str) -> User | None:
    return User.objects.filter(email__iexact=email, is_active=True).first()


def _invited(sociallogin: Any, verified: list[str]) -> User | None:
    name = str((sociallogin.account.extra_data or {}).get("name") or "")
    return next(filter(None, (invitations.accept_verified(email, name) for email in verified)), None)
