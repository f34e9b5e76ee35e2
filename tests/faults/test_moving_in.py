"""A migration from another system, killed again and again in the middle of a set: what came over is there once."""

from __future__ import annotations

import json
import signal
from pathlib import Path

from tests.config.deployment import Deployment
from tests.faults.killing import PATIENCE, process, run

DATA = Path(__file__).parents[1] / "data" / "migration" / "hubspot"
BEGIN = """
from rapport.apps.migration import running
from rapport.records.accounts.caller import of_user
from rapport.records.accounts.models import User
ada = of_user(User.objects.get().pk)
migration = running.begin(ada, "hubspot", {path!r}, "hubspot", stored=False)
running.look(ada, migration)
running.start(ada, migration, {{}})
"""
PERFORM = """
import os, signal
from rapport.apps.migration import running
from rapport.apps.migration.models import Migration
from rapport.features.transfer import pacing
from rapport.records.accounts.caller import of_user
from rapport.records.accounts.models import User
pacing.FIRST = pacing.LEAST = pacing.MOST = 2
whole, sets = running._Run._tell, []
def fatal(*arguments):
    whole(*arguments)
    sets.append(arguments)
    if len(sets) == {at}:
        os.kill(os.getpid(), signal.SIGKILL)
running._Run._tell = staticmethod(fatal)
ada = of_user(User.objects.order_by("pk").first().pk)
running.perform(ada, Migration.objects.get())
"""
COUNT = """
import json
from django.db.models import Sum
from rapport.apps.migration.models import Migration, MigrationIssue, MigrationStep, Provenance
from rapport.records.models import Change, User
from rapport.records.read import visible
from rapport.records.accounts.caller import system
from rapport.registry import catalog
said = {key: visible(system(), key).count(cap=None) for key in catalog.current().objects}
said |= MigrationStep.objects.aggregate(Sum("created"), Sum("known"), Sum("rejected"), Sum("position"))
said |= {"state": Migration.objects.get().state, "issues": MigrationIssue.objects.count(),
    "kept": Provenance.objects.count(), "open": User.objects.filter(is_active=True).count(),
    "log": Change.objects.filter(batch="migration:1").count()}
print(json.dumps(said))
"""


WHOLE = {
    "person": 3, "company": 3, "interaction": 4, "pipeline": 2, "stage": 6, "deal": 4, "product": 1, "pricelist": 1,
    "price": 1, "dealline": 2, "queue": 1, "ticket": 2, "task": 2, "file": 1, "created__sum": 28, "rejected__sum": 1,
    "position__sum": 35, "state": "done", "issues": 2, "kept": 22, "open": 1, "log": 38,
}  # fmt: skip
"""What is there when nothing dies, but for what is zero."""


def counted(deployment: Deployment) -> dict[str, object]:
    found: dict[str, object] = json.loads(run(deployment, COUNT))
    return found


def test_a_migration_killed_and_gone_on_with(deployment: Deployment) -> None:
    run(deployment, BEGIN.format(path=str(DATA)))
    sets = 0
    for at in (1, 3, 7, 5):
        with process(deployment, "manage", "shell", "--no-imports", "-c", PERFORM.format(at=at)) as dying:
            assert dying.wait(timeout=PATIENCE) == -signal.SIGKILL
        kept = counted(deployment)
        assert kept["state"] == "running"
        assert int(str(kept["position__sum"])) >= sets
        sets = int(str(kept["position__sum"]))
    run(deployment, PERFORM.format(at=0))
    once = counted(deployment)
    assert {key: value for key, value in once.items() if value} == WHOLE
