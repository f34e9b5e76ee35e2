"""Interactions: who took part, what is filled in, and the last contact of everyone concerned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from rapport.apps.customers import identities
from rapport.apps.customers.models import Kind
from rapport.lib.sql import Sql
from rapport.records import db, links
from rapport.records.write import Batch, derive
from rapport.registry.fields import FieldSpec
from rapport.registry.types.dates import DateTimeType
from rapport.registry.types.references import ReferencesType

_DATETIME = DateTimeType()


class ParticipantsType(ReferencesType):
    """People who took part; kept by identity."""

    key, label = "participants", _("Participants")
    for_custom = False


PARTICIPANTS = ParticipantsType()


def prepare(batch: Batch) -> None:
    """A moment and a subject where none was given; a subject that was taken from the text follows the text."""
    for entry in batch.entries:
        if not entry.get("at"):
            entry.values["at"] = batch.moment(entry)
        followed = entry.changes("body") and not entry.changes("subject")
        if followed and entry.get("subject") == _subject(entry.before.get("body"), entry.before.get("kind")):
            entry.values["subject"] = ""
        if not entry.get("subject") and not entry.errors:
            entry.values["subject"] = _subject(entry.get("body"), entry.get("kind"))


def _subject(body: Any, kind: Any) -> str:
    """The first line of the text, or the name of the kind."""
    return str(body or "").strip().split("\n")[0][:120] or str(Kind(kind or Kind.NOTE).label)


def _rows(object_key: str, field: FieldSpec) -> Sql:
    return Sql(
        "SELECT p.interaction_id AS record_id, i.person_id AS target_id FROM customers_participant p "
        "JOIN customers_identity i ON i.id = p.identity_id"
    )


def _store(object_key: str, field: FieldSpec, changes: links.Changes) -> None:
    gone, new = links.difference(changes)
    if gone:
        db.execute_many(
            "DELETE FROM customers_participant WHERE interaction_id = %s AND identity_id IN "
            "(SELECT id FROM customers_identity WHERE person_id = %s)",
            gone,
        )
    if new:
        own = identities.own(person for _record, person in new)
        moments = _moments([record for record, _person in new])
        rows = [(record, own[person], moments[record]) for record, person in new]
        db.insert_many("customers_participant", ("interaction_id", "identity_id", "at"), rows)


def _moments(ids: list[int]) -> dict[int, Any]:
    found: dict[int, Any] = {}
    for part in db.chunks(sorted(set(ids))):
        text = f"SELECT id, at FROM customers_interaction WHERE id IN ({db.marks(part)})"
        for key, at in db.rows(Sql(text, tuple(part))):
            moment = _DATETIME.from_json(at)
            found[key] = db.dialect().moment(moment) if moment else None
    return found


STORE = links.Store(rows=_rows, store=_store)


def effects(batch: Batch) -> None:
    """A moved interaction moves in the streams of its people."""
    moved = [e for e in batch.entries if batch.action == "update" and e.changes("at")]
    if moved:
        rows = [(batch.env.dialect.moment(e.values["at"]), e.id) for e in moved]
        db.execute_many("UPDATE customers_participant SET at = %s WHERE interaction_id = %s", rows)


def follow_contact(events: Sequence[Any]) -> None:
    """Keep the last contact of the people, companies and deals of interactions that were written."""
    for ids in db.chunks(sorted({key for event in events for key in event.ids})):
        marks = db.marks(ids)
        people = db.rows(
            Sql(
                "SELECT DISTINCT i.person_id FROM customers_participant p JOIN customers_identity i "
                f"ON i.id = p.identity_id WHERE p.interaction_id IN ({marks})",
                tuple(ids),
            )
        )
        _derive_people([r[0] for r in people])
        for key, column in (("company", "company_id"), ("deal", "deal_id")):
            text = f"SELECT DISTINCT {column} FROM customers_interaction WHERE id IN ({marks}) AND {column} IS NOT NULL"
            _derive_by(key, column, [r[0] for r in db.rows(Sql(text, tuple(ids)))])


TELLING = tuple(
    f"interaction.{act}"
    for act in ("create", "update", "delete", "restore", "move", "merge", "merged", "unmerge", "unmerged")
)
CONCERNED = ("person", "company", "deal")
MERGING = tuple(f"{key}.{act}" for key in CONCERNED for act in ("merge", "unmerge", "unmerged"))


def follow_merges(events: Sequence[Any]) -> None:
    """Keep the last contact of what was merged, and of what came back."""
    for key in CONCERNED:
        for ids in db.chunks(sorted({i for event in events if event.object_key == key for i in event.ids})):
            if key == "person":
                _derive_people(list(ids))
            else:
                _derive_by(key, f"{key}_id", list(ids))


def _derive_people(people: list[int]) -> None:
    if not people:
        return
    found = db.rows(
        Sql(
            "SELECT i.person_id, MAX(x.at) FROM customers_identity i LEFT JOIN customers_participant p "
            "ON p.identity_id = i.id LEFT JOIN customers_interaction x ON x.id = p.interaction_id "
            f"AND x.deleted_at IS NULL AND x.kind <> 'note' WHERE i.person_id IN ({db.marks(people)}) "
            "GROUP BY i.person_id",
            tuple(people),
        )
    )
    derive("person", "last_contact_at", {key: _DATETIME.from_json(at) for key, at in found})


def _derive_by(key: str, column: str, ids: list[int]) -> None:
    if not ids:
        return
    text = (
        f"SELECT {column}, MAX(at) FROM customers_interaction WHERE {column} IN ({db.marks(ids)}) "
        f"AND deleted_at IS NULL AND kind <> 'note' GROUP BY {column}"
    )
    found = dict(db.rows(Sql(text, tuple(ids))))
    derive(key, "last_contact_at", {i: _DATETIME.from_json(found.get(i)) for i in ids})
