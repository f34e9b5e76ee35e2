"""The demo organisation from SQLite to PostgreSQL and back by the commands, and an import that is killed on the way."""

from __future__ import annotations

import json
import signal
import zipfile
from pathlib import Path
from typing import Any

import pytest
from tests.config.deployment import Deployment, postgres_database

pytestmark = pytest.mark.once

OWN = {"records_auditentry"}
"""Tables to which making and importing an archive add a row."""


def parts(path: Path) -> dict[str, Any]:
    """Number and hash of the lines of each table; whole seconds are told in one way."""
    found = {}
    with zipfile.ZipFile(path) as archive:
        for part in json.loads(archive.read("manifest.json"))["tables"]:
            lines = archive.read(part["file"]).replace(b".000000Z", b"Z").splitlines()
            found[part["table"]] = (part["rows"], part["last"], [json.loads(line) for line in lines])
    return {table: rows for table, rows in found.items() if table not in OWN}


@pytest.mark.postgres
def test_the_demo_organisation_goes_to_postgresql_and_back(
    migrated: Deployment, tmp_path: Path, postgres_url: str
) -> None:
    first, second, third = (tmp_path / f"{n}.zip" for n in range(3))
    migrated.must("demo", "load")
    migrated.must("export-archive", str(first), "--with-secrets")
    with postgres_database(postgres_url) as url:
        there = Deployment(tmp_path / "there", url)
        told = there.must("import-archive", str(first))
        assert "Verified and imported" in told
        there.must("export-archive", str(second), "--with-secrets")
    back = Deployment(tmp_path / "back")
    back.must("import-archive", str(second))
    back.must("export-archive", str(third), "--with-secrets")
    before = parts(first)
    assert before["customers_person"][0] == 2000
    for path in (second, third):
        after = parts(path)
        assert after.keys() == before.keys()
        for table, rows in before.items():
            assert after[table] == rows, table
    assert back.query("SELECT COUNT(*) FROM search_entry") == migrated.query("SELECT COUNT(*) FROM search_entry")


KILLED = """
import os, signal
from rapport.config.cli import main, use_django
use_django()
from rapport.features.archive import importing
importing._check_references = lambda: os.kill(os.getpid(), signal.SIGKILL)
main(["import-archive", {path!r}])
"""


def test_an_import_that_was_killed_left_nothing_and_is_done_anew(migrated: Deployment, tmp_path: Path) -> None:
    migrated.python(
        "from rapport.config.cli import use_django; use_django(); from tests import factories as f; "
        "from rapport.records import write; ada = f.admin(); "
        "write.create_many(ada, 'person', [{'last_name': f'P{n}'} for n in range(300)])"
    )
    path, target = tmp_path / "a.zip", Deployment(tmp_path / "target")
    migrated.must("export-archive", str(path))
    assert target._run("-c", KILLED.format(path=str(path))).returncode == -signal.SIGKILL
    assert target.query("SELECT COUNT(*) FROM customers_person") == [(0,)]
    assert target.query("SELECT COUNT(*) FROM records_user") == [(0,)]
    link = target.must("import-archive", str(path)).splitlines()[-2]
    assert "/sign-in/" in link
    assert target.query("SELECT COUNT(*) FROM customers_person") == [(300,)]
