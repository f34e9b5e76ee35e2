"""What a bulk act does to a set of records, in one transaction; what is refused stays as it is and is counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from rapport.records import db, write
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Forbidden, Invalid, NotFound, RecordsError
from rapport.records.filters.matching import matches
from rapport.records.read import Visible, visible
from rapport.registry import extensions
from rapport.registry.catalog import RegisteredObject
from rapport.registry.env import Env
from rapport.registry.fields import FieldSpec, Text
from rapport.registry.objects import Action, Made

EDIT, DELETE, ACTION = "edit", "delete", "action"
ADD, REMOVE, SET = "add", "remove", "set"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """An act: `values` sets fields (raw values), `add` and `remove` change many references, `action` names one.

    The values of an action are those that it asks for.
    """

    kind: str
    values: Mapping[str, Any] = field(default_factory=dict)
    add: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    remove: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    action: str = ""

    def to_json(self) -> dict[str, Any]:
        """The act as a job keeps it."""
        return {
            "kind": self.kind, "values": dict(self.values), "add": {k: list(v) for k, v in self.add.items()},
            "remove": {k: list(v) for k, v in self.remove.items()}, "action": self.action,
        }  # fmt: skip


@dataclass(slots=True)
class Outcome:
    """What became of it: how many were changed, how many not, and why the first of those was not."""

    done: int = 0
    refused: int = 0
    reason: str = ""
    said: str = ""

    def add(self, other: Outcome) -> None:
        """Count another set in."""
        self.done += other.done
        self.refused += other.refused
        self.reason = self.reason or other.reason
        self.said = other.said or self.said


def check(caller: Caller, key: str, act: Act) -> None:
    """Refuse an act that can't be done to any record: unknown or read-only fields, values that no field takes.

    Raises Invalid by field, Forbidden, NotFound.
    """
    found = visible(caller, key)
    if act.kind == ACTION:
        action = action_of(found, act.action)
        found = visible(caller, entered(found.obj, action))
        full = needed(found.obj, action.wants, act.values, caller.env())
        if errors := _unfit(caller, found, {n: act.values.get(n) for n in {*act.values, *full}}, full):
            raise Invalid(errors)
        return
    if act.kind == DELETE:
        if not caller.may(found.obj, "delete"):
            raise Forbidden
        return
    named = {**act.values, **act.add, **act.remove}
    errors = _unfit(caller, found, named, {n for n in named if n in found.fields and found.fields[n].required})
    if not named:
        errors[""] = [_("Choose a field to change.")]
    if errors:
        raise Invalid(errors)


def _unfit(caller: Caller, found: Visible, named: Mapping[str, Any], full: Set[str]) -> dict[str, list[Any]]:
    """What is wrong with values, by field; those of `full` may not be empty."""
    errors: dict[str, list[Any]] = {}
    for name, value in named.items():
        spec = found.fields.get(name)
        if spec is None or not caller.edits(found.obj, spec):
            errors[name] = [_("This field can't be set.")]
            continue
        try:
            cleaned = spec.type.clean(spec, value, caller.env())
        except ValueError as error:
            errors[name] = [getattr(error, "message", str(error))]
            continue
        if name in full and spec.type.is_empty(cleaned):
            errors[name] = [_("This can't be empty.")]
    return errors


def needed(
    obj: RegisteredObject, asks: Sequence[str], given: Mapping[str, Any] | None = None, env: Env | None = None
) -> set[str]:
    """Those of the fields asked for that can't be left empty, with some of them given.

    A condition on what is not asked for is taken to hold: it is what the act brings about.
    """

    def needs(spec: FieldSpec) -> bool:
        condition = spec.required_if
        if not condition or spec.required:
            return spec.required
        if condition.get("field") not in asks:
            return True
        return given is not None and env is not None and matches(obj, condition, given.get, env)

    return {name for name in asks if needs(obj.fields[name])}


def run(caller: Caller, action: Action, ids: list[int], values: Mapping[str, Any]) -> Text | Made:
    """Do an action to records that it fits; what it says. Raises what it raises."""
    return action.run(caller, ids, values) if action.wants else action.run(caller, ids)


def perform(caller: Caller, key: str, act: Act, ids: Sequence[int]) -> Outcome:
    """Do the act to at most a few hundred records. Raises nothing for a record that can't be changed: it is counted."""
    found = visible(caller, key)
    right = action_of(found, act.action).needs if act.kind == ACTION else DELETE if act.kind == DELETE else EDIT
    allowed = sorted(found.allowed(ids, right))
    outcome = Outcome(refused=len(set(ids)) - len(allowed))
    if outcome.refused:
        outcome.reason = _("You may not change them.")
    if allowed:
        outcome.add({EDIT: _edit, DELETE: _delete, ACTION: _act}[act.kind](caller, found, act, allowed))
    return outcome


