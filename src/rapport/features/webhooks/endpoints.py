"""Endpoints of users: made, changed, stopped, removed; messages of theirs listed, tried out, sent again.

Everyone has endpoints of their own, which get what they themselves may see; administrators reach all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from rapport.features.webhooks import making, packing, secrecy, subscribing
from rapport.features.webhooks.models import Delivery, Endpoint, State, Stopped
from rapport.features.webhooks.subscribing import Wanted
from rapport.lib import json, outgoing
from rapport.records.accounts import audit
from rapport.records.accounts import caller as callers
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid, NotFound
from rapport.records.models import User

MOST = 50
"""Endpoints of one user."""
TEST = "rapport.test"
"""The type of a message that only tries an endpoint out."""
LONGEST_URL = 2000


def of(caller: Caller) -> QuerySet[Endpoint]:
    """Endpoints that the caller may look at and change, newest first: their own, all for administrators."""
    rows = Endpoint.objects.order_by("-id")
    return rows if caller.is_admin else rows.filter(user_id=caller.user_id or 0)


def one(caller: Caller, endpoint_id: int) -> Endpoint:
    """One of them. Raises NotFound."""
    if (found := of(caller).filter(pk=endpoint_id).first()) is None:
        raise NotFound
    return found


def owner(endpoint: Endpoint) -> Caller | None:
    """Whose rights hold for it; None once that user may not sign in any more."""
    return callers.of_user(endpoint.user_id)


def create(caller: Caller, *, url: str, events: Iterable[Wanted], description: str = "") -> tuple[Endpoint, str]:
    """An endpoint of the caller's, and its secret, which is never shown again. Raises Invalid, NotFound."""
    if caller.user_id is None:
        raise NotFound
    values = _checked(caller, url, events, description)
    secret, sealed = secrecy.new()
    with transaction.atomic():
        User.objects.select_for_update().filter(pk=caller.user_id).first()
        if Endpoint.objects.filter(user_id=caller.user_id).count() >= MOST:
            raise Invalid({"": [_("You have %(max)d webhooks already. Remove one first.") % {"max": MOST}]})
        made = Endpoint.objects.create(user_id=caller.user_id, secret=sealed, **values)
        audit.record("webhook made", caller=caller, subject=made.url)
    return made, secret


def change(
    caller: Caller, endpoint_id: int, *, url: str | None = None, events: Iterable[Wanted] | None = None,
    description: str | None = None,
) -> Endpoint:  # fmt: skip
    """Change an endpoint; what is None stays. Raises Invalid, NotFound."""
    found = one(caller, endpoint_id)
    values = _checked(
        _of_owner(found),
        found.url if url is None else url,
        subscribing.kept(found.events) if events is None else events,
        found.description if description is None else description,
    )
    with transaction.atomic():
        Endpoint.objects.filter(pk=found.pk).update(**values)
        detail = {"before": found.url, "after": values["url"]} if values["url"] != found.url else {}
        audit.record("webhook changed", caller=caller, subject=found.url, detail=detail)
    return one(caller, endpoint_id)


def _of_owner(endpoint: Endpoint) -> Caller:
    found = owner(endpoint)
    if found is None:
        raise Invalid({"": [_("The user of this webhook can't sign in any more, so nothing is sent.")]})
    return found


def _checked(caller: Caller, url: str, events: Iterable[Wanted], description: str) -> dict[str, Any]:
    errors: dict[str, list[Any]] = {}
    wanted: tuple[Wanted, ...] = ()
    url = url.strip()
    if fault := _fault(url):
        errors["url"] = [fault]
    try:
        wanted = subscribing.checked(caller, events)
    except Invalid as error:
        errors |= {"events": [message for messages in error.errors.values() for message in messages]}
    if errors:
        raise Invalid(errors)
    kept = [one.as_json() for one in wanted]
    return {"url": url, "description": " ".join(description.split())[:200], "events": kept}


def _fault(url: str) -> str:
    """What is wrong with an address, as far as can be told by now; empty for nothing."""
    try:
        parts = outgoing.checked(url, settings.PRIVATE_HOSTS)
    except outgoing.Refused:
        return _("Give an address that begins with https:// and has no name, password or # in it.")
    try:
        outgoing.address(parts, settings.PRIVATE_HOSTS)
    except outgoing.Refused:
        return _("This address leads into an inner network. An administrator can allow it: RAPPORT_PRIVATE_HOSTS.")
    except OSError:
        return ""  # The name may come to be; an attempt will tell.
    return ""


