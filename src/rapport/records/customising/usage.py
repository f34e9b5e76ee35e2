"""What records hold of custom fields and objects, and removing it for good."""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction

from rapport.lib.sql import Sql, all_of, any_of, quoted
from rapport.records import db
from rapport.records.accounts.scope import fixed
from rapport.records.customising import indexes, sync
from rapport.records.customising.models import CustomField, CustomObject, CustomRecord
from rapport.registry import catalog, extensions
from rapport.registry.catalog import RegisteredObject

PART = 2000


def holds(obj: RegisteredObject, field_key: str, value: str) -> bool:
    """Whether any record, trashed ones too, has this option of a choice field."""
    dialect = db.dialect()
    single = Sql(f"{dialect.json_value('t.custom', field_key, 'text')} = %s", (value,))
    array = dialect.json_value("t.custom", field_key, "json")
    if connection.vendor == "postgresql":
        several = dialect.has_element(array, value)
    else:
        kind = f"json_type(t.custom, '$.{field_key}') = 'array'"
        listed = f"CASE WHEN {kind} THEN {array} ELSE '[]' END"
        several = dialect.has_element(listed, value)
    where = all_of([fixed(obj, "t"), any_of([single, several])])
    return db.row(Sql(f"SELECT 1 FROM {quoted(obj.table)} t WHERE {where.text} LIMIT 1", where.params)) is not None


def count(obj: RegisteredObject, field_key: str, cap: int = 1000) -> int:
    """How many records, trashed ones too, have a value in a custom field; counting stops at `cap`."""
    where = all_of([fixed(obj, "t"), _has_key(field_key, "t")])
    text = f"SELECT COUNT(*) FROM (SELECT 1 FROM {quoted(obj.table)} t WHERE {where.text} LIMIT {int(cap)}) c"
    found = db.row(Sql(text, where.params))
    return int(found[0]) if found else 0


def _has_key(field_key: str, alias: str) -> Sql:
    if connection.vendor == "postgresql":
        return Sql(f"jsonb_exists({alias}.custom, %s)", (field_key,))
    return Sql(f"json_type({alias}.custom, %s) IS NOT NULL", (f"$.{field_key}",))


def forget_in_settings(object_key: str, field_key: str) -> None:
    """Take a field out of the layouts that a custom object declares."""
    row = CustomObject.objects.filter(key=object_key).first()
    if row is None:
        return
    for part in ("columns", "search"):
        row.settings[part] = [n for n in row.settings.get(part, ()) if n != field_key]
    for part in ("board", "calendar"):
        if row.settings.get(part) == field_key:
            row.settings[part] = ""
    row.save(update_fields=["settings"])


def purge_field(row: CustomField) -> int:
    """Delete the values of a removed field, part by part, then its definition; how many records had one."""
    obj = catalog.current().objects.get(row.object_key)
    removed = _strip(obj, row.key) if obj is not None else 0
    with transaction.atomic():
        for table in ("records_link", "records_uniquevalue"):
            db.execute(Sql(f"DELETE FROM {table} WHERE object_key = %s AND field = %s", (row.object_key, row.key)))
        CustomField.objects.filter(pk=row.pk, removed_at__isnull=False).delete()
    indexes.drop(row.object_key, row.key)
    return removed


def _strip(obj: RegisteredObject, field_key: str) -> int:
    total, table = 0, quoted(obj.table)
    where = all_of([fixed(obj, "t"), _has_key(field_key, "t")])
    postgresql = connection.vendor == "postgresql"
    less = "custom - %s::text" if postgresql else "json_remove(custom, %s)"
    name = field_key if postgresql else f"$.{field_key}"
    text = (
        f"UPDATE {table} SET custom = {less} WHERE id IN (SELECT t.id FROM {table} t WHERE {where.text} LIMIT {PART})"
    )
    while changed := db.execute(Sql(text, (name, *where.params))):
        total += changed
    return total


def purge_object(row: CustomObject) -> int:
    """Delete the records of a removed object, part by part, then its fields and itself; how many records."""
    obj = catalog.build(0, {}, [sync.object_of(row)])[row.key]
    total = 0
    while ids := list(CustomRecord.objects.filter(object=row).order_by("id").values_list("id", flat=True)[:PART]):
        with transaction.atomic():
            for holder in extensions.all_of(extensions.PersonalData):
                if obj.key in holder.objects or "*" in holder.objects:
                    holder.erase(obj, ids)
            for part in db.chunks(ids):
                for table in ("records_link", "records_uniquevalue", "records_share"):
                    text = f"DELETE FROM {table} WHERE object_key = %s AND record_id IN ({db.marks(part)})"
                    db.execute(Sql(text, (row.key, *part)))
            CustomRecord.objects.filter(pk__in=ids).delete()
        total += len(ids)
    fields = list(CustomField.objects.filter(object_key=row.key))
    with transaction.atomic():
        CustomField.objects.filter(object_key=row.key).delete()
        row.delete()
    for field in fields:
        indexes.drop(row.key, field.key)
    return total


def purge_removed(before: dt.datetime) -> int:
    """Delete for good what was removed before a moment: objects, then fields; how many records lost values."""
    total = sum(purge_object(row) for row in CustomObject.objects.filter(removed_at__lt=before))
    return total + sum(purge_field(row) for row in CustomField.objects.filter(removed_at__lt=before))
