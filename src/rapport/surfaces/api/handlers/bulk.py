"""Many records at once: up to 10,000, in one transaction, with a result for each; what is refused leaves the others."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Sequence
from typing import Annotated, Any

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from rapport.features.duplicates import policies, wording
from rapport.features.duplicates.policies import Decision
from rapport.features.programs.problems import Problem, of_errors, of_refusal
from rapport.records import matching, write
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Forbidden, NotFound, RecordsError
from rapport.records.history import reverting
from rapport.records.read import visible
from rapport.registry.catalog import RegisteredObject
from rapport.registry.fields import FieldError
from rapport.surfaces.api.calls import Call, Key, Reply
from rapport.surfaces.api.handlers.records import THERE, Written
from rapport.surfaces.api.handlers.upserting import ambiguous

MOST = 10_000


class Changed(msgspec.Struct, forbid_unknown_fields=True):
    """Values of fields of a record, by name."""

    id: Key
    fields: dict[str, Any]


class Creations(msgspec.Struct, forbid_unknown_fields=True):
    """Records to be made."""

    records: Annotated[list[Written], msgspec.Meta(min_length=1, max_length=MOST)]


class Updates(msgspec.Struct, forbid_unknown_fields=True):
    """Records to be changed."""

    records: Annotated[list[Changed], msgspec.Meta(min_length=1, max_length=MOST)]


class Upserts(msgspec.Struct, forbid_unknown_fields=True):
    """Records to be changed where the field `match` tells that they are there, and made where not."""

    match: str
    records: Annotated[list[Written], msgspec.Meta(min_length=1, max_length=MOST)]


class Ids(msgspec.Struct, forbid_unknown_fields=True):
    """Records by number."""

    ids: Annotated[list[Key], msgspec.Meta(min_length=1, max_length=MOST)]


class Fault(msgspec.Struct):
    """What is wrong with a field (empty: with the whole)."""

    field: str
    detail: str


class Result(msgspec.Struct, omit_defaults=True):
    """What became of one of them: a status as the single request has, the record's number, or what is wrong."""

    status: int
    id: int | None = None
    errors: list[Fault] = []
    duplicates: list[dict[str, Any]] = []
    """Records that are there already, or alike: of one that was refused for them, or made with a warning."""


class Results(msgspec.Struct):
    """What became of each, in the order sent. `batch` names the act in the history, and takes it back."""

    batch: str
    done: int
    refused: int
    results: list[Result]


def _begun(call: Call) -> Caller:
    return call.caller.through(call.caller.door, secrets.token_hex(8))


def _reply(caller: Caller, results: Sequence[Result | None]) -> Reply:
    every = [r or Result(status=500) for r in results]
    done = sum(r.status < 400 for r in every)
    found = Results(batch=caller.batch, done=done, refused=len(every) - done, results=every)
    return Reply(msgspec.to_builtins(found))


def _faults(errors: dict[str, list[Any]]) -> list[Fault]:
    return [Fault(**e) for e in of_errors(errors)]


def _refused(error: RecordsError | Problem, record_id: int | None = None) -> Result:
    problem = error if isinstance(error, Problem) else of_refusal(error)
    said = [Fault(**e) for e in problem.errors] or [Fault(field="", detail=str(problem.detail))]
    return Result(status=problem.status, id=record_id, errors=said)


def create(call: Call) -> Reply:
    """Make records, but for those that are there already, where something else is to be done about them."""
    caller, rows = _begun(call), [r.fields for r in call.body.records]
    results: list[Result | None] = [None] * len(rows)
    decisions = policies.decide_each(caller, call.object, rows, call.query["duplicates"])
    with transaction.atomic():
        _make(caller, call.object, list(zip(range(len(rows)), rows, decisions, strict=True)), results)
    return _reply(caller, results)


def update(call: Call) -> Reply:
    """Change records, each with values of its own."""
    caller = _begun(call)
    results: list[Result | None] = [None] * len(call.body.records)
    with transaction.atomic():
        _update(caller, call.object, [(at, r.id, r.fields) for at, r in enumerate(call.body.records)], results)
    return _reply(caller, results)


def _update(
    caller: Caller, obj: RegisteredObject, items: Sequence[tuple[int, int, dict[str, Any]]],
    results: list[Result | None],
) -> None:  # fmt: skip
    """Update records; items are position, key, values."""
    given: dict[int, tuple[int, dict[str, Any]]] = {}
    refusals = _unwritable(caller, obj, [key for _at, key, _values in items], "edit")
    for at, key, values in items:
        if key in refusals:
            results[at] = _refused(refusals[key], key)
        elif key in given:
            results[at] = Result(409, key, [Fault("", _("This record stands here twice."))])
        else:
            given[key] = (at, values)
    errors = write.update_each(caller, obj.key, [(key, values) for key, (_at, values) in given.items()])
    for key, (at, _values) in given.items():
        wrong = errors.get(key)
        results[at] = Result(422, key, _faults(wrong)) if wrong else Result(200, key)


