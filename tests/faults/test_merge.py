"""The web process killed in the middle of a merge: all of it is done, or nothing."""

from __future__ import annotations

import contextlib
import json
import threading

import pytest
import requests
from tests.config.deployment import Deployment, Running, free_port
from tests.faults.killing import kill, process, run, until

TASKS = 20_000
FILL = f"""
from rapport.records import write
from rapport.records.accounts.caller import of_user
from rapport.records.accounts.models import User
ada = of_user(User.objects.get().pk)
first, second = (write.create(ada, "company", {{"name": name}}) for name in ("Acme", "Acme Ltd"))
write.create_many(ada, "task", [{{"subject": f"T{{n}}", "company": second}} for n in range({TASKS})])
"""
STATE = """
import json
from django.db.models import Count
from rapport.apps.collaboration.models import Task
from rapport.records.models import Change, Merge, MergedRecord, MergeMove
from rapport.apps.customers.models import Company
print(json.dumps({
    "tasks": sorted(Task.objects.values_list("company__name").annotate(n=Count("id"))),
    "merges": Merge.objects.count(), "merged": MergedRecord.objects.count(), "moves": MergeMove.objects.count(),
    "told": Change.objects.filter(action="move").count(),
    "gone": Company.objects.filter(deleted_at__isnull=False).count(),
}))
"""
BEFORE = {"tasks": [["Acme Ltd", TASKS]], "merges": 0, "merged": 0, "moves": 0, "told": 0, "gone": 0}
AFTER = {"tasks": [["Acme", TASKS]], "merges": 1, "merged": 1, "moves": TASKS, "told": TASKS, "gone": 1}


@pytest.mark.parametrize(
    "delay", [pytest.param(0.1, marks=pytest.mark.long), 0.3, pytest.param(30.0, marks=pytest.mark.long)]
)
def test_web_process_killed_in_a_merge(deployment: Deployment, delay: float) -> None:
    run(deployment, FILL)
    token = run(
        deployment,
        "from rapport.records.accounts import api_tokens\nfrom rapport.records.accounts.caller import of_user\n"
        "from rapport.records.accounts.models import User\n"
        "print(api_tokens.create(of_user(User.objects.get().pk), name='Test', scopes=('write',))[1])",
    )
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with process(deployment, "web", "--port", str(port), RAPPORT_BASE_URL=address) as web:
        until(lambda: Running(deployment, web, port).get("/-/live")[0] == 200, "the web process answers")
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {token}"
        ids = {c["title"]: c["id"] for c in session.get(f"{address}/api/v1/companies", timeout=120).json()["items"]}

        def post() -> None:
            with contextlib.suppress(requests.RequestException):
                path = f"{address}/api/v1/companies/{ids['Acme']}/merge"
                session.post(path, json={"others": [ids["Acme Ltd"]]}, timeout=200)

        thread = threading.Thread(target=post)
        thread.start()
        thread.join(delay)
        kill(web)
        thread.join()
    found = json.loads(run(deployment, STATE))
    assert found in ((AFTER,) if delay > 10 else (BEFORE, AFTER))
