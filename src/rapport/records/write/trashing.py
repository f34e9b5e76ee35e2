"""`delete` to the trash, `restore` from it, `purge` for good."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.db.models import PROTECT
from django.utils.translation import gettext as _

from rapport.lib.sql import Sql, all_of, one_of
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.scope import fixed, rights
from rapport.records.errors import Invalid, NotFound
from rapport.records.merging.finding import apart, below, forget
from rapport.records.write import storing
from rapport.records.write.batch import DELETE, RESTORE, Batch
from rapport.records.write.creating import finish, registered
from rapport.records.write.updating import load
from rapport.registry.catalog import RegisteredObject


def delete(caller: Caller, key: str, ids: Sequence[int]) -> int:
    """Move records to the trash; how many. Raises NotFound, Forbidden; then none is moved."""
    obj = registered(key)
    with transaction.atomic():
        for part in db.chunks(sorted(set(ids))):
            batch = Batch(caller, obj, DELETE, load(caller, obj, part, "delete"), caller.env())
            _check_unused(obj, part)
            mark(batch, batch.env.dialect.moment(batch.at))
            finish(batch)
    return len(set(ids))


def restore(caller: Caller, key: str, ids: Sequence[int]) -> int:
    """Bring records back from the trash; how many. Raises NotFound, and Invalid when a unique value is taken by now."""
    obj = registered(key)
    with transaction.atomic():
        for part in db.chunks(sorted(set(ids))):
            where = all_of(
                [
                    one_of("t.id", part),
                    Sql("t.deleted_at IS NOT NULL"),
                    apart(key),
                    fixed(obj, "t"),
                    rights(caller, obj, "delete", "t"),
                ]
            )
            entries = storing.full_rows(obj, where)
            if len(entries) < len(part):
                raise NotFound
            try:
                with transaction.atomic():
                    batch = Batch(caller, obj, RESTORE, entries, caller.env())
                    mark(batch, None)
                    finish(batch)
            except IntegrityError as error:
                raise Invalid({"": [_("Another record has taken a unique value of this one.")]}) from error
    return len(set(ids))


def mark(batch: Batch, moment: object) -> None:
    """Put records away or bring them back, with their claims to unique values; `finish` tells of it."""
    obj = batch.obj
    for entry in batch.entries:
        entry.version += 1
    rows = [(moment, e.version, e.id) for e in batch.entries]
    db.execute_many(f'UPDATE "{obj.table}" SET deleted_at = %s, version = %s WHERE id = %s', rows)
    if batch.action == DELETE:
        for part in db.chunks(batch.ids):
            text = f"DELETE FROM records_uniquevalue WHERE object_key = %s AND record_id IN ({db.marks(part)})"
            db.execute(Sql(text, (obj.key, *part)))
    else:
        unique = [f.name for f in obj.customs if f.unique]
        for entry in batch.entries:
            entry.values = {n: entry.before[n] for n in unique}
            entry.before = {n: v for n, v in entry.before.items() if n not in unique}
        storing.store_unique(batch)
        for entry in batch.entries:
            entry.before |= entry.values
            entry.values = {}


def purge(key: str, before: dt.datetime | None = None, *, ids: Sequence[int] | None = None, limit: int = 500) -> int:
    """Remove trashed records for good, those deleted before a moment or with these keys; how many."""
    obj = registered(key)
    conditions = [Sql("t.deleted_at IS NOT NULL"), apart(key), fixed(obj, "t")]
    if before is not None:
        conditions.append(Sql("t.deleted_at < %s", (db.dialect().moment(before),)))
    if ids is not None:
        conditions.append(one_of("t.id", ids))
    where = all_of(conditions)
    with transaction.atomic():
        text = f'SELECT t.id FROM "{obj.table}" t WHERE {where.text} ORDER BY t.id LIMIT {int(limit)}'
        found = [r[0] for r in db.rows(Sql(text, where.params))]
        if found:
            remove(obj, [*found, *below(key, found)])
    return len(found)


def remove(obj: RegisteredObject, ids: list[int]) -> None:
    """Take rows out for good, and what hangs on them as the models say (cascade, set null).

    Merges that they were part of can't be taken back any more; what was kept for that goes too.
    """
    forget(obj.key, ids)
    marks = db.marks(ids)
    for table in ("records_link", "records_uniquevalue", "records_share"):
        db.execute(Sql(f"DELETE FROM {table} WHERE object_key = %s AND record_id IN ({marks})", (obj.key, *ids)))
    obj.spec.model._base_manager.filter(pk__in=ids).delete()


def _check_unused(obj: RegisteredObject, ids: Sequence[int]) -> None:
    """Refuse to delete what live records can't be without (`PROTECT`). Raises Invalid."""
    for relation in obj.spec.model._meta.related_objects:
        if relation.on_delete is not PROTECT:
            continue
        table, column = relation.related_model._meta.db_table, relation.field.column
        text = f'SELECT COUNT(*) FROM "{table}" WHERE "{column}" IN ({db.marks(ids)}) AND deleted_at IS NULL'
        found = db.row(Sql(text, tuple(ids)))
        if found and found[0]:
            names = relation.related_model._meta.verbose_name_plural
            message = _("%(count)d %(names)s still use this. Move them first.") % {"count": found[0], "names": names}
            raise Invalid({"": [message]}, message)
