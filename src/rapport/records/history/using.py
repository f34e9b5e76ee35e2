"""Which records others point at, so that taking them away would leave something in the air."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from rapport.lib.sql import Sql, all_of
from rapport.records import db, links
from rapport.records.accounts.scope import fixed
from rapport.records.history.models import Link
from rapport.records.merging.pointers import key_column, places
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject


def used(obj: RegisteredObject, ids: Collection[int]) -> set[int]:
    """Those of the records at which live records point that are not among them, nor only at each other."""
    left = set(ids)
    pointers = [pair for part in db.chunks(sorted(left)) for pair in _pointers(obj, list(part))]
    found: set[int] = set()
    while new := {target for key, holder, target in pointers if not (key == obj.key and holder in left)} - found:
        found |= new
        left -= new
    return found


def _pointers(obj: RegisteredObject, ids: list[int]) -> Iterator[tuple[str, int, int]]:
    """(object, record, target) of what points at the records: columns, custom values, attached rows, links."""
    for place in places(obj):
        if place.obj is None or place.model is Link:
            continue
        live = Sql("t.deleted_at IS NULL")
        where = all_of([place.pointing(ids), live, fixed(place.obj, "t")])
        text = f'SELECT t."{key_column(place)}", {place.expression} FROM "{place.table}" t WHERE {where.text}'
        yield from ((place.obj.key, holder, int(target)) for holder, target in db.rows(Sql(text, where.params)))
    for other in catalog.current().objects.values():
        for field in other.externals:
            if field.target != obj.key:
                continue
            source = links.rows(other.key, field)
            text = (
                f"SELECT s.record_id, s.target_id FROM ({source.text}) s "
                f'JOIN "{other.table}" t ON t.id = s.record_id AND t.deleted_at IS NULL '
                f"WHERE s.target_id IN ({db.marks(ids)})"
            )
            yield from ((other.key, *row) for row in db.rows(Sql(text, (*source.params, *ids))))
