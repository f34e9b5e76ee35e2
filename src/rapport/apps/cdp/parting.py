"""When a merge is taken back, ids that came with those of one side since are that side's.

What was held before the merge comes back by itself; what was tied while both were one was tied to the survivor.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rapport.apps.cdp.storing import IDENTITIES, LINKS, TABLE
from rapport.lib import json
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.registry.extensions import On

RECENT = 200
"""Merges that were taken back last, among which that of a record is looked for."""
MINE = (
    f"SELECT l.identity_id FROM {LINKS} l JOIN {IDENTITIES} o ON o.id = l.other_id WHERE o.person_id = %s UNION "
    f"SELECT l.other_id FROM {LINKS} l JOIN {IDENTITIES} o ON o.id = l.identity_id WHERE o.person_id = %s"
)


def follow(events: Sequence[Any]) -> None:
    """Give each person who came back what came with their ids since the merge, and with none of the survivor's."""
    back = {key for event in events for key in event.ids}
    text = (
        "SELECT survivor_id, others, at FROM records_merge WHERE object_key = 'person' AND undone_at IS NOT NULL "
        f"ORDER BY undone_at DESC LIMIT {RECENT}"
    )
    for survivor, others, at in db.rows(Sql(text)):
        for person in back.intersection(json.column(others)):
            back.discard(person)
            give = (
                f"UPDATE {IDENTITIES} SET person_id = %s WHERE person_id = %s AND id IN ({MINE}) "
                f"AND id NOT IN ({MINE}) AND NOT EXISTS "
                f"(SELECT 1 FROM {TABLE} e WHERE e.identity_id = {IDENTITIES}.id AND e.received_at < %s)"
            )
            db.execute(Sql(give, (person, survivor, person, person, survivor, survivor, at)))


PARTING = On(name="events-of-parted", events=("person.unmerged",), run=follow)
