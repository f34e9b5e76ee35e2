"""`erase`: remove a record and every trace of its values: history, trash, search, and what features hold."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from rapport.lib import json
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Forbidden, NotFound
from rapport.records.history import following
from rapport.records.history.models import Change
from rapport.records.merging.finding import below
from rapport.records.write.creating import registered
from rapport.records.write.trashing import remove
from rapport.registry import extensions


def erase(caller: Caller, key: str, ids: Sequence[int]) -> int:
    """Erase records, live or trashed; how many. Only administrators may. Raises Forbidden, NotFound.

    What stays is one change row each that says that, when and by whom it was erased, without any value.
    """
    obj = registered(key)
    if not caller.is_admin:
        raise Forbidden
    # What stands in an erased record is the same person's, and goes with it.
    keys = sorted({*ids, *below(key, ids)})
    env = caller.env()
    with transaction.atomic():
        marks = db.marks(keys)
        found = db.rows(Sql(f'SELECT id, version FROM "{obj.table}" WHERE id IN ({marks})', tuple(keys)))
        if len(found) < len(keys):
            raise NotFound
        for holder in extensions.all_of(extensions.PersonalData):
            if obj.key in holder.objects or "*" in holder.objects:
                holder.erase(obj, keys)
        moment = env.dialect.moment(env.now)
        remove(obj, keys)
        table = Change._meta.db_table
        db.execute(
            Sql(f"UPDATE {table} SET diff = '{{}}' WHERE object_key = %s AND record_id IN ({marks})", (key, *keys))
        )
        following.announce()
        names = ("at", "actor_id", "door", "object_key", "record_id", "action", "version", "diff", "batch")
        rows = [
            (moment, caller.user_id, caller.door, key, i, "erase", v + 1, json.dumps({}), caller.batch)
            for i, v in found
        ]
        db.insert_many(table, names, rows)
    return len(keys)
