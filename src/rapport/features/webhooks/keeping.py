"""What keeps webhooks going: waking jobs that were lost, stopping endpoints that are gone, forgetting what is old."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone, translation

from rapport.features.webhooks import making
from rapport.features.webhooks.models import Delivery, Endpoint, State, Stopped
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts import audit
from rapport.records.accounts import caller as callers
from rapport.registry import extensions

STOPPED = "webhook-stopped"
PATIENCE, LEAST = dt.timedelta(days=5), 10
"""How long an endpoint may only fail, and how often it must have, before it is stopped."""
KEPT = {State.DELIVERED: 7, State.WITHDRAWN: 7, State.FAILED: 30}
"""Days for which a message is kept that waits no more."""


def wake(context: Any) -> int:
    """Each minute: see that each endpoint with something due has its job; how many needed one."""
    text = (
        "SELECT DISTINCT d.endpoint_id FROM webhooks_delivery d JOIN webhooks_endpoint e ON e.id = d.endpoint_id "
        "WHERE d.state = 'waiting' AND e.stopped = '' AND NOT EXISTS (SELECT 1 FROM records_jobrow j WHERE j.key = "
        f"'{making.JOB}-' || d.endpoint_id)"
    )
    lost = [row[0] for row in db.rows(Sql(text))]
    for endpoint_id in lost:
        making.call(endpoint_id)
    return len(lost)


def forget(context: Any) -> int:
    """Daily: remove messages that are old."""
    now, removed = timezone.now(), 0
    for state, days in KEPT.items():
        removed += Delivery.objects.filter(state=state, created_at__lt=now - dt.timedelta(days=days)).delete()[0]
    return removed


def stop(endpoint: Endpoint, why: str) -> None:
    """Stop an endpoint for good, what waits for it failed, and tell its user; in the transaction at hand."""
    now = timezone.now()
    if not Endpoint.objects.filter(pk=endpoint.pk, stopped="").update(stopped=why, stopped_at=now):
        return
    Delivery.objects.filter(endpoint_id=endpoint.pk, state=State.WAITING).update(state=State.FAILED)
    audit.record("webhook stopped", subject=endpoint.url, detail={"why": why})
    caller = callers.of_user(endpoint.user_id)
    if caller is None:
        return
    with translation.override(caller.language):
        reason = str(Stopped(why).label)
    for teller in extensions.all_of(extensions.Teller):
        teller.tell(
            endpoint.user_id, STOPPED, key=f"{STOPPED}-{endpoint.pk}-{now.timestamp():.0f}", text=reason,
            subject=endpoint.description or endpoint.url[:200], page=f"/settings/webhooks/{endpoint.pk}/",
        )  # fmt: skip
