"""Fields kept in rows of another table: the table of links, and stores that apps add for types of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapport.lib.sql import Sql
from rapport.records import db
from rapport.registry.fields import FieldSpec

Changes = Mapping[int, tuple[Iterable[int], Iterable[int]]]
"""Record to its targets (before, after)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """Where the values of a field type with external storage are kept.

    `rows(object_key, field)` is a select of `(record_id, target_id)`; `store(object_key, field, changes)` writes.
    """

    rows: Callable[[str, FieldSpec], Sql]
    store: Callable[[str, FieldSpec, Changes], None]


TABLE, COLUMNS = "records_link", ("object_key", "field", "record_id", "target_id")
_stores: dict[str, Store] = {}


def register_store(type_key: str, store: Store) -> None:
    """Keep the values of a field type with external storage in `store`."""
    _stores[type_key] = store


def rows(object_key: str, field: FieldSpec) -> Sql:
    """A select of `(record_id, target_id)` of all values of a field."""
    return _stores[field.type.key].rows(object_key, field)


def load(object_key: str, field: FieldSpec, ids: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """The targets of a field for each of the records that has any, ascending."""
    found: dict[int, set[int]] = {}
    source = rows(object_key, field)
    for part in db.chunks(ids):
        text = f"SELECT record_id, target_id FROM ({source.text}) s WHERE record_id IN ({db.marks(part)})"
        for record, target in db.rows(Sql(text, (*source.params, *part))):
            found.setdefault(record, set()).add(target)
    return {record: tuple(sorted(targets)) for record, targets in found.items()}


def store(object_key: str, field: FieldSpec, changes: Changes) -> None:
    """Replace the targets of records."""
    _stores[field.type.key].store(object_key, field, changes)


def difference(changes: Changes) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """(record, target) pairs that go, and those that come."""
    gone = [(record, target) for record, (before, after) in changes.items() for target in set(before) - set(after)]
    new = [(record, t) for record, (before, after) in changes.items() for t in sorted(set(after) - set(before))]
    return gone, new


def _rows(object_key: str, field: FieldSpec) -> Sql:
    return Sql(
        "SELECT record_id, target_id FROM records_link WHERE object_key = %s AND field = %s", (object_key, field.name)
    )


def _store(object_key: str, field: FieldSpec, changes: Changes) -> None:
    gone, new = difference(changes)
    key = (object_key, field.name)
    if gone:
        where = "object_key = %s AND field = %s AND record_id = %s AND target_id = %s"
        db.execute_many(f"DELETE FROM records_link WHERE {where}", [(*key, *pair) for pair in gone])
    db.insert_missing(TABLE, COLUMNS, [(*key, *pair) for pair in new], unique=COLUMNS)


def rows_of(object_key: str, field: FieldSpec, record_id: int) -> dict[int, int]:
    """Target to the key of its row, of one record; nothing for a field that is not kept in the table of links."""
    if _stores[field.type.key].rows is not _rows:
        return {}
    where = "object_key = %s AND field = %s AND record_id = %s"
    return dict(db.rows(Sql(f"SELECT target_id, id FROM {TABLE} WHERE {where}", (object_key, field.name, record_id))))


def put_back(object_key: str, field: FieldSpec, record_id: int, targets: Mapping[int, int]) -> None:
    """Insert rows under the keys that they had: target to key, as `rows_of` told them."""
    rows = [(key, object_key, field.name, record_id, target) for target, key in targets.items()]
    db.insert_missing(TABLE, ("id", *COLUMNS), rows, unique=COLUMNS)


register_store("references", Store(rows=_rows, store=_store))
