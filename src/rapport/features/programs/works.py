"""Pieces of work that agents did: all writes of one client under one token, until it pauses or by the name it gives.

A piece is a batch of the change log, so that what it did is read there and taken back through the write path.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection
from django.utils import timezone

from rapport.features.programs.models import Work
from rapport.lib import json
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.models import ApiToken
from rapport.records.bulk import running
from rapport.records.errors import NotFound
from rapport.records.history import reading, reverting
from rapport.records.history.reading import Act, FieldChange
from rapport.records.read import visible
from rapport.records.read.select import people
from rapport.registry import catalog

PAUSE = dt.timedelta(minutes=30)
"""A longer pause ends a piece of work."""
_UNDOING = {"delete": "restore", "merge": "unmerge", "merged": "unmerged", "move": "move"}
"""What taking back does to a record that an act was done to."""
_COLUMNS = ("batch", "user_id", "token_id", "client", "group", "begun_at", "last_at")


@dataclass(frozen=True, slots=True)
class Agent:
    """Who does it: a client by the name that it gives, under a token (None: started by its user on the machine)."""

    token_id: int | None = None
    client: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of work with who did it, how many acts on how many records, and whether it was taken back."""

    work: Work
    user: str
    token: str
    acts: int
    records: int


@dataclass(frozen=True, slots=True)
class Change:
    """One act of a piece on a record that the reader may see. `kept`: fields that taking back left as they were.

    `left`: taking back left the whole act.
    """

    object_key: str
    record_id: int
    title: str
    act: Act
    kept: tuple[FieldChange, ...] = ()
    left: bool = False


def open_(caller: Caller, agent: Agent, group: str) -> str:
    """The batch of the piece of work to which a write belongs, in the transaction of that write."""
    assert caller.user_id is not None
    now, named = timezone.now(), group.strip()[:100]
    _alone(f"{caller.user_id} {agent.token_id} {agent.client} {named}")
    known = Work.objects.filter(
        user_id=caller.user_id, token_id=agent.token_id, client=agent.client, group=named, reverted_at=None
    )
    if not named:
        known = known.filter(last_at__gte=now - PAUSE)
    found = known.order_by("-last_at", "-id").first()
    moment = db.dialect().moment(now)
    if found is not None:
        db.execute(Sql("UPDATE programs_work SET last_at = %s WHERE id = %s", (moment, found.pk)))
        return found.batch
    batch = f"mcp-{secrets.token_hex(8)}"
    row = (batch, caller.user_id, agent.token_id, agent.client, named, moment, moment)
    db.insert_many("programs_work", _COLUMNS, [row])
    return batch


def _alone(name: str) -> None:
    """Two writes at once begin one piece, not two. On SQLite, whoever writes is alone anyway."""
    if connection.vendor == "postgresql":
        number = int(hashlib.sha256(name.encode()).hexdigest()[:15], 16)
        db.row(Sql("SELECT pg_advisory_xact_lock(%s)", (number,)))


def recent(caller: Caller, *, before: int | None = None, size: int = 50) -> list[Piece]:
    """Pieces of work, newest first, older than `before`: the caller's own, an administrator's everyone's."""
    known = _of(caller)
    return _pieces((known.filter(pk__lt=before) if before else known).order_by("-id")[:size])


def get(caller: Caller, work_id: int) -> Piece:
    """One piece of work. Raises NotFound."""
    found = _pieces(_of(caller).filter(pk=work_id))
    if not found:
        raise NotFound
    return found[0]


def _of(caller: Caller) -> Any:
    return Work.objects.all() if caller.is_admin else Work.objects.filter(user_id=caller.user_id or 0)


def _pieces(works: Iterable[Work]) -> list[Piece]:
    works = list(works)
    if not works:
        return []
    users = people("records_user", {w.user_id for w in works})
    tokens = dict(ApiToken.objects.filter(pk__in={w.token_id for w in works if w.token_id}).values_list("pk", "name"))
    batches = [w.batch for w in works]
    text = (
        "SELECT batch, SUM(n), COUNT(*) FROM (SELECT batch, object_key, record_id, COUNT(*) AS n FROM records_change "
        f"WHERE batch IN ({db.marks(batches)}) GROUP BY batch, object_key, record_id) c GROUP BY batch"
    )
    counts = {batch: (int(acts), int(records)) for batch, acts, records in db.rows(Sql(text, tuple(batches)))}
    return [
        Piece(w, users.get(w.user_id, ""), tokens.get(w.token_id or 0, ""), *counts.get(w.batch, (0, 0))) for w in works
    ]


def changes(caller: Caller, batch: str, *, after: int = 0, size: int = 100) -> tuple[list[Change], int | None]:
    """What a batch did, in order, as far as the caller may see; and behind which act to go on, or None."""
    rows = db.rows(
        Sql(
            "SELECT id, object_key, record_id FROM records_change WHERE batch = %s AND id > %s "
            f"ORDER BY id LIMIT {int(size) + 1}",
            (batch, after),
        )
    )
    more, rows = len(rows) > size, rows[:size]
    found: dict[int, Change] = {}
    for key in {row[1] for row in rows} & catalog.current().objects.keys():
        of_object = {change: record for change, object_key, record in rows if object_key == key}
        titles = visible(caller, key).labels(of_object.values(), trashed=True)
        ids = [change for change, record in of_object.items() if record in titles]
        if ids:
            acts = reading.select(caller, key, Sql(f"c.id IN ({db.marks(ids)})", tuple(ids)), "c.id", len(ids))
            for act in acts:
                record = of_object[act.id]
                found[act.id] = Change(key, record, titles[record], act)
    return [found[i] for i in sorted(found)], rows[-1][0] if more else None


def revert(caller: Caller, work_id: int) -> running.Undone:
    """Take a whole piece back, at once or as a job; it is closed, so that later writes begin another. Raises NotFound.

    What was changed since, or may not be changed by the caller, stays as it is: see `after_revert`.
    """
    piece = get(caller, work_id)
    if not piece.acts:
        raise NotFound
    closed = (db.dialect().moment(timezone.now()), piece.work.pk)
    db.execute(Sql("UPDATE programs_work SET reverted_at = %s WHERE id = %s AND reverted_at IS NULL", closed))
    objects = reverting.objects_of(piece.work.batch)
    return running.undo(caller, objects[0], piece.work.batch) if objects else running.Undone()


def after_revert(batch: str, found: list[Change]) -> list[Change]:
    """The changes, each with what taking back has left of it."""
    undone = _undone(reverting.undo_of(batch), found)
    return [_judged(change, undone.get((change.object_key, change.record_id), {})) for change in found]


def _undone(batch: str, found: list[Change]) -> dict[tuple[str, int], dict[str, set[str]]]:
    """By record: which actions taking back did, and to which fields."""
    done: dict[tuple[str, int], dict[str, set[str]]] = {}
    records = sorted({change.record_id for change in found})
    for part in db.chunks(records):
        text = (
            "SELECT object_key, record_id, action, diff FROM records_change WHERE batch = %s "
            f"AND record_id IN ({db.marks(part)})"
        )
        for key, record, action, diff in db.rows(Sql(text, (batch, *part))):
            done.setdefault((key, record), {}).setdefault(action, set()).update(json.column(diff))
    return done


def _judged(change: Change, done: dict[str, set[str]]) -> Change:
    act = change.act
    if "delete" in done or _UNDOING.get(act.action, "") in done:
        return change
    if act.action != "update":
        return replace(change, left=True)
    kept = tuple(c for c in act.fields if c.field.name not in done.get("update", ()))
    return replace(change, kept=kept, left=len(kept) == len(act.fields))
