"""A worker killed while it finds out whom events tell of: nobody is made twice, no event is lost or left over."""

from __future__ import annotations

import json
from typing import Any

from tests.config.deployment import Deployment
from tests.faults.killing import kill, process, run

PEOPLE = 400
SEND = f"""
import datetime as dt
from rapport.apps.cdp import decoding, sources, storing
from rapport.records import write
from rapport.records.accounts.caller import of_user
from rapport.records.accounts.models import User
import json
ada = of_user(User.objects.get().pk)
made = write.create(ada, "event_source", {{"name": "Shop"}})
source = sources.by_key(sources.key_of(ada, made))
now = dt.datetime.now(dt.UTC)
def sent(number):
    visitor = {{"anonymousId": f"v{{number}}", "messageId": f"m{{number}}"}}
    traits = {{"email": f"p{{number}}@example.com", "firstName": "Pat", "lastName": f"No {{number}}"}}
    yield {{"type": "track", "event": "Looked", **visitor}}
    yield {{"type": "identify", "userId": f"u{{number}}", "traits": traits, **visitor, "messageId": f"i{{number}}"}}
    yield {{"type": "track", "userId": f"u{{number}}", "event": "Bought", **visitor, "messageId": f"b{{number}}"}}
batch = [one for number in range({PEOPLE}) for one in sent(number)]
events = [decoding.taken(json.dumps(one).encode(), source.id, "", None, now) for one in batch]
storing.store(source, events, [], now)
"""
WATCH = """
import time
from rapport.apps.customers.models import Person
end = time.time() + 250
while time.time() < end and Person.objects.count() < 20: time.sleep(0.005)
"""
LEASE_OVER = (
    "from rapport.records.models import JobRow\nfrom django.utils import timezone\n"
    "JobRow.objects.filter(state='running').update(lease_until=timezone.now())"
)
STATE = """
import json
from django.db.models import Count
from rapport.apps.cdp.models import Event
from rapport.apps.customers.models import Identity, Person
from rapport.records.models import Change
print(json.dumps({
    "people": Person.objects.count(), "made": Change.objects.filter(object_key="person", action="create").count(),
    "events": Event.objects.count(), "waiting": Event.objects.filter(resolution="waiting").count(),
    "done": Event.objects.filter(resolution="done").count(),
    "of": sorted(set(Event.objects.exclude(identity__person=None).values_list("identity__person").annotate(
        n=Count("id")).values_list("n", flat=True))),
    "nobody's": Event.objects.filter(identity__person=None).count(),
}))
"""
SETTLE = """
import time
from rapport.records.models import JobRow
end = time.time() + 250
while time.time() < end and JobRow.objects.filter(name="resolve-events").exists(): time.sleep(0.05)
"""


def state(deployment: Deployment) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(deployment, STATE))
    return found


def test_worker_killed_while_resolving(deployment: Deployment) -> None:
    run(deployment, SEND)
    with process(deployment, "worker") as worker:
        run(deployment, WATCH)
        kill(worker)
    between = state(deployment)
    assert 20 <= between["people"] < PEOPLE, "it was killed half-way"
    assert between["people"] == between["made"]
    assert between["done"] + between["waiting"] >= PEOPLE
    run(deployment, LEASE_OVER)
    with process(deployment, "worker"):
        run(deployment, SETTLE)
    after = state(deployment)
    assert (after["people"], after["made"], after["waiting"]) == (PEOPLE, PEOPLE, 0)
    assert (after["events"], after["nobody's"], after["of"]) == (3 * PEOPLE, 0, [3])
