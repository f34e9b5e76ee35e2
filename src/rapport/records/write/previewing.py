"""What a merge would do: the values to choose from, and how much would move."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import transaction

from rapport.lib.sql import Sql, any_of, one_of
from rapport.records import db, links
from rapport.records.accounts.caller import Caller
from rapport.records.merging.choosing import Choice, Chosen, choose
from rapport.records.read import visible
from rapport.records.write.creating import registered
from rapport.records.write.merging import gathered
from rapport.registry import catalog
from rapport.registry.catalog import SYSTEM, RegisteredObject
from rapport.registry.fields import FieldSpec


@dataclass(frozen=True, slots=True)
class Moving:
    """How many records of an object, of those that the caller may see, would follow to the survivor."""

    obj: RegisteredObject
    count: int


@dataclass(frozen=True, slots=True)
class Preview:
    """The records, the survivor first; the fields that the caller may see; what would move."""

    ids: tuple[int, ...]
    choices: tuple[Choice, ...]
    moving: tuple[Moving, ...]


def preview_merge(
    caller: Caller, key: str, survivor: int, others: Sequence[int], chosen: Chosen | None = None
) -> Preview:
    """What `merge` would do with the same arguments. Raises what it raises."""
    obj = registered(key)
    with transaction.atomic():
        entries = gathered(caller, obj, survivor, others)
        choices = choose(caller, obj, entries, chosen or {})
    seen = caller.visible_fields(obj)
    shown = tuple(c for c in choices if c.field.name in seen)
    ids = tuple(e.id for e in entries)
    return Preview(ids, shown, tuple(moving(caller, obj, ids[1:])))


def moving(caller: Caller, obj: RegisteredObject, ids: Sequence[int]) -> Iterator[Moving]:
    """The records that point at any of these, by object."""
    for other in catalog.current().objects.values():
        ways = [_refers(other, f, ids) for f in other.fields.values() if f.target == obj.key and f.name not in SYSTEM]
        if {"object_key", "record_id"} <= {f.name for f in other.spec.model._meta.concrete_fields}:
            ways.append(Sql(f"t.object_key = %s AND t.record_id IN ({db.marks(ids)})", (obj.key, *ids)))
        if not ways or not caller.may(other, "read"):
            continue
        where, pointing = visible(caller, other).where(), any_of(ways)
        beyond = one_of("t.id", ids) if other.key == obj.key else None
        text = f'SELECT COUNT(*) FROM "{other.table}" t WHERE {where.text} AND {pointing.text}'
        params = (*where.params, *pointing.params)
        if beyond:
            text, params = f"{text} AND NOT {beyond.text}", (*params, *beyond.params)
        found = db.row(Sql(text, params))
        if found and found[0]:
            yield Moving(other, int(found[0]))


def _refers(obj: RegisteredObject, field: FieldSpec, ids: Sequence[int]) -> Sql:
    """The condition that a field of the row `t` names one of the records."""
    if field.type.storage == "external":
        rows = links.rows(obj.key, field)
        text = f"t.id IN (SELECT s.record_id FROM ({rows.text}) s WHERE s.target_id IN ({db.marks(ids)}))"
        return Sql(text, (*rows.params, *ids))
    if field.type.storage == "computed":
        return Sql("1 = 0")
    return one_of(field.type.expression(field, "t", db.dialect()), ids)
