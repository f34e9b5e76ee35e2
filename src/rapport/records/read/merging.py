"""Lists of whoever sees only their own records, their teams' and shared ones: a walk for each of these, merged.

Under one condition with OR a database walks the index of the sort and meets on its way all that others changed last.
Each ground alone has an index in the order of the list: the first keys of each are read and merged. What comes of it
are candidates only: the statement that reads the rows asks for all rights again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from rapport.lib.sql import Sql, all_of
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.scope import fixed, grounds, shared_keys
from rapport.records.base import LIVE
from rapport.registry.catalog import RegisteredObject

MOST = 20
"""Walks of one list; whoever reaches more teams has one walk past the rest."""
MOST_SHARED = 1_000
"""Shared records that are sorted for each page."""


@dataclass(frozen=True, slots=True)
class Walk:
    """Records on one ground: the index that holds them in the order of the list (or ""), and their condition."""

    index: str
    where: Sql


def walks(caller: Caller, obj: RegisteredObject, column: str) -> tuple[Walk, ...]:
    """Walks in the order of `column` that together meet all that the caller may read; none where there are none."""
    reached = grounds(caller, obj, "read")
    if not reached or sum(map(len, reached.values())) > MOST:
        return ()
    indexes = {ground: _index(obj, ground, column) for ground in reached}
    if not all(indexes.values()):
        return ()
    found = [
        Walk(indexes[ground], Sql(f't."{ground}" = %s', (value,)))
        for ground, values in reached.items()
        for value in values
    ]
    shared = shared_keys(caller, obj, "read")
    if shared is not None:
        some = [key for (key,) in db.rows(Sql(f"{shared.text} LIMIT {MOST_SHARED + 1}", shared.params))]
        if len(some) > MOST_SHARED:
            return ()
        found.append(Walk("", db.dialect().among("t.id", some)))
    return tuple(found)


def keys(obj: RegisteredObject, walks: Sequence[Walk], where: Sql, column: str, word: str, size: int) -> Sql:
    """The first `size` keys of what the walks meet under `where`, in the order of `column` and the key.

    A record that is met on several grounds comes once.
    """
    by = f'ORDER BY t."{column}" {word}, t.id {word} LIMIT {size}'
    base = all_of([Sql("t.deleted_at IS NULL"), fixed(obj, "t"), where])
    parts: list[str] = []
    params: list[Any] = []
    for number, walk in enumerate(walks):
        hint = db.dialect().walked(walk.index)
        each = all_of([walk.where, base])
        parts.append(
            f'SELECT * FROM (SELECT t.id AS key, t."{column}" AS at FROM "{obj.table}" t {hint} '
            f"WHERE {each.text} {by}) w{number}"
        )
        params += each.params
    merged = " UNION ".join(parts)
    return Sql(f"SELECT key FROM ({merged}) m ORDER BY at {word}, key {word} LIMIT {size}", tuple(params))


def _index(obj: RegisteredObject, ground: str, column: str) -> str:
    """The index of all live records that is led by the ground and goes on in the order of the list."""
    model = obj.spec.model
    wanted = [*obj.spec.fixed, ground, column, "id"]
    for index in model._meta.indexes:
        fields = [str(getattr(model._meta.get_field(name.lstrip("-")), "column", "")) for name in index.fields]
        if fields == wanted and index.condition in (None, LIVE, Q()) and not any(f[0] == "-" for f in index.fields):
            return str(index.name)
    return ""
