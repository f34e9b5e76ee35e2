"""What stops sequences by itself: an answer, a person or a deal that is gone, a deal that is closed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy

from rapport.apps.sequences.models import OPEN_SQL, Answer, Reason, State
from rapport.features.notifications.telling import Note, tell
from rapport.lib import json
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts import caller as callers
from rapport.records.errors import Invalid
from rapport.records.write import update_many
from rapport.registry.catalog import RegisteredObject
from rapport.registry.extensions import Notice, On, PersonalData

DOOR = "sequence"
KIND = "sequence-ended"
NOTICE = Notice(
    name=KIND, label=gettext_lazy("Sequences that were stopped"),
    text=gettext_lazy("The sequence with {record} stopped"), icon="route", tone="green", mail="digest",
)  # fmt: skip


@transaction.atomic
def stop(ids: Sequence[int], reason: Reason | None = None, *, note: str = "") -> None:
    """Stop open enrollments for a reason, without one as answered. Their owners are told. Raises Invalid."""
    for part in db.chunks(sorted(set(ids))):
        still = _open_where(Sql(f"e.id IN ({db.marks(part)})", tuple(part)))
        if not still:
            continue
        state = State.STOPPED if reason else State.ANSWERED
        values = {"state": state.value, "reason": reason.value if reason else "", "note": note}
        if errors := update_many(callers.system(DOOR), "enrollment", still, values):
            raise Invalid(next(iter(errors.values())))
        if reason not in (Reason.PERSON, Reason.SEQUENCE):
            _tell(still, reason)


def _tell(ids: Sequence[int], reason: Reason | None) -> None:
    text = f"SELECT id, owner_id, person_id, name FROM sequences_enrollment WHERE id IN ({db.marks(ids)}) ORDER BY id"
    notes = []
    for key, owner, person, name in db.rows(Sql(text, tuple(ids))):
        reader = callers.of_user(owner or 0)
        if reader is None:
            continue
        with translation.override(reader.language):
            why = str(reason.label if reason else State.ANSWERED.label)
        notes.append(
            Note(
                user_id=owner, kind=KIND, key=f"{KIND}:{key}", object_key="person", record_id=person,
                detail={"text": f"{name}: {why}"},
            )
        )  # fmt: skip
    tell(notes)


def _open_where(condition: Sql) -> list[int]:
    text = f"SELECT e.id FROM sequences_enrollment e WHERE e.deleted_at IS NULL AND e.state IN {OPEN_SQL} AND "
    return [r[0] for r in db.rows(Sql(text + condition.text, condition.params))]


def _ids(events: Sequence[Any]) -> Iterable[Sequence[int]]:
    return db.chunks(sorted({key for event in events for key in event.ids}))


def on_interactions(events: Sequence[Any]) -> None:
    """Incoming contact with somebody since their start is an answer, if the sequence takes its kind for one."""
    for ids in _ids(events):
        rows = db.rows(
            Sql(
                "SELECT e.id, s.stops_on, x.kind FROM customers_interaction x "
                "JOIN customers_participant p ON p.interaction_id = x.id "
                "JOIN customers_identity i ON i.id = p.identity_id "
                "JOIN sequences_enrollment e ON e.person_id = i.person_id "
                "JOIN sequences_sequence s ON s.id = e.sequence_id "
                f"WHERE x.id IN ({db.marks(ids)}) AND x.direction = 'in' AND x.deleted_at IS NULL "
                f"AND x.at >= e.started_at AND e.deleted_at IS NULL AND e.state IN {OPEN_SQL}",
                tuple(ids),
            )
        )
        stop([key for key, kinds, kind in rows if kind in (json.column(kinds) or Answer.values)])


def on_people(events: Sequence[Any]) -> None:
    """People went to the trash."""
    for ids in _ids(events):
        text = (
            f"e.person_id IN (SELECT id FROM customers_person WHERE deleted_at IS NOT NULL AND id IN ({db.marks(ids)}))"
        )
        stop(_open_where(Sql(text, tuple(ids))), Reason.PERSON)


def on_deals(events: Sequence[Any]) -> None:
    """Deals were won, lost or deleted."""
    for ids in _ids(events):
        if closed := closed_deals(ids):
            stop(_open_where(Sql(f"e.deal_id IN ({db.marks(closed)})", tuple(closed))), Reason.DEAL)


def closed_deals(ids: Sequence[int]) -> list[int]:
    """Those of the deals that are won, lost or in the trash."""
    text = f"SELECT id FROM sales_deal WHERE id IN ({db.marks(ids)}) AND (outcome <> 'open' OR deleted_at IS NOT NULL)"
    return [r[0] for r in db.rows(Sql(text, tuple(ids)))]


def on_sequences(events: Sequence[Any]) -> None:
    """Sequences went to the trash."""
    for ids in _ids(events):
        text = (
            "e.sequence_id IN (SELECT id FROM sequences_sequence WHERE deleted_at IS NOT NULL "
            f"AND id IN ({db.marks(ids)}))"
        )
        stop(_open_where(Sql(text, tuple(ids))), Reason.SEQUENCE)


def erase(obj: RegisteredObject, ids: list[int]) -> None:
    """Before a person is erased, what a sequence still wants of them is withdrawn; the rest goes with the person."""
    for part in db.chunks(ids):
        stop(_open_where(Sql(f"e.person_id IN ({db.marks(part)})", tuple(part))), Reason.PERSON)


SUBSCRIBERS = (
    On(
        name="answers-stop-sequences", run=on_interactions,
        events=("interaction.create", "interaction.update", "interaction.restore"),
    ),
    On(name="people-stop-sequences", events=("person.delete",), run=on_people),
    On(name="deals-stop-sequences", events=("deal.update", "deal.delete"), run=on_deals),
    On(name="sequences-stop", events=("sequence.delete",), run=on_sequences),
)  # fmt: skip
PERSONAL = PersonalData(name="sequences", objects=("person",), erase=erase)
