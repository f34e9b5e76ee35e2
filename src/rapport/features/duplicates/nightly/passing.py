"""The nightly pass: all records of each object are compared, and pairs that may be one are kept for the queue."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rapport.features.duplicates.models import DuplicatePair, PassSetting, Source, State
from rapport.features.duplicates.nightly import child, reading
from rapport.features.duplicates.suggesting import Reason, Suggestion, suggest
from rapport.lib import json
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts import caller as callers
from rapport.records.errors import Forbidden, Invalid
from rapport.records.jobs import queue
from rapport.records.jobs.models import JobRow
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.registry.extensions import Job

NAME, NOW = "duplicates-nightly", "duplicates-now"
NIGHT = range(1, 5)
"""Hours of the organisation's clock in which the pass may begin."""
LEAST = 0.2
"""Pairs less likely than this are not kept; the queue shows those from its threshold on."""
THRESHOLD = 0.5
"""From which probability on the queue shows a pair, unless an administrator says otherwise."""
SET = 500


def objects() -> list[RegisteredObject]:
    """Objects whose records can be compared."""
    return [obj for obj in catalog.current().objects.values() if reading.kinds(obj)]


def setting(key: str) -> PassSetting:
    """What is asked of the pass for an object, unsaved where nobody chose anything."""
    return PassSetting.objects.filter(object_key=key).first() or PassSetting(object_key=key, threshold=THRESHOLD)


def keep(key: str, **values: Any) -> None:
    """Set values of an object's `PassSetting`, as columns take them."""
    columns = {"enabled": True, "threshold": THRESHOLD, "numbers": "{}", **values}
    text = (
        f"INSERT INTO {PassSetting._meta.db_table} (object_key, {', '.join(columns)}) VALUES (%s, {db.marks(columns)}) "
        f"ON CONFLICT (object_key) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in values)}"
    )
    db.execute(Sql(text, (key, *columns.values())))


def choose(key: str, percent: str, enabled: bool) -> None:
    """Keep from which likelihood on pairs of an object are queued, and whether it is compared. Raises Invalid."""
    if key not in {obj.key for obj in objects()}:
        raise Invalid({"object": [_("Choose one of the list.")]})
    lowest = round(LEAST * 100)
    if not (percent.isascii() and percent.isdigit() and lowest <= int(percent[:3]) <= 99):
        raise Invalid({"percent": [gettext("Give a number from %(least)d to 99.") % {"least": lowest}]})
    keep(key, threshold=int(percent) / 100, enabled=enabled)


def run(context: Any) -> Any:
    """At night, or when somebody asks for it: look at each object whose records changed since they were looked at."""
    now = bool(context.arguments.get("now"))
    if not now and (wait := _until_night()) is not None:
        return queue.Later(wait)
    result: dict[str, Any] = {}
    for obj in objects():
        chosen = setting(obj.key)
        if not chosen.enabled or not (now or _changed(obj, chosen)):
            continue
        if context.stop.is_set():
            return queue.Later(timezone.now())
        try:
            result[obj.key] = look_at(obj, context)
        except _Ending:
            return queue.Later(timezone.now())
    return result


class _Ending(Exception):
    """The worker is about to end: the pass begins anew with the next one."""


def start(user_id: int | None, is_admin: bool) -> bool:
    """Have the pass run at once; False where it waits or runs already. Raises Forbidden."""
    if not is_admin:
        raise Forbidden
    return queue.enqueue(NAME, {"now": True}, key=NOW, user_id=user_id) is not None


def running() -> JobRow | None:
    """The pass that was asked for and waits or runs."""
    return JobRow.objects.filter(key=NOW).first()


def look_at(obj: RegisteredObject, context: Any) -> dict[str, Any]:
    """Compare all records of an object and keep the pairs; numbers of what was done. Raises `child.Failed`.

    It may be ended at any point and run again: pairs are kept in sets, and what is no pair any more is taken out last.
    """
    began, total = timezone.now(), reading.count(obj)
    if total < 2:
        numbers: dict[str, Any] = {"records": total, "pairs": 0}
    else:
        numbers = _linked(obj, context, total)
    forget(obj, began)
    numbers["seconds"] = round((timezone.now() - began).total_seconds(), 1)
    keep(obj.key, passed_at=db.dialect().moment(began), numbers=json.dumps(numbers))
    return numbers


def _linked(obj: RegisteredObject, context: Any, total: int) -> dict[str, Any]:
    numbers: dict[str, Any] = {}
    state = {"done": 0}

    def look() -> None:
        if context.stop.is_set():
            raise _Ending
        context.progress(state["done"], total)

    def sets() -> Iterator[list[list[Any]]]:
        for part in reading.rows(obj):
            yield part
            state["done"] += len(part)

    messages = child.linked(reading.kinds(obj), LEAST, sets(), look)
    try:
        for part in _sets(_pairs(messages, numbers)):
            suggest(obj.key, part, Source.NIGHTLY)
            look()
    finally:
        messages.close()  # type: ignore[attr-defined]
    return numbers


def _sets(pairs: Iterator[Suggestion]) -> Iterator[list[Suggestion]]:
    while part := list(islice(pairs, SET)):
        yield part


def _pairs(messages: Iterable[dict[str, Any]], numbers: dict[str, Any]) -> Iterator[Suggestion]:
    for message in messages:
        if "pair" in message:
            one, other, score, reasons = message["pair"]
            yield Suggestion(one, other, score, tuple(Reason(*reason) for reason in reasons))
        elif "done" in message:
            numbers.update(pairs=message["done"], records=message["records"], candidates=message["candidates"])


def forget(obj: RegisteredObject, began: dt.datetime) -> None:
    """Take out open pairs that the pass no longer finds, and those of which a record is gone."""
    stale = DuplicatePair.objects.filter(
        object_key=obj.key, state=State.OPEN, source=Source.NIGHTLY, seen_at__lt=began
    )  # fmt: skip
    _remove(list(stale.values_list("pk", flat=True)))
    there = f'SELECT 1 FROM "{obj.table}" t WHERE t.deleted_at IS NULL AND t.id = p.'
    text = (
        f"SELECT p.id FROM {DuplicatePair._meta.db_table} p WHERE p.object_key = %s AND p.state = 'open' "
        f"AND NOT (EXISTS ({there}first_id) AND EXISTS ({there}second_id))"
    )
    _remove([row[0] for row in db.rows(Sql(text, (obj.key,)))])


def _remove(ids: list[int]) -> None:
    for part in db.chunks(ids):
        text = f"DELETE FROM {DuplicatePair._meta.db_table} WHERE state = 'open' AND id IN ({db.marks(part)})"
        db.execute(Sql(text, tuple(part)))


def _changed(obj: RegisteredObject, chosen: PassSetting) -> bool:
    if chosen.passed_at is None:
        return True
    moment = db.dialect().moment(chosen.passed_at)
    return db.row(Sql(f'SELECT 1 FROM "{obj.table}" t WHERE t.updated_at >= %s LIMIT 1', (moment,))) is not None


def _until_night() -> dt.datetime | None:
    """When the next night begins where the organisation is; None in the night."""
    here = timezone.now().astimezone(ZoneInfo(callers.system("job").zone))
    if here.hour in NIGHT:
        return None
    day = here.date() if here.hour < NIGHT.start else here.date() + dt.timedelta(days=1)
    return dt.datetime.combine(day, dt.time(NIGHT.start, 30), here.tzinfo)


JOB = Job(
    name=NAME,
    run=run,
    label=_("Compare all records for duplicates"),
    every=dt.timedelta(days=1),
    waits=True,
    attempts=3,
)
