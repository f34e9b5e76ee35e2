"""What events hold of a person: told, and removed with them."""

from __future__ import annotations

from typing import Any

from rapport.apps.cdp.storing import ANONYMOUS, IDENTITIES, LINKS, TABLE, USER
from rapport.lib import json
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.registry.catalog import RegisteredObject
from rapport.registry.extensions import PersonalData
from rapport.registry.types.dates import DateTimeType

_DATETIME = DateTimeType()
MINE = f"SELECT id FROM {IDENTITIES} WHERE kind IN ('{USER}', '{ANONYMOUS}') AND person_id"


def export(_obj: RegisteredObject, record_id: int) -> list[dict[str, Any]]:
    """All events of a person, as they were sent, in the order of time."""
    text = (
        "SELECT e.at, e.kind, e.name, s.name, i.kind, i.value, e.properties, e.traits, e.context "
        f"FROM {TABLE} e JOIN {IDENTITIES} i ON i.id = e.identity_id "
        f"LEFT JOIN cdp_eventsource s ON s.id = e.source_id WHERE e.identity_id IN ({MINE} = %s) ORDER BY e.at, e.id"
    )
    names = ("properties", "traits", "context")
    return [
        {
            "at": _DATETIME.from_json(at), "type": kind, "name": name, "source": source, who: value,
            **{n: json.loads(said) for n, said in zip(names, parts, strict=True) if said},
        }
        for at, kind, name, source, who, value, *parts in db.rows(Sql(text, (record_id,)))
    ]  # fmt: skip


def erase(_obj: RegisteredObject, ids: list[int]) -> None:
    """Events, links and ids of people go, so that what comes under these ids later is somebody's whom nobody knows."""
    for part in db.chunks(ids):
        mine, people = f"{MINE} IN ({db.marks(part)})", tuple(part)
        db.execute(Sql(f"DELETE FROM {TABLE} WHERE identity_id IN ({mine})", people))
        db.execute(Sql(f"DELETE FROM {LINKS} WHERE identity_id IN ({mine}) OR other_id IN ({mine})", people * 2))
        db.execute(Sql(f"DELETE FROM {IDENTITIES} WHERE id IN ({mine})", people))


PERSONAL = PersonalData(name="events", objects=("person",), erase=erase, export=export)
