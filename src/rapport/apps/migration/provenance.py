"""Which record each record of a vendor became: asked for and written in sets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rapport.lib.sql import Sql
from rapport.records import db
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject

TABLE = "migration_provenance"


class Became(NamedTuple):
    """A record that was made of one of a vendor, and by which migration."""

    object_key: str
    record_id: int
    migration_id: int


def find(vendor: str, kind: str, externals: Iterable[str]) -> dict[str, Became]:
    """What has become of these ids, where its record is still there (in the trash too)."""
    found: dict[str, Became] = {}
    for part in db.chunks(sorted({text for text in externals if text})):
        text = (
            f"SELECT external_id, object_key, record_id, migration_id FROM {TABLE} "
            f"WHERE vendor = %s AND kind = %s AND external_id IN ({db.marks(part)})"
        )
        found |= {row[0]: Became(*row[1:]) for row in db.rows(Sql(text, (vendor, kind, *part)))}
    return _there(found)


def _there(found: dict[str, Became]) -> dict[str, Became]:
    """Those whose record was not removed for good."""
    there: dict[str, set[int]] = {}
    for key in {became.object_key for became in found.values()}:
        obj = catalog.current().objects.get(key)
        if obj is not None:
            there[key] = _rows(obj, [b.record_id for b in found.values() if b.object_key == key])
    return {text: b for text, b in found.items() if b.record_id in there.get(b.object_key, ())}


def _rows(obj: RegisteredObject, ids: Sequence[int]) -> set[int]:
    kept: set[int] = set()
    for part in db.chunks(sorted(set(ids))):
        text = f'SELECT id FROM "{obj.table}" WHERE id IN ({db.marks(part)})'
        kept.update(row[0] for row in db.rows(Sql(text, tuple(part))))
    return kept


def keep(vendor: str, kind: str, object_key: str, migration_id: int, pairs: Sequence[tuple[str, int]]) -> None:
    """Note what ids have become; what was removed meanwhile is replaced."""
    for part in db.chunks(pairs):
        names = tuple(external for external, _key in part)
        text = f"DELETE FROM {TABLE} WHERE vendor = %s AND kind = %s AND external_id IN ({db.marks(names)})"
        db.execute(Sql(text, (vendor, kind, *names)))
    rows = [(vendor, kind, external, object_key, key, migration_id) for external, key in pairs]
    db.insert_many(TABLE, ("vendor", "kind", "external_id", "object_key", "record_id", "migration_id"), rows)


def taken(vendor: str, object_key: str, ids: Sequence[int]) -> set[int]:
    """Those of the records that something of the vendor has become already."""
    found: set[int] = set()
    for part in db.chunks(sorted(set(ids))):
        text = (
            f"SELECT record_id FROM {TABLE} WHERE vendor = %s AND object_key = %s AND record_id IN ({db.marks(part)})"
        )
        found.update(row[0] for row in db.rows(Sql(text, (vendor, object_key, *part))))
    return found
