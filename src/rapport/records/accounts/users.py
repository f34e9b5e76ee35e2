"""Users: their rights, their end, and what they set for themselves."""

from __future__ import annotations

import zoneinfo
from collections.abc import Sequence
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from rapport.lib.money import currencies
from rapport.records.accounts import audit, epochs, preferences
from rapport.records.accounts.caller import CURRENCY, WEEK_START, Caller
from rapport.records.accounts.changing import administering, keep_an_administrator, user_to_change
from rapport.records.accounts.models import Role, Team, User
from rapport.records.errors import Forbidden, Invalid, NotFound

THEMES = ("auto", "light", "dark")
WEEK_STARTS = ("0", "5", "6")


def check_administrator(caller: Caller) -> None:
    """Raises Forbidden for anybody else."""
    if not caller.is_admin:
        raise Forbidden


def set_rights(
    caller: Caller, user_id: int, *, is_admin: bool, team_ids: Sequence[int], role_ids: Sequence[int]
) -> None:
    """Replace what gives a user rights. Raises Forbidden, NotFound, Invalid (the last administrator)."""
    with administering(caller, "rights") as noted:
        user = user_to_change(user_id)
        noted["user"] = user.email
        teams = list(Team.objects.filter(pk__in=team_ids))
        roles = list(Role.objects.filter(pk__in=role_ids))
        _note(noted, "administrator", user.is_admin, is_admin)
        _note(noted, "teams", _names(user.teams.all()), _names(teams))
        _note(noted, "roles", _names(user.roles.all()), _names(roles))
        User.objects.filter(pk=user.pk).update(is_admin=is_admin)
        user.teams.set(teams)
        user.roles.set(roles)
        keep_an_administrator()


def _names(items: Any) -> list[str]:
    return sorted(str(item) for item in items)


def _note(noted: dict[str, Any], name: str, before: Any, after: Any) -> None:
    if before != after:
        noted[name] = [before, after]


def rename(caller: Caller, user_id: int, *, name: str, title: str) -> None:
    """Set another user's name and job title. Raises Forbidden, NotFound, Invalid."""
    with administering(caller, "user changed") as noted:
        user = user_to_change(user_id)
        noted["user"] = user.email
        User.objects.filter(pk=user.pk).update(name=_named(name), title=title.strip()[:100])


def deactivate(caller: Caller, user_id: int) -> None:
    """Close an account: sessions end at once, the user's records stay. Raises Forbidden, NotFound, Invalid."""
    with administering(caller, "user deactivated") as noted:
        user = user_to_change(user_id)
        noted["user"] = user.email
        if user.pk == caller.user_id:
            raise Invalid({"": [_("You can't deactivate yourself. Ask another administrator.")]})
        User.objects.filter(pk=user.pk).update(is_active=False)
        keep_an_administrator()
        end_sessions(user.pk)


def activate(caller: Caller, user_id: int) -> None:
    """Open a closed account again. Raises Forbidden, NotFound."""
    with administering(caller, "user activated") as noted:
        user = user_to_change(user_id)
        noted["user"] = user.email
        User.objects.filter(pk=user.pk).update(is_active=True)


def sign_out_everywhere(caller: Caller, *, but: str = "") -> int:
    """End the caller's sessions, but for the one with the key `but`; how many."""
    if caller.user_id is None:
        raise NotFound
    with transaction.atomic():
        ended = end_sessions(caller.user_id, but=but)
        audit.record("signed out everywhere", caller=caller, detail={"sessions": ended})
    return ended


def end_sessions(user_id: int, *, but: str = "") -> int:
    """Delete the sessions of a user, but for the one with the key `but`; how many."""
    sessions = UserSession.objects.filter(user_id=user_id).exclude(session_key=but)
    count = len(sessions)
    for session in sessions:
        session.end()
    return count


def update_profile(
    caller: Caller, *, name: str, title: str, language: str, zone: str, theme: str, week_start: str = "0",
    currency: str = "",
) -> None:  # fmt: skip
    """What the caller sets for themselves. Raises Invalid.

    Weeks start at Monday (0), Saturday (5) or Sunday (6). Without a currency, amounts are entered in that of the
    organisation.
    """
    errors: dict[str, list[Any]] = {}
    if zone not in zoneinfo.available_timezones():
        errors["zone"] = [_("Choose a time zone of the list.")]
    if language not in dict(settings.LANGUAGES):
        errors["language"] = [_("Choose a language of the list.")]
    if theme not in THEMES:
        errors["theme"] = [_("Choose a theme of the list.")]
    if week_start not in WEEK_STARTS:
        errors["week_start"] = [_("Choose a day of the list.")]
    if currency and currency not in currencies():
        errors["currency"] = [_("Choose a currency of the list.")]
    if errors:
        raise Invalid(errors)
    if caller.user_id is None:
        raise NotFound
    with transaction.atomic():
        User.objects.filter(pk=caller.user_id).update(
            name=_named(name), title=title.strip()[:100], language=language, zone=zone, theme=theme
        )
        preferences.put(caller.user_id, WEEK_START, int(week_start) or None)
        preferences.put(caller.user_id, CURRENCY, currency or None)
        epochs.raise_(epochs.RIGHTS)


def _named(name: str) -> str:
    if not (name := " ".join(name.split())[:150]):
        raise Invalid({"name": [_("This is needed.")]})
    return name
