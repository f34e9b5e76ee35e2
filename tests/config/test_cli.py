"""The command line: quick, and clear about what is wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.config.deployment import Deployment

from rapport.config import variables
from rapport.config.cli import OWN
from rapport.config.commands.settings import markdown

pytestmark = pytest.mark.once
ROOT = Path(__file__).resolve().parents[2]


def test_help_loads_no_django_and_names_every_command() -> None:
    code = (
        "import sys\nfrom rapport.config.cli import rapport\n"
        "try: rapport(['--help'])\nexcept SystemExit: pass\nassert 'django' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert all(name in done.stdout for name in OWN)


@pytest.mark.parametrize("name", sorted(OWN))
def test_every_command_has_help(deployment: Deployment, name: str) -> None:
    if name == "manage":
        assert "migrate" in deployment.must("manage", "help")
    else:
        assert "Usage:" in deployment.must(name, "--help")


def test_an_unknown_command_is_told(deployment: Deployment) -> None:
    done = deployment.run("upp")
    assert done.returncode == 2
    assert "No such command" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("RAPPORT_TRASH_DAYS", "many", "whole number"),
        ("RAPPORT_UPLOAD_MB", "0", "whole number"),
        ("RAPPORT_DATABASE_URL", "mysql://u:secretword@h/x", "postgresql://"),
        ("RAPPORT_DATABASE_URL", "postgresql://h:port/x", "postgresql://"),
        ("RAPPORT_BASE_URL", "crm.example.com", "http://"),
        ("RAPPORT_LOG_FORMAT", "xml", "json, text"),
        ("RAPPORT_LOG_LEVEL", "LOUD", "DEBUG"),
        ("RAPPORT_PROXY", "yes", "0, 1"),
        ("RAPPORT_EMAIL_URL", "http://mail", "smtp://"),
        ("RAPPORT_FILES_URL", "/files", "s3://"),
        ("RAPPORT_OIDC", "{}", "JSON list"),
        ("RAPPORT_OIDC", '[{"id": "x"}]', "client_id"),
        ("RAPPORT_SECRET_KEY_FILE", "/nowhere/key", "can't be read"),
    ],
)
def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str) -> None:
    monkeypatch.setenv(name, value)
    (problem,) = [line for line in variables.problems() if line.startswith(name)]
    assert says in problem
    assert "secretword" not in problem


def test_wrong_variables_stop_every_command_with_one_line_each(deployment: Deployment) -> None:
    done = deployment.run("manage", "check", RAPPORT_TRASH_DAYS="x", RAPPORT_PROXY="y")
    assert done.returncode == 1
    assert "RAPPORT_TRASH_DAYS" in done.stderr
    assert "RAPPORT_PROXY" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_misspelt_variable_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAPPORT_DATABSE_URL", "x")
    assert "RAPPORT_DATABSE_URL" in variables.unknown()
    assert not set(variables.unknown()) & {v.name for v in variables.VARIABLES}


def test_a_secret_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from the file\n")
    monkeypatch.delenv("RAPPORT_SECRET_KEY", raising=False)
    monkeypatch.setenv("RAPPORT_SECRET_KEY_FILE", str(tmp_path / "key"))
    assert variables.secret_key() == "from the file"


def test_a_key_is_made_once_and_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("RAPPORT_SECRET_KEY", "RAPPORT_SECRET_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("RAPPORT_DATA_DIR", str(tmp_path / "data"))
    first = variables.secret_key()
    assert len(first) >= 50
    assert variables.secret_key() == first
    assert [p.name for p in (tmp_path / "data").iterdir()] == ["secret_key"]


def test_a_database_that_is_away_is_told(deployment: Deployment) -> None:
    deployment.url = "postgresql://u:secretword@127.0.0.1:1/x"
    done = deployment.run("backup", str(deployment.folder.with_name("b.tar.gz")))
    assert done.returncode == 1
    assert "RAPPORT_DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr
    assert "secretword" not in done.stderr


def test_the_documented_settings_are_those_of_the_table() -> None:
    page = ROOT / "docs" / "administrators" / "settings.md"
    assert page.read_text(encoding="utf-8") == markdown(), "write it anew: rapport settings --markdown"
