"""`rapport up` killed while it migrates an older database: the next start completes it, and nothing is lost."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Callable

import pytest
from tests.config.deployment import Deployment, free_port, up
from tests.faults.killing import kill, process, run, until

ROWS = 300
OLDER = f"""
from django.core.management import call_command
from rapport.records import write
from rapport.records.accounts.caller import of_user
from rapport.records.accounts.models import User
ada = of_user(User.objects.get().pk)
write.create_many(ada, "person", [{{"last_name": f"P{{n}}"}} for n in range({ROWS})])
for app in ("usersessions", "mfa", "socialaccount", "account", "sessions"):
    call_command("migrate", app, "zero", verbosity=0, interactive=False)
"""
STATE = """
import json
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from rapport.records.models import Change
from rapport.records.read import visible
from rapport.records.accounts.caller import system
executor = MigrationExecutor(connection)
print(json.dumps({"people": visible(system(), "person").count(cap=None), "changes": Change.objects.count(),
    "pending": len(executor.migration_plan(executor.loader.graph.leaf_nodes()))}))
"""


def state(deployment: Deployment) -> dict[str, int]:
    found: dict[str, int] = json.loads(run(deployment, STATE))
    return found


def steps(deployment: Deployment) -> int:
    """Migrations that are noted as done."""
    with contextlib.suppress(sqlite3.OperationalError):
        return int(deployment.query("SELECT COUNT(*) FROM django_migrations")[0][0])
    return 0


def backed_up(deployment: Deployment) -> Callable[[], bool]:
    return lambda: any((deployment.folder / "backups").glob("*.tar.gz"))


def some_steps_done(deployment: Deployment) -> Callable[[], bool]:
    before = steps(deployment)
    return lambda: steps(deployment) > before + 1


@pytest.mark.parametrize("moment", [backed_up, some_steps_done])
def test_a_migration_that_was_killed_is_completed(
    deployment: Deployment, moment: Callable[[Deployment], Callable[[], bool]]
) -> None:
    run(deployment, OLDER)
    before = state(deployment)
    assert before["people"] == ROWS
    assert before["pending"] > 10
    reached = moment(deployment)
    with process(deployment, "up", "--port", str(free_port())) as running:
        until(reached, "the migration is under way")
        kill(running)
    between = state(deployment)
    assert 0 < between["pending"] <= before["pending"]
    assert {**between, "pending": 0} == {**before, "pending": 0}
    with up(deployment) as again:
        again.wait()
        again.stop()
    assert state(deployment) == {**before, "pending": 0}
    assert len(list((deployment.folder / "backups").glob("*.tar.gz"))) == 2
