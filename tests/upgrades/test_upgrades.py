"""Every database that was kept becomes one of today: nothing is lost, and its pages open."""

from __future__ import annotations

import json
import os
from contextlib import nullcontext
from pathlib import Path

import pytest
from tests.config.deployment import Deployment, postgres_database
from tests.upgrades.keeping import KEPT, ROOT

pytestmark = [pytest.mark.once]
KINDS = sorted(KEPT.glob("*.tar.gz"))
COUNT = """
import json
from rapport.records import db
from rapport.lib.sql import Sql
from django.db import connection
APART = ("django", "account", "search")
names = [n for n in connection.introspection.table_names() if n.partition("_")[0] not in APART]
print(json.dumps({n: db.rows(Sql(f'SELECT COUNT(*) FROM "{n}"'))[0][0] for n in names}))
"""
OPEN = """
import json
from django.conf import settings
from django.test import Client
from rapport.records.models import User
from rapport.registry import catalog
from rapport.records.read import visible
from rapport.records.accounts import caller as callers
from rapport.records.customising import sync
from rapport.config import prepare
settings.ALLOWED_HOSTS = ["*"]
prepare.static_files()
sync.refresh()
admin = User.objects.get(email="ada@example.com")
client = Client()
client.force_login(admin)
wrong = []
for key, obj in catalog.current().objects.items():
    rows = visible(callers.of_user(admin.pk), key).page(columns=("id",), size=1).rows
    paths = [f"/{obj.plural}/", *(f"/{obj.plural}/{row.id}/" for row in rows)]
    wrong += [(path, status) for path in paths if (status := client.get(path).status_code) != 200]
print(json.dumps(wrong))
"""


def said(deployment: Deployment, code: str) -> str:
    return deployment.must("manage", "shell", "--no-imports", "-c", code).splitlines()[-1]


@pytest.mark.parametrize("kept", KINDS, ids=lambda p: p.name.removesuffix(".tar.gz"))
def test_what_was_kept_is_upgraded(kept: Path, tmp_path: Path) -> None:
    server = os.environ.get("RAPPORT_TEST_POSTGRES", "") if "postgresql" in kept.name else ""
    if "postgresql" in kept.name and not server:
        pytest.skip("postgres: RAPPORT_TEST_POSTGRES names no server")
    with postgres_database(server) if server else nullcontext("") as url:
        deployment = Deployment(tmp_path / "data", url, {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"})
        deployment.must("restore", str(kept))
        before = json.loads(said(deployment, COUNT))
        deployment.must("manage", "migrate", "--verbosity=0")
        after = json.loads(said(deployment, COUNT))
        fewer = {n: (count, after.get(n)) for n, count in before.items() if after.get(n, 0) < count}
        assert not fewer
        assert json.loads(said(deployment, OPEN)) == []


def test_there_is_something_to_upgrade() -> None:
    assert {path.name.rpartition("-")[2] for path in KINDS} == {"sqlite.tar.gz", "postgresql.tar.gz"}
