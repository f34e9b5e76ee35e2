"""Invitations: made by an administrator, accepted once, within a week."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from rapport.records.accounts import audit, epochs, tokens
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.changing import administering
from rapport.records.accounts.models import Invitation, Organisation, Role, Team, User
from rapport.records.errors import Invalid, NotFound

VALID = dt.timedelta(days=7)


def pending() -> Any:
    """Invitations that may still be accepted, newest first."""
    return Invitation.objects.filter(accepted_at=None, expires_at__gt=timezone.now()).order_by("-id")


def invite(
    caller: Caller, email: str, *, name: str = "", is_admin: bool = False, team_id: int | None = None,
    role_id: int | None = None,
) -> tuple[Invitation, str]:  # fmt: skip
    """An invitation and its token, which is shown once. It replaces earlier ones. Raises Forbidden, Invalid."""
    email = email.strip().lower()
    with administering(caller, "invitation", email) as noted:
        _check_address(email)
        team, role = Team.objects.filter(pk=team_id or 0).first(), Role.objects.filter(pk=role_id or 0).first()
        noted |= {"administrator": is_admin, "team": str(team or ""), "role": str(role or "")}
        Invitation.objects.filter(email__iexact=email, accepted_at=None).delete()
        token, kept = tokens.new()
        invitation = Invitation.objects.create(
            email=email, token_hash=kept, name=" ".join(name.split())[:150], is_admin=is_admin, team=team, role=role,
            invited_by_id=caller.user_id, expires_at=timezone.now() + VALID,
        )  # fmt: skip
    return invitation, token


def _check_address(email: str) -> None:
    try:
        validate_email(email)
    except ValidationError as error:
        raise Invalid({"email": [_("Give an e-mail address such as name@example.com.")]}) from error
    known = User.objects.filter(email__iexact=email).first()
    if known is not None:
        message = (
            _("This address belongs to a user already.")
            if known.is_active
            else _("This address belonged to a user. Activate the account again instead.")
        )
        raise Invalid({"email": [message]})


def withdraw(caller: Caller, invitation_id: int) -> None:
    """Take an invitation back. Raises Forbidden, NotFound."""
    with administering(caller, "invitation withdrawn") as noted:
        invitation = pending().filter(pk=invitation_id).first()
        if invitation is None:
            raise NotFound
        noted["email"] = invitation.email
        invitation.delete()


def find(token: str) -> Invitation | None:
    """The invitation of a token; None for one that is unknown, accepted or expired."""
    found: Invitation | None = pending().filter(token_hash=tokens.hashed(token)).first()
    return found


def accept(token: str, *, name: str, password: str) -> User:
    """Use an invitation up and make its user. Raises NotFound, Invalid."""
    with transaction.atomic():
        invitation = find(token)
        if invitation is None:
            raise NotFound
        check_newcomer(name, invitation.email, password)
        return _join(invitation, name, password)


def accept_verified(email: str, name: str) -> User | None:
    """The user of an invitation to an address that a sign-in provider has verified; None when there is none."""
    with transaction.atomic():
        invitation = pending().filter(email__iexact=email).first()
        return _join(invitation, invitation.name or name or email, None) if invitation else None


def _join(invitation: Invitation, name: str, password: str | None) -> User:
    """Claims the invitation first, so that of two at once one is refused."""
    if not pending().filter(pk=invitation.pk).update(accepted_at=timezone.now()):
        raise NotFound
    organisation = Organisation.objects.first() or Organisation()
    user = User.objects.create_user(
        invitation.email, password, name=" ".join(name.split())[:150], is_admin=invitation.is_admin,
        zone=organisation.zone, language=organisation.language,
    )  # fmt: skip
    if invitation.team_id:
        user.teams.add(invitation.team_id)
    if invitation.role_id:
        user.roles.add(invitation.role_id)
    audit.record("invitation accepted", actor_id=user.pk, subject=user.email)
    epochs.raise_(epochs.RIGHTS)
    return user


def check_newcomer(name: str, email: str, password: str) -> None:
    """Raises Invalid for a new user without a name or with a weak password."""
    errors: dict[str, list[Any]] = {}
    if not name.strip():
        errors["name"] = [_("This is needed.")]
    try:
        validate_password(password, User(email=email, name=name))
    except ValidationError as error:
        errors["password"] = list(error.messages)
    if errors:
        raise Invalid(errors)
