"""From events to messages: for each endpoint what its user may see, written in the transaction of the outbox.

A message holds the record as it is when the message is made; `changed` names the fields of the act that it tells of.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from rapport.features.webhooks import packing, subscribing
from rapport.features.webhooks.models import Delivery, Endpoint
from rapport.features.webhooks.subscribing import ACTS, Wanted
from rapport.lib import json
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts import caller as callers
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid
from rapport.records.jobs.queue import wake
from rapport.records.read import RecordView, shaping
from rapport.records.read.following import following
from rapport.records.read.whole import readable, whole
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.registry.types.dates import DateTimeType

DOOR, JOB = "webhook", "send-webhooks"
EVENTS = tuple(f"*.{action}" for action in ACTS)
UPDATED, DELETED, ERASED = "updated", "deleted", "erased"
_DATETIME = DateTimeType()


@dataclass(frozen=True, slots=True)
class Listener:
    """An endpoint, its user, and what it wants."""

    endpoint_id: int
    caller: Caller
    wanted: tuple[Wanted, ...]

    def hears(self, key: str, act: str) -> Wanted | None:
        """What it wants of an object, where that includes the act."""
        one = subscribing.of_object(self.wanted, key)
        return one if one is not None and act in one.acts else None


def is_wanted() -> bool:
    """Whether any endpoint listens at all."""
    return db.row(Sql("SELECT 1 FROM webhooks_endpoint WHERE stopped = '' LIMIT 1")) is not None


def listeners() -> list[Listener]:
    """Endpoints that are not stopped and whose user may still sign in."""
    found = []
    for number, user_id, events in Endpoint.objects.filter(stopped="").values_list("pk", "user_id", "events"):
        if (caller := callers.of_user(user_id)) is not None:
            found.append(Listener(number, caller.through(DOOR), subscribing.kept(events)))
    return found


def make(events: Sequence[Any]) -> None:
    """The subscriber: put down what each endpoint is to be sent, and wake whoever sends it."""
    all_, made = listeners(), []
    for event in events:
        obj, act = catalog.current().objects.get(event.object_key), ACTS[event.action]
        hearing = [(one, wanted) for one in all_ if (wanted := one.hears(event.object_key, act))]
        if obj is None or not hearing:
            continue
        at = _DATETIME.from_json(event.at) or timezone.now()
        changed = _changed(obj, event) if act == UPDATED else {}
        for listener, wanted in hearing:
            records = _records(listener.caller, obj, act, event.ids, wanted, changed)
            packed = packing.pack(obj.key, act, at, event.actor_id, records)
            made += [delivery(listener.endpoint_id, one, obj.key) for one in packed]
    keep(made)


def keep(deliveries: Sequence[Delivery]) -> None:
    """Write deliveries down, and wake the jobs that send them, in the transaction at hand."""
    Delivery.objects.bulk_create(deliveries, batch_size=100)
    for endpoint in sorted({row.endpoint_id for row in deliveries}):
        call(endpoint)


def call(endpoint_id: int, at: dt.datetime | None = None) -> None:
    """Wake the job that sends what waits for an endpoint; it is one job for each."""
    wake(JOB, f"{JOB}-{endpoint_id}", {"endpoint": endpoint_id}, at)


def delivery(endpoint_id: int, packed: packing.Packed, key: str = "") -> Delivery:
    """A new message for an endpoint, not yet kept."""
    now = timezone.now()
    first, last = (packed.ids[0], packed.ids[-1]) if packed.ids else (0, 0)
    return Delivery(
        endpoint_id=endpoint_id, message=f"msg_{secrets.token_hex(16)}", type=packed.type, object_key=key,
        ids=list(packed.ids), first_id=first, last_id=last, body=packed.body, created_at=now, due_at=now,
    )  # fmt: skip


def erased(obj: RegisteredObject, ids: Collection[int]) -> None:
    """Tell that records are erased, before they are: their keys alone, to those who could see them until now."""
    made = []
    for listener in listeners():
        if wanted := listener.hears(obj.key, ERASED):
            seen = _matching(listener.caller, obj, ids, wanted)
            packed = packing.pack(obj.key, ERASED, timezone.now(), None, ({"id": view.id} for view in seen))
            made += [delivery(listener.endpoint_id, one, obj.key) for one in packed]
    keep(made)


def _matching(caller: Caller, obj: RegisteredObject, ids: Collection[int], wanted: Wanted) -> list[RecordView]:
    """Records that the caller may see and that match; none where the filter can't be asked any more."""
    if not caller.may(obj, "read"):
        return []
    try:
        return whole(caller, obj, ids, following(caller, obj, wanted.filter))
    except Invalid:
        return []


def _records(
    caller: Caller, obj: RegisteredObject, act: str, ids: Collection[int], wanted: Wanted,
    changed: Mapping[int, Collection[str]],
) -> Iterable[dict[str, Any]]:  # fmt: skip
    """Records as they are told. An update of fields alone that the caller may not see is told of nobody."""
    views = _matching(caller, obj, ids, wanted)
    for view in views:
        said: dict[str, Any] = {"id": view.id, "version": view.version, "title": view.title}
        if act == UPDATED:
            names = [name for name in view.values if name in changed.get(view.id, ())]
            if not names:
                continue
            said["changed"] = names
        if view.deleted_at is not None:
            said["deleted"] = True
        yield {**said, "fields": shaping.fields(obj, view)}
    if act == DELETED and not wanted.filter and caller.may(obj, "read"):
        # Gone for good already: their keys, for whoever sees all of the kind.
        missing = set(ids) - {view.id for view in views}
        yield from ({"id": key} for key in sorted(readable(caller, obj, missing)))


def _changed(obj: RegisteredObject, event: Any) -> dict[int, Collection[str]]:
    """The fields that an act changed of each record, as its change rows say; as the event says where none does."""
    found: dict[int, Collection[str]] = dict.fromkeys(event.ids, event.fields)
    for part in db.chunks(event.ids):
        text = (
            f"SELECT record_id, diff FROM records_change WHERE object_key = %s AND record_id IN ({db.marks(part)}) "
            "AND action = %s AND at = %s"
        )
        found.update(
            (key, json.column(diff)) for key, diff in db.rows(Sql(text, (obj.key, *part, event.action, event.at)))
        )
    return found
