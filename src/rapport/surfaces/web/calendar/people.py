"""Whose days and which kinds of entries somebody has chosen to see; kept with the user."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rapport.records.accounts import preferences
from rapport.records.accounts.caller import Caller, fields_of
from rapport.records.accounts.models import Team, User
from rapport.registry import catalog, extensions
from rapport.registry.extensions import CalendarLayer

PREFERENCE = "calendar"
MOST = 30
"""People whose days lie over each other."""
TONES = ("blue", "orange", "green", "purple", "pink", "teal", "yellow", "red")


@dataclass(frozen=True, slots=True)
class Someone:
    """A user whose days are shown; `near`: of a team of the reader's, so that taken time shows as such."""

    id: int
    name: str
    tone: str
    near: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """What is shown: people in order (the reader first), layers, and what may be ticked besides."""

    people: tuple[Someone, ...]
    layers: tuple[CalendarLayer, ...]
    colleagues: tuple[dict[str, Any], ...]
    teams: tuple[dict[str, Any], ...]
    kinds: tuple[dict[str, Any], ...]


def layers_of(caller: Caller) -> list[CalendarLayer]:
    """Layers whose object, day and person the caller may see."""
    found = []
    for layer in sorted(extensions.all_of(CalendarLayer), key=lambda layer: layer.order):
        obj = catalog.current().objects.get(layer.object_key)
        needed = {layer.at, layer.who, *fields_of(layer.only or {}), *(layer.done or ())[:1]}
        if obj and needed <= caller.visible_fields(obj).keys():
            found.append(layer)
    return found


def choice(caller: Caller) -> Choice:
    """What the caller chose; at first the own days with the layers that are shown unless somebody says otherwise."""
    kept = preferences.read(caller.user_id).get(PREFERENCE) or {}
    layers = layers_of(caller)
    wanted = kept.get("layers")
    shown = tuple(x for x in layers if (x.shown if wanted is None else x.name in wanted))
    users = {u.pk: u for u in User.objects.filter(is_active=True).only("name", "email").order_by("name", "id")}
    teams = {team.pk: team for team in Team.objects.all()}
    members: dict[int, list[int]] = {key: [] for key in teams}
    for team_id, user_id in User.teams.through.objects.order_by("team_id", "user_id").values_list("team_id", "user_id"):
        if user_id in users and team_id in members:
            members[team_id].append(user_id)
    chosen_teams = [key for key in kept.get("teams") or () if key in members]
    chosen = [key for key in kept.get("users") or () if key in users]
    near = {user for key in caller.teams for user in members.get(key, ())}
    asked = [*chosen, *(user for key in chosen_teams for user in members[key])]
    everyone = list(dict.fromkeys([caller.user_id or 0, *asked]))[:MOST]
    people = tuple(
        Someone(key, caller.name if key == caller.user_id else str(users[key]), TONES[n % len(TONES)], key in near)
        for n, key in enumerate(everyone)
        if key == caller.user_id or key in users
    )
    tones = {someone.id: someone.tone for someone in people}
    return Choice(
        people=people,
        layers=shown,
        colleagues=tuple(
            {"value": key, "label": str(user), "checked": key in chosen, "tone": tones.get(key)}
            for key, user in users.items()
            if key != caller.user_id
        ),
        teams=tuple(
            {"value": key, "label": team.name, "checked": key in chosen_teams, "count": len(members[key])}
            for key, team in teams.items()
            if members[key]
        ),
        kinds=tuple({"value": x.name, "label": x.label, "icon": x.icon, "checked": x in shown} for x in layers),
    )


def choose(caller: Caller, *, users: Iterable[str], teams: Iterable[str], layers: Iterable[str]) -> None:
    """Keep what is to be shown; what is no key of a person, team or layer is left out."""
    known = {layer.name for layer in extensions.all_of(CalendarLayer)}
    value: Mapping[str, Any] = {
        "users": _keys(users),
        "teams": _keys(teams),
        "layers": [name for name in dict.fromkeys(layers) if name in known],
    }
    preferences.put(caller.user_id, PREFERENCE, value)


def _keys(raw: Iterable[str]) -> list[int]:
    found = dict.fromkeys(int(text) for text in raw if text.isascii() and text.isdecimal() and len(text) < 18)
    return list(found)[:MOST]
