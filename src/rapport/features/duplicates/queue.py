"""The review queue: open pairs of which the caller may see both records, and what is decided of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from rapport.features.duplicates.models import DuplicatePair, State
from rapport.features.duplicates.nightly import passing
from rapport.features.duplicates.suggesting import TABLE, Reason
from rapport.lib import json
from rapport.lib.sql import Sql
from rapport.records import db, write
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Forbidden, NotFound
from rapport.records.merging.models import Merge
from rapport.records.read import visible
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject

CAP = 100
"""Pairs that are counted at most."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair of records of `obj`; `score` is the probability that they are one."""

    id: int
    obj: RegisteredObject
    first: int
    second: int
    score: float
    source: str
    reasons: tuple[Reason, ...]

    @property
    def ids(self) -> list[int]:
        """Both records."""
        return [self.first, self.second]


def objects(caller: Caller) -> list[RegisteredObject]:
    """Objects of which the caller may see and change records, and whose records may be compared."""
    return [obj for obj in passing.objects() if caller.may(obj, "read") and caller.may(obj, "edit")]


def pairs(
    caller: Caller, obj: RegisteredObject, *, source: str = "", least: float = 0.0, after: int = 0, limit: int = 50
) -> list[Pair]:
    """Open pairs of an object, the likeliest first; those that follow on the pair `after` where it is named."""
    where = _where(caller, obj)
    text, params = where.text, [*where.params]
    if source:
        text, params = f"{text} AND p.source = %s", [*params, source]
    if least:
        text, params = f"{text} AND p.score >= %s", [*params, least]
    if after and (row := db.row(Sql(f"SELECT score FROM {TABLE} WHERE id = %s", (after,)))):
        text += " AND (p.score < %s OR (p.score = %s AND p.id > %s))"
        params += [row[0], row[0], after]
    found = db.rows(Sql(f"{_SELECT} WHERE {text} ORDER BY p.score DESC, p.id LIMIT %s", (*params, limit)))
    return [_pair(obj, row) for row in found]


_SELECT = f"SELECT p.id, p.first_id, p.second_id, p.score, p.source, p.reasons FROM {TABLE} p"


def _pair(obj: RegisteredObject, row: tuple[Any, ...]) -> Pair:
    reasons = tuple(Reason(*reason) for reason in json.column(row[5]))
    return Pair(row[0], obj, row[1], row[2], row[3], row[4], reasons)


def _where(caller: Caller, obj: RegisteredObject) -> Sql:
    """Open, likely enough where the nightly pass found it, and both records are the caller's to see."""
    seen = visible(caller, obj).where()
    there = " AND ".join(
        f'EXISTS (SELECT 1 FROM "{obj.table}" t WHERE t.id = p.{side}_id AND {seen.text})'
        for side in ("first", "second")
    )
    text = f"p.object_key = %s AND p.state = 'open' AND (p.source <> 'nightly' OR p.score >= %s) AND {there}"
    return Sql(text, (obj.key, passing.setting(obj.key).threshold, *seen.params, *seen.params))


def count(caller: Caller, obj: RegisteredObject) -> int:
    """Pairs that wait, `CAP` at most."""
    where = _where(caller, obj)
    text = f"SELECT COUNT(*) FROM (SELECT 1 FROM {TABLE} p WHERE {where.text} LIMIT {CAP}) c"
    row = db.row(Sql(text, where.params))
    return int(row[0]) if row else 0


def get(caller: Caller, pair_id: int) -> Pair:
    """A pair that waits. Raises NotFound for one that is decided, or of which the caller may not see both records."""
    row = db.row(Sql(f"SELECT object_key FROM {TABLE} WHERE id = %s", (pair_id,)))
    obj = catalog.current().objects.get(row[0]) if row else None
    if obj is None or obj not in objects(caller):
        raise NotFound
    where = _where(caller, obj)
    found = db.row(Sql(f"{_SELECT} WHERE p.id = %s AND {where.text}", (pair_id, *where.params)))
    if found is None:
        raise NotFound
    return _pair(obj, found)


def following(caller: Caller, pair: Pair) -> Pair | None:
    """The pair to look at after this one: the next of the object, else the first one."""
    rest = pairs(caller, pair.obj, after=pair.id, limit=1) or pairs(caller, pair.obj, limit=2)
    return next((other for other in rest if other.id != pair.id), None)


def differ(caller: Caller, pair_id: int) -> Pair:
    """Decide that the records are not the same: nobody suggests them again. Raises NotFound, Forbidden."""
    pair = get(caller, pair_id)
    if len(visible(caller, pair.obj).allowed(pair.ids, "edit")) < 2:
        raise Forbidden
    rows = DuplicatePair.objects.filter(pk=pair.id, state=State.OPEN)
    rows.update(state=State.DIFFERENT, decided_at=timezone.now(), decided_by_id=caller.user_id)
    return pair


def reopen(caller: Caller, pair_id: int) -> None:
    """Take back that the records are not the same. Raises NotFound, Forbidden."""
    row = DuplicatePair.objects.filter(pk=pair_id, state=State.DIFFERENT).first()
    obj = catalog.current().objects.get(row.object_key) if row else None
    if row is None or obj is None:
        raise NotFound
    if len(visible(caller, obj).allowed([row.first_id, row.second_id], "edit")) < 2:
        raise Forbidden
    rows = DuplicatePair.objects.filter(pk=pair_id)
    rows.update(state=State.OPEN, decided_at=None, decided_by=None)


def merge(caller: Caller, pair_id: int, survivor: int) -> tuple[Pair, Merge]:
    """Make one of both, the gaps of the survivor filled. Raises NotFound, and what `write.merge` raises."""
    pair = get(caller, pair_id)
    if survivor not in pair.ids:
        raise NotFound
    return pair, write.merge(caller, pair.obj.key, survivor, [i for i in pair.ids if i != survivor])


def decided(key: str) -> Iterator[tuple[float, bool]]:
    """What people decided of an object's pairs: the score, and whether they were one."""
    rows = DuplicatePair.objects.filter(object_key=key).exclude(state=State.OPEN).order_by("-score", "pk")
    for score, state in rows.values_list("score", "state").iterator():
        yield score, state == State.MERGED
