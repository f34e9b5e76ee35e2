"""Worker and web process killed during a bulk edit: nothing lost, nothing half done, nothing twice."""

from __future__ import annotations

import contextlib
import json
import threading

import pytest
import requests
from tests.config.deployment import Deployment, Running, free_port
from tests.faults.killing import kill, process, run, until

ROWS = 3000
FILL = f"""
from rapport.records import write
from rapport.records.accounts.caller import of_user
from rapport.records.accounts.models import User
ada = of_user(User.objects.get().pk)
write.create_many(ada, "company", [{{"name": f"C{{n}}"}} for n in range({ROWS})])
"""
START = """
from rapport.records.accounts.caller import of_user
from rapport.records.accounts.models import User
from rapport.records.bulk import running
from rapport.records.bulk.changing import Act
ada = of_user(User.objects.get().pk)
running.start(ada, "company", Act(kind="edit", values={"industry": "retail"}), running.Selection(everything=True))
"""
COUNT = """
import json
from rapport.records.models import Change
from rapport.records.models import JobRow
from rapport.records.read import visible
from rapport.records.accounts.caller import system
changes = list(Change.objects.filter(object_key="company", action="update").values_list("record_id", flat=True))
changed = visible(system(), "company").count({"field": "industry", "op": "is", "value": "retail"}, cap=None)
print(json.dumps({"changed": changed, "changes": len(changes), "once": len(set(changes)),
    "states": list(JobRow.objects.filter(name="bulk").values_list("state", flat=True))}))
"""


def state(deployment: Deployment) -> dict[str, object]:
    found: dict[str, object] = json.loads(run(deployment, COUNT))
    return found


def test_worker_killed_in_a_bulk_edit(deployment: Deployment) -> None:
    run(deployment, FILL)
    run(deployment, START)
    watch = (
        "import time\nfrom rapport.records.models import Change\n"
        "end = time.time() + 250\n"
        "while time.time() < end and not Change.objects.filter(action='update').exists(): time.sleep(0.005)\n"
    )
    with process(deployment, "worker") as worker:
        run(deployment, watch)
        kill(worker)
    between = state(deployment)
    assert between["changed"] == between["changes"] == between["once"]
    assert int(str(between["changed"])) > 0
    run(
        deployment,
        "from rapport.records.models import JobRow\nfrom django.utils import timezone\n"
        "JobRow.objects.filter(state='running').update(lease_until=timezone.now())",
    )
    with process(deployment, "worker"):
        until(lambda: state(deployment)["states"] == ["done"], "the job ends")
    assert state(deployment) == {"changed": ROWS, "changes": ROWS, "once": ROWS, "states": ["done"]}


@pytest.mark.parametrize(
    "delay", [pytest.param(0.05, marks=pytest.mark.long), 0.2, pytest.param(5.0, marks=pytest.mark.long)]
)
def test_web_process_killed_in_a_bulk_edit(deployment: Deployment, delay: float) -> None:
    run(deployment, FILL.replace(str(ROWS), "400"))
    token = run(
        deployment,
        "from rapport.records.accounts import sign_in_links\nfrom rapport.records.accounts.models import User\n"
        "print(sign_in_links.create(User.objects.get()))",
    )
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with process(deployment, "web", "--port", str(port), RAPPORT_BASE_URL=address) as web:
        until(lambda: Running(deployment, web, port).get("/-/live")[0] == 200, "the web process answers")
        session = requests.Session()
        session.get(f"{address}/sign-in/{token}/", timeout=120)
        csrf = {"csrfmiddlewaretoken": session.cookies["csrftoken"]}
        session.post(f"{address}/sign-in/{token}/", data=csrf, headers={"Referer": address}, timeout=120)
        csrf = {"csrfmiddlewaretoken": session.cookies["csrftoken"]}
        data = {**csrf, "all": "1", "set": "industry", "industry": "retail"}

        def post() -> None:
            with contextlib.suppress(requests.RequestException):
                session.post(f"{address}/companies/bulk/?do=edit", data=data, headers={"Referer": address}, timeout=120)

        thread = threading.Thread(target=post)
        thread.start()
        thread.join(delay)
        kill(web)
        thread.join()
    found = state(deployment)
    assert found["changed"] == found["changes"] == found["once"]
    assert found["changed"] in ((400,) if delay > 1 else (0, 400))
