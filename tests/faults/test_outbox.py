"""A worker killed while it tells events: every event is followed up once."""

from __future__ import annotations

import json

from tests.config.deployment import Deployment
from tests.faults.killing import kill, process, run, until

SETS, EACH = 20, 100
FILL = f"""
from rapport.records import write
from rapport.records.accounts.caller import of_user
from rapport.records.accounts.models import User
ada = of_user(User.objects.get().pk)
for part in range({SETS}):
    write.create_many(ada, "company", [{{"name": f"C{{part}} {{n}}"}} for n in range({EACH})])
"""
WORKER = """
import time
from rapport.records.accounts import audit
from rapport.records.jobs import worker
from rapport.registry import extensions
def note(events):
    for event in events:
        time.sleep(0.25)
        for key in event.ids:
            audit.record("probe", subject=str(key))
extensions.register(extensions.On(name="probe", events=("company.create",), run=note))
worker.run()
"""
COUNT = """
import json
from rapport.records.models import AuditEntry, JobRow, OutboxEntry
noted = list(AuditEntry.objects.filter(act="probe").values_list("subject", flat=True))
print(json.dumps({"noted": len(noted), "once": len(set(noted)),
    "waits": JobRow.objects.filter(name="tell").count() + OutboxEntry.objects.count()}))
"""


def counted(deployment: Deployment) -> dict[str, int]:
    found: dict[str, int] = json.loads(run(deployment, COUNT))
    return found


def test_worker_killed_among_events(deployment: Deployment) -> None:
    run(deployment, FILL)
    watch = (
        "import time\nfrom rapport.records.models import AuditEntry\n"
        "end = time.time() + 250\n"
        "while time.time() < end and not AuditEntry.objects.filter(act='probe').exists(): time.sleep(0.005)\n"
    )
    shell = ("manage", "shell", "--no-imports", "-c")
    with process(deployment, *shell, watch) as watcher, process(deployment, *shell, WORKER) as worker:
        watcher.wait(280)
        kill(worker)
    between = counted(deployment)
    assert 0 < between["noted"] < SETS * EACH
    assert between["noted"] == between["once"]
    assert between["waits"] == 1
    run(
        deployment,
        "from rapport.records.models import JobRow\nfrom django.utils import timezone\n"
        "JobRow.objects.filter(state='running').update(lease_until=timezone.now())",
    )
    with process(deployment, "manage", "shell", "--no-imports", "-c", WORKER):
        until(lambda: counted(deployment)["waits"] == 0, "all events are told")
    assert counted(deployment) == {"noted": SETS * EACH, "once": SETS * EACH, "waits": 0}
