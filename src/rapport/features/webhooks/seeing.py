"""What of a message its user may still see at the moment of an attempt; rights may have changed since it was made."""

from __future__ import annotations

from typing import Any

from rapport.features.webhooks.models import Delivery
from rapport.lib import json
from rapport.records.accounts.caller import Caller
from rapport.records.read.select import labels_of
from rapport.records.read.whole import readable
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject


def still_seen(caller: Caller, delivery: Delivery) -> str | None:
    """The body without what the caller may not see any more; None when nothing is left of it."""
    if not delivery.object_key:
        return delivery.body
    obj = catalog.current().objects.get(delivery.object_key)
    if obj is None or not caller.may(obj, "read"):
        return None
    told = json.loads(delivery.body)
    records: list[dict[str, Any]] = told["data"]["records"]
    if all(record.keys() == {"id"} for record in records):
        # Keys of records that are gone: whoever was to be told of them could see them.
        return delivery.body
    seen = readable(caller, obj, delivery.ids)
    kept = [record for record in records if record["id"] in seen]
    for record in kept:
        _hide_fields(caller, obj, record)
    if delivery.log:
        _hide_targets(caller, obj, kept)
    kept = [record for record in kept if record.get("changed", True)]
    if not kept:
        return None
    told["data"]["records"] = kept
    return json.dumps(told)


def _hide_fields(caller: Caller, obj: RegisteredObject, record: dict[str, Any]) -> None:
    names = caller.visible_fields(obj)
    if "fields" in record:
        record["fields"] = {name: value for name, value in record["fields"].items() if name in names}
        if obj.spec.title not in names:
            record["title"] = ""
    if "changed" in record:
        record["changed"] = [name for name in record["changed"] if name in names]


def _hide_targets(caller: Caller, obj: RegisteredObject, records: list[dict[str, Any]]) -> None:
    """Take out references to what the caller may not see any more."""
    for field in (f for f in obj.fields.values() if f.target):
        values = [record["fields"].get(field.name) for record in records if "fields" in record]
        keys = {key for value in values for key in (value if isinstance(value, list) else [value]) if key}
        if not keys:
            continue
        seen = labels_of(caller, field, keys).keys()
        for record in records:
            value = record.get("fields", {}).get(field.name)
            if isinstance(value, list):
                record["fields"][field.name] = [key for key in value if key in seen]
            elif value is not None and value not in seen:
                record["fields"][field.name] = None
