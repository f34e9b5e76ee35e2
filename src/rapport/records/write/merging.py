"""`merge`: several records become one, and everything that points at them follows."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from rapport.lib.sql import Sql, all_of, one_of
from rapport.records import db, links
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.scope import live
from rapport.records.errors import Forbidden, Invalid, NotFound
from rapport.records.merging.choosing import Choice, Chosen, choose
from rapport.records.merging.models import Merge, MergedRecord, MergeMove, lost_by
from rapport.records.read import visible
from rapport.records.write import storing
from rapport.records.write.absorbing import Absorption, absorb
from rapport.records.write.batch import DELETE, MERGE, MERGED, UPDATE, Batch, Entry
from rapport.records.write.claiming import stand_for
from rapport.records.write.cleaning import check_required
from rapport.records.write.creating import finish, registered, settle
from rapport.records.write.trashing import mark
from rapport.records.write.updating import load, write_updates
from rapport.registry.catalog import RegisteredObject
from rapport.registry.fields import FieldSpec

MOST = 50
"""Records that become one at once."""


def merge(caller: Caller, key: str, survivor: int, others: Sequence[int], chosen: Chosen | None = None) -> Merge:
    """Merge others into the survivor, which gets the values that `choosing` tells; the merge.

    The others keep their values and stand in the survivor until the merge is taken back. Raises NotFound, Forbidden
    (all must be editable and the others deletable), and Invalid for a choice or a value that can't be.
    """
    obj = registered(key)
    caller = caller.through(caller.door, caller.batch or secrets.token_hex(8))
    try:
        with transaction.atomic():
            entries = gathered(caller, obj, survivor, others)
            choices = choose(caller, obj, entries, chosen or {})
            return _merge(caller, obj, entries, choices)
    except IntegrityError as error:
        raise Invalid({"": [_("Another write was faster. Look at the records and merge them again.")]}) from error


def gathered(caller: Caller, obj: RegisteredObject, survivor: int, others: Sequence[int]) -> list[Entry]:
    """The survivor, then the others, the last changed first; locked. Raises NotFound, Forbidden, Invalid."""
    ids = sorted(set(others))
    if not obj.spec.merges:
        raise Invalid({"": [_("These can't be merged: each stands for itself.")]})
    if not ids or survivor in ids:
        raise Invalid({"others": [_("Choose at least two different records.")]})
    if len(ids) >= MOST:
        raise Invalid({"others": [_("Merge at most %(most)d records at once.") % {"most": MOST}]})
    if len(visible(caller, obj).allowed([survivor, *ids])) <= len(ids):
        raise NotFound
    entries = {e.id: e for e in load(caller, obj, [survivor, *ids])}
    where = all_of([one_of("t.id", ids), live(caller, obj, "delete", "t")])
    allowed = db.rows(Sql(f'SELECT t.id FROM "{obj.table}" t WHERE {where.text}', where.params))
    if len(allowed) < len(ids):
        raise Forbidden(_("You may not delete all of the records that would go. Ask their owners or an administrator."))
    newest = sorted(ids, key=lambda i: (entries[i].before["updated_at"], i), reverse=True)
    return [entries[survivor], *(entries[i] for i in newest)]


def _merge(caller: Caller, obj: RegisteredObject, entries: Sequence[Entry], choices: Sequence[Choice]) -> Merge:
    survivor, *others = entries
    env = caller.env()
    gone = Batch(caller, obj, DELETE, list(others), env, told_as=MERGED)
    mark(gone, env.dialect.moment(env.now))
    stays = Batch(caller, obj, UPDATE, [survivor], env, told_as=MERGE)
    survivor.values = {c.field.name: c.result for c in choices if c.result != survivor.before.get(c.field.name)}
    _prepare(stays)
    diff, linked = dict(stays.diff(survivor)), _links_that_go(stays)
    write_updates(stays)
    stand_for(obj, survivor.id, [e.id for e in others])
    row = Merge.objects.create(
        object_key=obj.key, survivor_id=survivor.id, version=survivor.version, at=env.now, actor_id=caller.user_id,
        door=caller.door, others=[e.id for e in others], diff=diff,
    )  # fmt: skip
    MergeMove.objects.bulk_create(
        MergeMove(merge_id=row.pk, place=lost_by(field), row_id=key, was=target) for field, target, key in linked
    )
    MergedRecord.objects.bulk_create(
        MergedRecord(merge_id=row.pk, object_key=obj.key, record_id=e.id, survivor_id=survivor.id) for e in others
    )
    absorb(Absorption(caller, row.pk), obj, survivor.id, [e.id for e in others])
    finish(gone)
    return row


def _links_that_go(batch: Batch) -> list[tuple[FieldSpec, int, int]]:
    """Field, target and row of links that the survivor loses: merges before this one know them by their rows."""
    entry, found = batch.entries[0], list[tuple[FieldSpec, int, int]]()
    for field in batch.obj.externals:
        if field.name in entry.values:
            known, stays = links.rows_of(batch.obj.key, field, entry.id), set(entry.values[field.name] or ())
            found += [(field, target, key) for target, key in known.items() if target not in stays]
    return found


def _prepare(batch: Batch) -> None:
    """Let the object fill in what follows. Raises Invalid when it refuses the values."""
    entry = batch.entries[0]
    if entry.values:
        if batch.obj.spec.prepare:
            batch.obj.spec.prepare(batch)
        check_required(batch)
        storing.check_unique(batch)
    if entry.errors:
        raise Invalid(entry.errors)
    entry.values = {n: v for n, v in entry.values.items() if v != entry.before.get(n)}
    settle(batch)