def _unwritable(caller: Caller, obj: RegisteredObject, ids: Collection[int], action: str) -> dict[int, RecordsError]:
    """Those that may not be written, with the reason."""
    view = visible(caller, obj)
    missing = set(ids) - view.allowed(ids, action)
    seen = view.allowed(missing) if missing else set()
    return {key: Forbidden() if key in seen else NotFound() for key in missing}


def upsert(call: Call) -> Reply:
    """Change what is there, make what is not."""
    caller, obj, records = _begun(call), call.object, call.body.records
    results: list[Result | None] = [None] * len(records)
    decisions = policies.decide_each(caller, obj, [r.fields for r in records], call.query["duplicates"])
    with transaction.atomic():
        field = matching.field_of(caller, obj, call.body.match)
        meant, values = matching.find(caller, obj, field, [r.fields.get(field.name) for r in records])
        known: list[tuple[int, int, dict[str, Any]]] = []
        new: list[int] = []
        taken: set[str] = set()
        for at, (ids, value, record) in enumerate(zip(meant, values, records, strict=True)):
            texts = () if isinstance(value, FieldError) else matching.texts_of(obj, field, value)
            if isinstance(value, FieldError):
                results[at] = Result(422, None, [Fault(field.name, str(value.message))])
            elif not texts:
                results[at] = Result(422, None, [Fault(field.name, _("This is needed to find the record."))])
            elif len(ids) > 1:
                results[at] = _refused(ambiguous(ids))
            elif ids:
                known.append((at, ids[0], record.fields))
            elif taken & set(texts):
                results[at] = Result(409, None, [Fault(field.name, _("An earlier record has this value."))])
            else:
                taken.update(texts)
                new.append(at)
        if known:
            _update(caller, obj, known, results)
        if new:
            try:
                _make(caller, obj, [(at, records[at].fields, decisions[at]) for at in new], results)
            except Forbidden as error:
                for at in new:
                    results[at] = _refused(error)
    return _reply(caller, results)


def _make(
    caller: Caller, obj: RegisteredObject, items: Sequence[tuple[int, dict[str, Any], Decision]],
    results: list[Result | None],
) -> None:  # fmt: skip
    """Make records, or do what was decided about them; items are position, values, decision. Raises Forbidden."""
    there = [item for item in items if item[2].act in {policies.BLOCK, policies.MERGE}]
    new = [item for item in items if item[2].act not in {policies.BLOCK, policies.MERGE}]
    made = write.create_many(caller, obj.key, [raw for _at, raw, _decision in new])
    for position, ((at, _raw, decision), key) in enumerate(zip(new, made.ids, strict=True)):
        if key is None:
            results[at] = Result(422, None, _faults(made.errors[position]))
        else:
            warned = decision.matches if decision.act == policies.WARN else ()
            results[at] = Result(201, key, duplicates=wording.as_json(obj, warned))
    for at, raw, decision in there:
        results[at] = _there(caller, obj, raw, decision)


def _there(caller: Caller, obj: RegisteredObject, raw: dict[str, Any], decision: Decision) -> Result:
    """A record that is there already is refused, or fills the gaps of that one."""
    if decision.act == policies.BLOCK:
        return Result(409, None, [Fault("", _(THERE))], wording.as_json(obj, decision.matches))
    meant = decision.matches[0].id
    try:
        policies.fill(caller, obj, meant, raw)
    except RecordsError as error:
        return _refused(error, meant)
    return Result(200, meant)


def delete(call: Call) -> Reply:
    """Move records to the trash."""
    caller, obj, ids = _begun(call), call.object, call.body.ids
    with transaction.atomic():
        refusals = _unwritable(caller, obj, ids, "delete")
        rest = [key for key in dict.fromkeys(ids) if key not in refusals]
        refusals |= _each(rest, lambda part: write.delete(caller, obj.key, part))
    return _reply(caller, [_refused(refusals[k], k) if k in refusals else Result(204, k) for k in ids])


def restore(call: Call) -> Reply:
    """Take records out of the trash."""
    caller, obj, ids = _begun(call), call.object, call.body.ids
    with transaction.atomic():
        refusals = _each(list(dict.fromkeys(ids)), lambda part: write.restore(caller, obj.key, part))
    return _reply(caller, [_refused(refusals[k], k) if k in refusals else Result(200, k) for k in ids])


def _each(ids: Sequence[int], run: Callable[[Sequence[int]], object]) -> dict[int, RecordsError]:
    """Run for all at once; where that is refused, for halves. The refusal of each that is left."""
    if not ids:
        return {}
    try:
        with transaction.atomic():
            run(ids)
    except RecordsError as error:
        if len(ids) == 1:
            return {ids[0]: error}
        half = len(ids) // 2
        return _each(ids[:half], run) | _each(ids[half:], run)
    return {}


class Reverted(msgspec.Struct):
    """How much of an act was taken back, and how much was left for later changes or lack of rights."""

    count: int
    kept: int


def revert(call: Call) -> Reply:
    """Take back a whole bulk act of the caller's own; an administrator's token takes back any."""
    batch = str(call.path["batch"])
    if not reverting.is_of(batch, call.caller.user_id) and not call.caller.is_admin:
        raise NotFound
    found = reverting.revert_batch(call.caller, batch)
    return Reply(msgspec.to_builtins(Reverted(count=found.count, kept=found.kept)))
