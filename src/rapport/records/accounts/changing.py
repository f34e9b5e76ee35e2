"""What every change of accounts and rights has in common: who may, one transaction, an audit row, a new epoch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from rapport.records.accounts import audit, epochs
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.models import User
from rapport.records.errors import Forbidden, Invalid, NotFound


@contextmanager
def administering(
    caller: Caller, act: str, subject: str = "", detail: Mapping[str, Any] | None = None
) -> Iterator[dict[str, Any]]:
    """One transaction by an administrator, noted as `act`; every process learns of it. Raises Forbidden.

    What is put into the mapping that this yields becomes the detail of the audit row.
    """
    if not caller.is_admin:
        raise Forbidden
    noted = dict(detail or {})
    with transaction.atomic():
        yield noted
        audit.record(act, caller=caller, subject=subject, detail=noted)
        epochs.raise_(epochs.RIGHTS)


def user_to_change(user_id: int) -> User:
    """A user, locked. All active administrators are locked before, so that two can't remove each other at once."""
    users = User.objects.order_by("id")
    if connection.vendor == "postgresql":
        list(users.select_for_update().filter(is_admin=True, is_active=True).values_list("id"))
    user = users.filter(pk=user_id).first()
    if user is None:
        raise NotFound
    return user


def keep_an_administrator() -> None:
    """Raises Invalid when no active administrator would be left."""
    if not User.objects.filter(is_admin=True, is_active=True).exists():
        message = _("This is the last administrator. Make someone else an administrator first.")
        raise Invalid({"is_admin": [message]}, message)
