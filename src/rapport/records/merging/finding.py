"""What is known of merges: where a record went, what stands in another, the merges of a record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.merging.models import Merge, MergedRecord, MergeMove

DEEPEST = 1000


def apart(key: str, alias: str = "t") -> Sql:
    """The condition on a row of the object that it does not stand in another record."""
    return Sql(
        f"NOT EXISTS (SELECT 1 FROM records_mergedrecord m WHERE m.object_key = %s AND m.record_id = {alias}.id)",
        (key,),
    )


def successor(key: str, record_id: int) -> int | None:
    """The record in which one stands by now, at the end of the chain; None for one that was not merged."""
    return successors(key, (record_id,)).get(record_id)


def successors(key: str, ids: Iterable[int]) -> dict[int, int]:
    """The same for many records; those that were not merged are left out."""
    at = {record_id: record_id for record_id in ids}
    for _step in range(DEEPEST):
        further: dict[int, int] = {}
        for part in db.chunks(sorted(set(at.values()))):
            text = (
                "SELECT record_id, survivor_id FROM records_mergedrecord WHERE object_key = %s "
                f"AND record_id IN ({db.marks(part)}) AND survivor_id IS NOT NULL"
            )
            further |= dict(db.rows(Sql(text, (key, *part))))
        if not further:
            break
        at = {record_id: further.get(now, now) for record_id, now in at.items()}
    return {record_id: now for record_id, now in at.items() if now != record_id}


def below(key: str, ids: Iterable[int]) -> list[int]:
    """The records that stand in these, in those again, and so on."""
    found: list[int] = []
    layer = sorted(set(ids))
    while layer:
        following: list[int] = []
        for part in db.chunks(layer):
            text = (
                "SELECT record_id FROM records_mergedrecord WHERE object_key = %s AND survivor_id IN "
                f"({db.marks(part)}) ORDER BY record_id"
            )
            following += [r[0] for r in db.rows(Sql(text, (key, *part)))]
        found += following
        layer = following
    return found


def merges_of(key: str, record_id: int, versions: Sequence[int] | None = None) -> dict[int, Merge]:
    """The merges whose survivor a record is, by its version right after each."""
    rows = Merge.objects.filter(object_key=key, survivor_id=record_id).order_by("id")
    if versions is not None:
        rows = rows.filter(version__in=versions)
    return {row.version: row for row in rows}


def forget(key: str, ids: Sequence[int]) -> None:
    """Empty the merges of records that are removed for good: values, rows that were set aside, what stood in what."""
    survived = Merge.objects.filter(object_key=key, survivor_id__in=ids)
    stood = MergedRecord.objects.filter(object_key=key, record_id__in=ids)
    merges = [*survived.values_list("pk", flat=True), *stood.values_list("merge_id", flat=True)]
    if merges:
        MergeMove.objects.filter(merge_id__in=merges).delete()
        stood.delete()
        Merge.objects.filter(pk__in=merges).update(diff={}, emptied=True)
