"""`rapport migrate-from`: looks, tries without a trace, brings over, and says what to do about what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests import factories as f
from tests.apps.migration.moving import DATA, colleague, rows
from tests.database import snapshot

from rapport.apps.migration.commands import migrate_from

pytestmark = pytest.mark.django_db
TRACES = ("migration_migration", "records_counter", "files_fileversion")


def called(*arguments: str) -> Result:
    return CliRunner().invoke(migrate_from, list(arguments))


def test_a_trial_tells_everything_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    admin = f.admin()
    colleague("Lena Brandt", "lena@acme.example")
    before = snapshot(*TRACES)
    looked = called("hubspot", str(DATA / "hubspot"), "--look")
    assert looked.exit_code == 0
    assert "all-deals-2026-03-01.csv: deal, 4 rows, 1 new fields" in looked.output
    assert "Owners who are no users: Tom Unknown (3)" in looked.output
    tried = called("hubspot", str(DATA / "hubspot"), "--dry-run", "--unknown-owners", "create")
    assert tried.exit_code == 0, tried.output
    assert "all-contacts-2026-03-01.csv: 3 would be made, 0 known already, 1 refused, 1 without a value" in tried.output
    assert snapshot(*TRACES) == before
    owner = f"Tom Unknown={admin.email}"
    done = called("hubspot", str(DATA / "hubspot"), "--owner", owner, "--unknown-owners", "empty")
    assert done.exit_code == 0, done.output
    assert len(rows(admin, "person")) == 3
    (issues,) = tmp_path.glob("migration-*-issues.csv")
    assert "mara@@jensen" in issues.read_text(encoding="utf-8-sig")


def test_what_can_not_be_is_told(tmp_path: Path) -> None:
    f.admin()
    assert "There are: hubspot, salesforce" in called("sugar", str(tmp_path)).output
    (tmp_path / "recipes.csv").write_text("Cake,Eggs\nBundt,4\n", encoding="utf-8")
    assert "None of the files is one of Zoho CRM: recipes.csv" in called("zoho", str(tmp_path)).output
    nobody = called("hubspot", str(DATA / "hubspot"), "--owner", "Tom=nobody@acme.example")
    assert nobody.exit_code == 1
    assert "There is no active user nobody@acme.example." in nobody.output
