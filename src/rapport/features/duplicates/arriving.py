"""Who arrives where nobody waits for an answer, as by mail or an event: the record that is meant, or a new one.

An identity says who is meant: that record gets what it has not yet, as the policy of the door says. Without one, a new
record is made, unless the door refuses what looks like one that is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from rapport.features.duplicates import finding, keys, policies
from rapport.features.duplicates.finding import Match
from rapport.features.duplicates.suggesting import Suggestion, suggest
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.errors import NotFound
from rapport.registry.catalog import RegisteredObject
from rapport.registry.fields import FieldError

NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Arrival:
    """Who it is: the key of a record, whether it was made just now; or None, and because of whom none was made."""

    id: int | None
    made: bool = False
    alike: tuple[Match, ...] = ()


def arrive(
    caller: Caller, obj: RegisteredObject, raw: Mapping[str, Any], known: int | None = None, *,
    new: Mapping[str, Any] | None = NOTHING,
) -> Arrival:  # fmt: skip
    """The record that these raw values tell of, by the policy of the caller's door; what can't be read is left out.

    `known` is the record that the door knows by an identity of its own; it goes before those of contact points. Who
    holds one of these besides is queued as possibly the same. `new` is what only a record that is made gets besides;
    None: nobody is made. To be called in a transaction that holds the caller's own notes. Raises Invalid where nothing
    is left of which a record could be made.
    """
    values = readable(caller, obj, raw)
    held = _holders(caller, obj, values)
    if known is None and not held:
        return Arrival(None) if new is None else _unknown(caller, obj, values, new)
    meant = held[0] if known is None else known
    others = {record for record in held if record != meant}
    if others:
        matches = [match for match in finding.find(caller, obj, values) if match.id in others]
        pairs = [Suggestion(meant, match.id, match.score, match.reasons) for match in matches]
        suggest(obj.key, pairs, policies.SOURCES[caller.door])
    if policies.of(obj, caller.door).exact == policies.MERGE:
        _fill(caller, obj, meant, values)
    return Arrival(meant)


def readable(caller: Caller, obj: RegisteredObject, raw: Mapping[str, Any]) -> dict[str, Any]:
    """Of raw values those that their fields take and the caller may set, as they came."""
    env, found = caller.env(), {}
    for name, value in raw.items():
        spec = obj.fields.get(name)
        if spec is None or not caller.edits(obj, spec):
            continue
        try:
            cleaned = spec.type.clean(spec, value, env)
        except FieldError:
            continue
        if not spec.type.is_empty(cleaned):
            found[name] = value
    return found


def _holders(caller: Caller, obj: RegisteredObject, values: Mapping[str, Any]) -> list[int]:
    """The records that hold contact points of the values, in the order of the identities."""
    cleaned, found = finding.cleaned(caller, obj, values), dict[int, None]()
    for name, identity in keys.identified(obj).items():
        points = [identity.normal(point["value"]) for point in cleaned.get(name, ()) if not point.get("shared")]
        held = identity.find(points) if points else {}
        found |= dict.fromkeys(held[point] for point in points if point in held)
    return list(found)


def _unknown(caller: Caller, obj: RegisteredObject, values: Mapping[str, Any], new: Mapping[str, Any]) -> Arrival:
    decision = policies.decide(caller, obj, values)
    if decision.act == policies.BLOCK:
        return Arrival(None, alike=decision.matches)
    return Arrival(write.create(caller, obj.key, {**new, **values}), made=True)


def _fill(caller: Caller, obj: RegisteredObject, record_id: int, values: Mapping[str, Any]) -> None:
    try:
        policies.fill(caller, obj, record_id, values)
    except NotFound:  # in the trash, where it stays as it was
        return
