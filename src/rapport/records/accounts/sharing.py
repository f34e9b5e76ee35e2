"""Sharing a record with a user or a team, beyond what roles give."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from rapport.records.accounts import audit, epochs
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.models import Share, Team, User
from rapport.records.errors import Forbidden, Invalid
from rapport.records.read import RecordView, visible

READ, EDIT = "read", "edit"


@dataclass(frozen=True, slots=True)
class Holder:
    """With whom a record is shared, and how far."""

    id: int
    name: str
    kind: str
    """user or team"""
    level: str


def holders(caller: Caller, key: str, record_id: int) -> list[Holder]:
    """With whom a record is shared. Raises NotFound."""
    visible(caller, key).get(record_id)
    rows = Share.objects.filter(object_key=key, record_id=record_id).select_related("user", "team").order_by("id")
    found = []
    for row in rows:
        if row.user is not None:
            found.append(Holder(row.pk, str(row.user), "user", row.level))
        elif row.team is not None:
            found.append(Holder(row.pk, str(row.team), "team", row.level))
    return found


def share(
    caller: Caller, key: str, record_id: int, *, user_id: int | None = None, team_id: int | None = None,
    level: str = READ,
) -> None:  # fmt: skip
    """Let a user or a team read or edit a record; said again, the level changes. Raises NotFound, Forbidden, Invalid.

    Whoever may edit a record may share it.
    """
    _editable(caller, key, record_id)
    if (user_id is None) == (team_id is None) or level not in {READ, EDIT}:
        raise Invalid({"": [_("Choose a user or a team, and what they may do.")]})
    users = User.objects.filter(pk=user_id or 0, is_active=True)
    teams = Team.objects.filter(pk=team_id or 0)
    if not users.exists() and not teams.exists():
        raise Invalid({"": [_("Choose a user or a team, and what they may do.")]})
    with transaction.atomic():
        Share.objects.update_or_create(
            object_key=key, record_id=record_id, user=users.first(), team=teams.first(), defaults={"level": level}
        )
        _announce(caller, key, record_id, {"user": user_id, "team": team_id, "level": level})


def unshare(caller: Caller, key: str, record_id: int, share_id: int) -> None:
    """End a share. Raises NotFound, Forbidden."""
    _editable(caller, key, record_id)
    with transaction.atomic():
        gone, _rows = Share.objects.filter(pk=share_id, object_key=key, record_id=record_id).delete()
        if gone:
            _announce(caller, key, record_id, {"ended": share_id})


def _editable(caller: Caller, key: str, record_id: int) -> RecordView:
    view = visible(caller, key).get(record_id)
    if "edit" not in view.may:
        raise Forbidden
    return view


def _announce(caller: Caller, key: str, record_id: int, detail: dict[str, object]) -> None:
    """Every process asks anew what its callers may; the audit log holds who shared what with whom."""
    epochs.raise_(epochs.RIGHTS)
    audit.record("share", caller=caller, subject=f"{key} {record_id}", detail=detail)
