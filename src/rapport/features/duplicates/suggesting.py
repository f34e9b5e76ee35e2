"""`suggest`: pairs of records that may be one, kept for people to decide."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from rapport.features.duplicates.models import DuplicatePair
from rapport.lib import json
from rapport.lib.sql import Sql
from rapport.records import db

TABLE = DuplicatePair._meta.db_table
COLUMNS = ("object_key", "first_id", "second_id", "score", "reasons", "source", "state", "created_at", "seen_at")
UPSERT = (
    f"INSERT INTO {TABLE} ({', '.join(COLUMNS)}) VALUES ({', '.join(['%s'] * len(COLUMNS))}) "
    "ON CONFLICT (object_key, first_id, second_id) DO UPDATE SET score = excluded.score, reasons = excluded.reasons, "
    f"seen_at = excluded.seen_at WHERE {TABLE}.state = 'open' "
    f"AND (excluded.source = 'nightly' OR excluded.score >= {TABLE}.score)"
)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why two records may be one, or not: `what` is compared, `how` it compares; keys of `wording`, no values.

    `what` is the name of a field, or `field.part` (`addresses.postcode`). `weight` is the base-2 logarithm of how
    much more often this is met among records that are one than among others: negative where it speaks against it;
    0 where it is not known.
    """

    what: str
    how: str
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Two different records of one object, in any order; `score` is the probability that they are one, 0 to 1."""

    one: int
    other: int
    score: float
    reasons: tuple[Reason, ...] = ()


def suggest(object_key: str, pairs: Iterable[Suggestion], source: str) -> None:
    """Keep pairs for the review queue, in sets; `source` is one of `models.Source`.

    May be called again with the same pairs: one that is decided stays so, an open one takes the score and the reasons
    of the nightly pass, or those of another source where they speak more for it, and keeps what found it first.
    Asks for no rights: the queue shows a pair only to whoever may see both records.
    Raises ValueError for a pair of a record with itself or a score outside of 0 to 1.
    """
    moment = db.dialect().moment(timezone.now())
    found: dict[tuple[int, int], tuple[Any, ...]] = {}
    for pair in pairs:
        if pair.one == pair.other or not 0 <= pair.score <= 1:
            raise ValueError(f"not a pair: {pair}")
        first, second = sorted((pair.one, pair.other))
        reasons = json.dumps([[r.what, r.how, round(r.weight, 2)] for r in pair.reasons])
        found[first, second] = (object_key, first, second, pair.score, reasons, source, "open", moment, moment)
    rows = list(found.values())
    with transaction.atomic():
        for part in db.chunks(rows):
            db.execute_many(UPSERT, part)


def decided_apart(object_key: str, record_id: int) -> set[int]:
    """The records that somebody said are not the same as this one."""
    text = (
        f"SELECT second_id FROM {TABLE} WHERE object_key = %s AND first_id = %s AND state = 'different' UNION ALL "
        f"SELECT first_id FROM {TABLE} WHERE object_key = %s AND second_id = %s AND state = 'different'"
    )
    return {key for (key,) in db.rows(Sql(text, (object_key, record_id) * 2))}
