"""Life-cycle stages: their history, and who becomes a customer by buying."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rapport.apps.customers.models import Lifecycle
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts import caller as callers
from rapport.records.write import Batch, update_many
from rapport.registry.extensions import On

DOOR = "purchase"


def effects(batch: Batch) -> None:
    """Note when a person or a company reached a stage."""
    moment = batch.env.dialect.moment
    now = moment(batch.at)
    rows = [
        (e.id, moment(e.at) if e.at else now, e.values["lifecycle"], e.before.get("lifecycle") or "")
        for e in batch.entries
        if e.changes("lifecycle")
    ]
    columns = (f"{batch.obj.key}_id", "at", "stage", "before")
    db.insert_many("customers_lifecyclechange", columns, rows, same={"actor_id": batch.caller.user_id})


def follow_sales(object_key: str, table: str, bought: str, changing: Iterable[str]) -> On:
    """Whoever a record of a domain says has bought is a customer from then on, former customers too.

    `bought` is the condition on its rows `t`; of updates, only those of the fields `changing` count, so that a stage
    that somebody set by hand later stays.
    """
    fields = frozenset(changing)

    def follow(events: Sequence[Any]) -> None:
        wanted = {key for e in events if e.action == "create" or fields & set(e.fields) for key in e.ids}
        for part in db.chunks(sorted(wanted)):
            _become(table, f"t.id IN ({db.marks(part)}) AND t.deleted_at IS NULL AND {bought}", part)

    events = (f"{object_key}.create", f"{object_key}.update")
    return On(name=f"{object_key}-makes-customers", events=events, run=follow)


def _become(table: str, condition: str, ids: Sequence[int]) -> None:
    for key in ("person", "company"):
        text = (
            f'SELECT DISTINCT c.id FROM "{table}" t JOIN customers_{key} c ON c.id = t.{key}_id '
            f"WHERE {condition} AND c.deleted_at IS NULL AND c.lifecycle <> %s ORDER BY c.id"
        )
        found = [row[0] for row in db.rows(Sql(text, (*ids, Lifecycle.CUSTOMER.value)))]
        if found:
            update_many(callers.system(DOOR), key, found, {"lifecycle": Lifecycle.CUSTOMER.value})