def action_of(found: Visible, key: str) -> Action:
    """An action of an object. Raises NotFound."""
    action = next((a for a in actions_of(found.obj) if a.key == key), None)
    if action is None:
        raise NotFound
    return action


def actions_of(obj: RegisteredObject) -> tuple[Action, ...]:
    """The actions of an object: its own, then those that other domains add."""
    added = (act.action for act in extensions.all_of(extensions.Act) if act.object_key == obj.key)
    return (*obj.spec.actions, *added)


def entered(obj: RegisteredObject, action: Action) -> RegisteredObject:
    """The object with what an action asks for besides as if these were fields of it."""
    if not action.inputs:
        return obj
    return replace(obj, fields={**obj.fields, **{field.name: field for field in action.inputs}})


def _edit(caller: Caller, found: Visible, act: Act, ids: list[int]) -> Outcome:
    changed = [(record_id, {**act.values, **more}) for record_id, more in _references(found, act, ids).items()]
    errors = write.update_each(caller, found.obj.key, changed)
    reason = next((f"{n}: {m[0]}" if n else str(m[0]) for e in errors.values() for n, m in e.items()), "")
    return Outcome(done=len(ids) - len(errors), refused=len(errors), reason=reason)


def _references(found: Visible, act: Act, ids: list[int]) -> dict[int, dict[str, Any]]:
    """The new values of the many references that are added to or taken from, by record."""
    made: dict[int, dict[str, Any]] = {record_id: {} for record_id in ids}
    names = tuple({*act.add, *act.remove})
    if not names:
        return made
    for part in db.chunks(ids):
        for row in found.page(columns=names, ids=part, size=len(part)).rows:
            for name in names:
                now = set(row.values.get(name) or ())
                now |= {int(v) for v in act.add.get(name, ())}
                now -= {int(v) for v in act.remove.get(name, ())}
                made[row.id][name] = sorted(now)
    return made


def _delete(caller: Caller, found: Visible, act: Act, ids: list[int]) -> Outcome:
    return _all_or_each(lambda part: (write.delete(caller, found.obj.key, part), "")[1], ids)


def _act(caller: Caller, found: Visible, act: Act, ids: list[int]) -> Outcome:
    action = action_of(found, act.action)
    if action.offered:
        title = (found.obj.spec.title,)
        fitting = [
            row.id
            for part in db.chunks(ids)
            for row in found.page(columns=title, filter=action.offered, ids=part, sort="id", size=len(part)).rows
        ]
        left, ids = len(ids) - len(fitting), fitting
    else:
        left = 0
    outcome = _all_or_each(lambda part: str(run(caller, action, part, act.values)), ids) if ids else Outcome()
    outcome.refused += left
    if left:
        outcome.reason = outcome.reason or _("It does not apply to them.")
    return outcome


def _all_or_each(do: Any, ids: list[int]) -> Outcome:
    """Run for all at once; when one is in the way, for each alone, so that one doesn't hold up the others."""
    try:
        return Outcome(done=len(ids), said=do(ids))
    except RecordsError as error:
        if len(ids) == 1:
            return Outcome(refused=1, reason=_message(error))
    outcome = Outcome()
    for record_id in ids:
        try:
            do([record_id])
            outcome.done += 1
        except RecordsError as error:
            outcome.refused += 1
            outcome.reason = outcome.reason or _message(error)
    return outcome


def _message(error: RecordsError) -> str:
    if isinstance(error, Invalid):
        return next((str(m) for messages in error.errors.values() for m in messages), str(error.message))
    return str(error.message)
