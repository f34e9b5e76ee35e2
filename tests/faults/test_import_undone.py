"""The undoing of an import killed in the middle and gone on with: everything is taken back once."""

from __future__ import annotations

import json
import signal
from pathlib import Path

from tests.config.deployment import Deployment
from tests.faults.killing import PATIENCE, process, run, until

from rapport.records.history.reverting import SET

ROWS = 1_200
KNOWN = """
from rapport.records import write
from rapport.records.accounts.caller import of_user
from rapport.records.accounts.models import User
ada = of_user(User.objects.get().pk)
write.create_many(ada, "person", [{"last_name": f"K{n}", "emails": f"ann{n}@example.com"} for n in range(400)])
"""
COUNT = """
import json
from rapport.features.transfer.models import ImportKept, ImportRun
from rapport.records.models import Change
from rapport.records.read import visible
from rapport.records.accounts.caller import system
undone = list(Change.objects.filter(batch="undo-import:1").values_list("record_id", flat=True))
jobs = visible(system(), "person").count({"field": "job", "op": "is", "value": "Boss"}, cap=None)
run = ImportRun.objects.get()
print(json.dumps({"people": visible(system(), "person").count(cap=None), "changed": jobs, "acts": len(undone),
    "once": len(set(undone)), "told": run.undone, "state": run.state, "kept": ImportKept.objects.count()}))
"""
FATAL = """
import os, signal
from rapport.features.transfer import undoing
from rapport.records.accounts.caller import of_user
from rapport.records.accounts.models import User
from rapport.records.history import reverting
whole, sets = reverting.revert_set, []
def fatal(*arguments):
    found = whole(*arguments)
    sets.append(found)
    if len(sets) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return found
reverting.revert_set = fatal
ada = of_user(User.objects.get().pk)
undoing.perform(ada, undoing.begin(ada, 1))
"""


def counted(deployment: Deployment) -> dict[str, object]:
    found: dict[str, object] = json.loads(run(deployment, COUNT))
    return found


def test_undoing_killed_and_gone_on_with(deployment: Deployment, tmp_path: Path) -> None:
    run(deployment, KNOWN)
    rows = tmp_path / "people.csv"
    lines = ["last name,job,e-mails"] + [f"Lee{n},Boss,ann{n}@example.com" for n in range(ROWS)]
    rows.write_text("\n".join(lines) + "\n", encoding="utf-8")
    deployment.must("import", "person", str(rows), "--duplicates", "overwrite")
    assert counted(deployment)["changed"] == ROWS
    with process(deployment, "manage", "shell", "--no-imports", "-c", FATAL) as running:
        assert running.wait(PATIENCE) == -signal.SIGKILL
    between = counted(deployment)
    # What the third set had written was not committed yet.
    assert between["acts"] == between["once"] == between["told"] == 2 * SET
    assert between["changed"] == ROWS - 2 * SET
    assert between["state"] == "undoing"
    with process(deployment, "import", "undo", "1") as running:
        until(lambda: running.poll() is not None, "the undoing ends")
        assert running.returncode == 0
    found = {"people": 400, "changed": 0, "acts": ROWS, "once": ROWS, "told": ROWS, "state": "undone", "kept": 0}
    assert counted(deployment) == found
