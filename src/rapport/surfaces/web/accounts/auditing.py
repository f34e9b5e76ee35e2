"""Sign-ins, refusals and sign-outs in the audit log, as Django and django-allauth tell of them."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from django.contrib.auth import signals as auth
from django.dispatch import Signal
from django.http import HttpRequest

from rapport.records.accounts import audit


def address(request: HttpRequest | None) -> str:
    """The client's address."""
    from allauth.account.adapter import get_adapter

    return str(get_adapter(request).get_client_ip(request)) if request is not None else ""


def signed_in(sender: Any, request: HttpRequest, user: Any, **_more: Any) -> None:
    """Note a sign-in."""
    audit.record("sign-in", actor_id=user.pk, subject=user.email, address=address(request))


def refused(sender: Any, credentials: Any, request: HttpRequest | None = None, **_more: Any) -> None:
    """Note a sign-in that was refused, with the address that was tried."""
    tried = str(credentials.get("email") or credentials.get("username") or "")
    audit.record("sign-in refused", subject=tried, address=address(request))


def signed_out(sender: Any, request: HttpRequest, user: Any, **_more: Any) -> None:
    """Note a sign-out."""
    if user is not None and user.pk:
        audit.record("sign-out", actor_id=user.pk, subject=user.email, address=address(request))


def _noting(act: str) -> Any:
    def note(sender: Any, request: HttpRequest, user: Any, **_more: Any) -> None:
        audit.record(act, actor_id=user.pk, subject=user.email, address=address(request))

    return note


ACTS: tuple[tuple[Signal, Any], ...] = (
    (auth.user_logged_in, signed_in),
    (auth.user_login_failed, refused),
    (auth.user_logged_out, signed_out),
    (account.password_changed, _noting("password changed")),
    (account.password_set, _noting("password set")),
    (account.password_reset, _noting("password reset")),
    (account.email_changed, _noting("e-mail changed")),
    (mfa.authenticator_added, _noting("second factor added")),
    (mfa.authenticator_removed, _noting("second factor removed")),
    (mfa.authenticator_reset, _noting("second factor reset")),
    (mfa.authentication_failed, _noting("second factor refused")),
)


def connect() -> None:
    """Listen; called once when the surface starts."""
    for signal, receiver in ACTS:
        signal.connect(receiver, weak=False, dispatch_uid=f"audit-{id(signal)}")
