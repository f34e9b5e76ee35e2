"""Pairs follow their records: a merge decides them, taking it back opens them again, erasure removes them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q
from django.utils import timezone

from rapport.features.duplicates.models import DuplicatePair, State
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.merging.models import MergedRecord
from rapport.records.write import Batch
from rapport.records.write.batch import MERGED, UNMERGED
from rapport.registry.catalog import RegisteredObject


def run(batch: Batch) -> None:
    """Decide the pairs of records that were merged, whatever door that came through; open them again afterwards."""
    if batch.told_as == MERGED:
        _merged(batch)
    elif batch.told_as == UNMERGED:
        rows = DuplicatePair.objects.filter(_touching(batch.ids), object_key=batch.obj.key, state=State.MERGED)
        rows.update(state=State.OPEN, decided_at=None, decided_by=None, merge_id=None)


def _merged(batch: Batch) -> None:
    """A merge is noted before its hooks run; the pairs between its records are decided by it."""
    stood = MergedRecord.objects.filter(object_key=batch.obj.key, record_id__in=batch.ids)
    for merge_id, survivor in set(stood.values_list("merge_id", "survivor_id")):
        ids = [*batch.ids, *([survivor] if survivor else [])]
        pairs = DuplicatePair.objects.filter(
            object_key=batch.obj.key, first_id__in=ids, second_id__in=ids, state=State.OPEN
        )
        pairs.update(
            state=State.MERGED, merge_id=merge_id, decided_at=timezone.now(), decided_by_id=batch.caller.user_id
        )


def _touching(ids: Sequence[int]) -> Q:
    return Q(first_id__in=ids) | Q(second_id__in=ids)


def erase(obj: RegisteredObject, ids: list[int]) -> None:
    """Remove the pairs of erased records."""
    for part in db.chunks(ids):
        text = (
            f"DELETE FROM {DuplicatePair._meta.db_table} "
            f"WHERE object_key = %s AND (first_id IN ({db.marks(part)}) OR second_id IN ({db.marks(part)}))"
        )
        db.execute(Sql(text, (obj.key, *part, *part)))
