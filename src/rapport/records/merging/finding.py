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
    found, at = None, record_id
    for _step in range(DEEPEST):
        text = "SELECT survivor_id FROM records_mergedrecord WHERE object_key = %s AND record_id = %s"
        row = db.row(Sql(text, (key, at)))
        if row is None or row[0] is None:
            return found
        found = at = int(row[0])
    return found


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
