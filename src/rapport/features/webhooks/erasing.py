"""What webhooks hold of records that are erased: taken out of every message; those who heard of them are told."""

from __future__ import annotations

from rapport.features.webhooks import making
from rapport.features.webhooks.models import Delivery, State
from rapport.lib import json
from rapport.registry.catalog import RegisteredObject


def erase(obj: RegisteredObject, ids: list[int]) -> None:
    """Take records out of messages, and put down messages that say that they are erased."""
    if not ids:
        return
    gone = set(ids)
    near = Delivery.objects.filter(object_key=obj.key, first_id__lte=max(ids), last_id__gte=min(ids)).exclude(body="")
    for row in near.only("pk", "ids", "body", "state").iterator(500):
        if gone.isdisjoint(row.ids):
            continue
        told = json.loads(row.body)
        kept = [record for record in told["data"]["records"] if record["id"] not in gone]
        told["data"]["records"] = kept
        values = {"body": json.dumps(told) if kept else "", "ids": [record["id"] for record in kept], "answer": ""}
        if not kept:
            values["state"] = State.DELIVERED if row.state == State.DELIVERED else State.WITHDRAWN
        Delivery.objects.filter(pk=row.pk).update(**values)
    making.erased(obj, ids)
