"""Sign-in by a provider: its word counts for verified addresses of active users and of people who are invited."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.backends.db import SessionStore
from django.test import RequestFactory
from tests import factories as f

from rapport.records.accounts import invitations
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.models import AuditEntry, User
from rapport.surfaces.web.accounts.adapter import SocialAccountAdapter

pytestmark = pytest.mark.django_db


def attempt(email: str, *, verified: bool) -> SocialLogin:
    request: Any = RequestFactory().get("/accounts/oidc/x/login/callback/")
    request.session, request.user = SessionStore(), User()
    type(request.user).is_authenticated = property(lambda self: bool(self.pk))  # type: ignore[assignment]
    request._messages = FallbackStorage(request)
    account = SocialAccount(provider="x", uid=f"uid-{email}", extra_data={"name": "Tom Tall"})
    address = EmailAddress(email=email, verified=verified, primary=True)
    login = SocialLogin(user=User(email=email), account=account, email_addresses=[address])
    SocialAccountAdapter().pre_social_login(request, login)
    return login


@pytest.fixture
def admin(db: None, monkeypatch: pytest.MonkeyPatch) -> Caller:
    monkeypatch.setattr(SocialLogin, "connect", lambda self, request, user: setattr(self, "user", user))
    return f.admin()


def test_v10_5_a_verified_address_of_a_user_signs_in(admin: Caller) -> None:
    assert attempt(admin.email.upper(), verified=True).user.pk == admin.user_id


@pytest.mark.parametrize("case", ["unverified", "unknown", "inactive", "invited but unverified"])
def test_everybody_else_is_refused_and_noted(admin: Caller, case: str) -> None:
    ann = f.user()
    User.objects.filter(pk=ann.user_id).update(is_active=False)
    invitations.invite(admin, "tom@example.com")
    email, verified = {
        "unverified": (admin.email, False),
        "unknown": ("eve@example.com", True),
        "inactive": (ann.email, True),
        "invited but unverified": ("tom@example.com", False),
    }[case]
    with pytest.raises(ImmediateHttpResponse):
        attempt(email, verified=verified)
    assert User.objects.count() == 2
    assert AuditEntry.objects.filter(act="sign-in refused").count() == 1


def test_who_is_invited_joins(admin: Caller) -> None:
    invitations.invite(admin, "tom@example.com")
    user = attempt("tom@example.com", verified=True).user
    assert (user.name, user.has_usable_password()) == ("Tom Tall", False)
    assert not invitations.pending().exists()