def rotate(caller: Caller, endpoint_id: int, *, at_once: bool = False) -> str:
    """A new secret; the old one signs beside it for a day, or ends `at_once`. Raises NotFound."""
    found = one(caller, endpoint_id)
    secret, sealed = secrecy.new()
    until = None if at_once else timezone.now() + secrecy.OVERLAP
    old = "" if at_once else found.secret
    with transaction.atomic():
        Endpoint.objects.filter(pk=found.pk).update(secret=sealed, old_secret=old, old_until=until)
        audit.record("webhook secret made", caller=caller, subject=found.url)
    return secret


def pause(caller: Caller, endpoint_id: int) -> None:
    """Send nothing more and make no messages until it is resumed; what waits goes on waiting. Raises NotFound."""
    found = one(caller, endpoint_id)
    with transaction.atomic():
        if Endpoint.objects.filter(pk=found.pk, stopped="").update(stopped=Stopped.PAUSED, stopped_at=timezone.now()):
            audit.record("webhook paused", caller=caller, subject=found.url)


def resume(caller: Caller, endpoint_id: int) -> None:
    """Send again, to an endpoint that was stopped for whatever reason. Raises NotFound, Invalid."""
    found = one(caller, endpoint_id)
    _of_owner(found)
    with transaction.atomic():
        rows = Endpoint.objects.filter(pk=found.pk).exclude(stopped="")
        if rows.update(stopped="", stopped_at=None, failures=0, failing_since=None, rest_until=None):
            audit.record("webhook resumed", caller=caller, subject=found.url)
            making.call(found.pk)


def remove(caller: Caller, endpoint_id: int) -> None:
    """Remove an endpoint with all of its messages. Raises NotFound."""
    found = one(caller, endpoint_id)
    with transaction.atomic():
        Delivery.objects.filter(endpoint_id=found.pk).delete()
        found.delete()
        audit.record("webhook removed", caller=caller, subject=found.url)


def deliveries(caller: Caller, endpoint_id: int, *, state: str = "", before: int | None = None) -> QuerySet[Delivery]:
    """Messages of an endpoint, newest first. Raises NotFound."""
    rows = one(caller, endpoint_id).deliveries.order_by("-id")
    rows = rows.filter(state=state) if state else rows
    return rows.filter(pk__lt=before) if before else rows


def delivery(caller: Caller, endpoint_id: int, message: str) -> Delivery:
    """One message, by its `webhook-id`. Raises NotFound."""
    if (found := deliveries(caller, endpoint_id).filter(message=message).first()) is None:
        raise NotFound
    return found


def test(caller: Caller, endpoint_id: int) -> Delivery:
    """Send a message that tells of nothing. Raises NotFound, Invalid."""
    found = _running(caller, endpoint_id)
    now = timezone.now().astimezone(dt.UTC)
    said = {"type": TEST, "timestamp": now, "data": {"text": "A test, sent by hand."}}
    row = making.delivery(found.pk, packing.Packed(TEST, json.dumps(said), ()))
    with transaction.atomic():
        making.keep([row])
    return row


def replay(caller: Caller, endpoint_id: int, message: str) -> Delivery:
    """Send a message again, with the same id, whatever came of it before. Raises NotFound, Invalid."""
    found, row = _running(caller, endpoint_id), delivery(caller, endpoint_id, message)
    if not row.body:
        raise Invalid({"": [_("Nothing is left of this message: what it told of is erased or out of sight.")]})
    _again(found, Delivery.objects.filter(pk=row.pk))
    row.refresh_from_db()
    return row


def replay_failed(caller: Caller, endpoint_id: int) -> int:
    """Send all failed messages of an endpoint again, the oldest first; how many. Raises NotFound, Invalid."""
    found = _running(caller, endpoint_id)
    return _again(found, Delivery.objects.filter(endpoint_id=found.pk, state=State.FAILED).exclude(body=""))


def _again(endpoint: Endpoint, rows: QuerySet[Delivery]) -> int:
    with transaction.atomic():
        count = rows.update(state=State.WAITING, attempts=0, due_at=timezone.now())
        Endpoint.objects.filter(pk=endpoint.pk).update(rest_until=None)
        if count:
            making.call(endpoint.pk)
    return count


def _running(caller: Caller, endpoint_id: int) -> Endpoint:
    found = one(caller, endpoint_id)
    _of_owner(found)
    if found.stopped:
        raise Invalid({"": [_("This webhook is stopped. Resume it first.")]})
    return found
