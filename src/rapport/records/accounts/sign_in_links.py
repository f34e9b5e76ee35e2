"""Single-use links that sign a user in, for a first start and for a lost password."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from rapport.records.accounts import tokens
from rapport.records.accounts.models import SignInLink, User

VALID = dt.timedelta(minutes=15)


def create(user: User) -> str:
    """A token that signs this user in once, within fifteen minutes."""
    token, kept = tokens.new()
    SignInLink.objects.create(user=user, token_hash=kept, expires_at=timezone.now() + VALID)
    return token


def use(token: str) -> User | None:
    """The user of a token, which is used up by this; None for one that is unknown, used or expired."""
    with transaction.atomic():
        now = timezone.now()
        links = SignInLink.objects.filter(token_hash=tokens.hashed(token), used_at=None, expires_at__gt=now)
        if not links.update(used_at=now):
            return None
        link = SignInLink.objects.select_related("user").get(token_hash=tokens.hashed(token))
    return link.user if link.user.is_active else None
