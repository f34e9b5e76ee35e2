"""An import killed in the middle and started again: every row once."""

from __future__ import annotations

import json
import os
from pathlib import Path

from tests.config.deployment import Deployment
from tests.faults.killing import kill, process, run, until

ROWS = 25_000
COUNT = """
import json
import os
from django.db import connection
from rapport.features.transfer.models import ImportRun
from rapport.records.models import Change
from rapport.records.read import visible
from rapport.records.accounts.caller import system
with connection.cursor() as cursor:
    cursor.execute("SELECT COUNT(*) FROM customers_identity WHERE kind = 'email'")
    identities = cursor.fetchone()[0]
print(json.dumps({"people": visible(system(), "person").count(cap=None),
    "changes": Change.objects.filter(object_key="person", action="create").count(), "identities": identities,
    "position": ImportRun.objects.get().position}))
"""


def children_of(pid: int) -> Path:
    """Where Linux tells, if it does."""
    return Path(f"/proc/{pid}/task/{pid}/children")


def children(pid: int) -> list[int]:
    """Processes that a process has started."""
    found = children_of(pid)
    return [int(child) for child in found.read_text().split()] if found.exists() else []


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def counted(deployment: Deployment) -> dict[str, int]:
    found: dict[str, int] = json.loads(run(deployment, COUNT))
    return found


def test_import_killed_and_resumed(deployment: Deployment, tmp_path: Path) -> None:
    rows = tmp_path / "people.csv"
    lines = ["first name,last name,e-mails"] + [f"Ann{n},Lee{n},ann{n}@example.com" for n in range(ROWS)]
    rows.write_text("\n".join(lines) + "\n", encoding="utf-8")
    watch = (
        "import time\nfrom rapport.records.models import Change\n"
        "end = time.time() + 250\n"
        "while time.time() < end and not Change.objects.filter(object_key='person').exists(): time.sleep(0.005)\n"
    )
    watched = ("manage", "shell", "--no-imports", "-c", watch)
    with process(deployment, *watched) as watcher, process(deployment, "import", "person", str(rows)) as running:
        watcher.wait(280)
        with_helper = children(running.pid)
        running.kill()
        until(lambda: not any(map(alive, with_helper)), "its helper ends with it")
        kill(running)
    between = counted(deployment)
    assert len(with_helper) == (1 if children_of(os.getpid()).exists() else 0)
    assert 0 < between["people"] < ROWS
    assert between["people"] == between["changes"] == between["identities"]
    assert between["people"] == between["position"]
    with process(deployment, "import", "person", str(rows)) as running:
        until(lambda: running.poll() is not None, "the import ends")
        assert running.returncode == 0
    assert counted(deployment) == {"people": ROWS, "changes": ROWS, "identities": ROWS, "position": ROWS}
