"""`rapport import` as people type it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests import factories as f

from rapport.features.transfer.commands import import_
from rapport.records.read import visible

pytestmark = pytest.mark.django_db


def run(*arguments: Any) -> Result:
    return CliRunner().invoke(import_, [str(a) for a in arguments])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Two people, one of them without a mail address that can be."""
    found = tmp_path / "people.csv"
    found.write_text("Surname;Mail;Firm;Points\nLund;mia@example.com;Fjord;1,5\nNo;x@;Fjord;2\n", encoding="cp1252")
    return found


def test_all_that_can_be_said(path: Path) -> None:
    admin = f.admin()
    done = run(
        "person", path, "--map", "Firm=company", "--create-missing", "company", "--custom", "Points=points:decimal",
        "--rejected", path.with_name("bad.csv"),
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "2 rows: 1 imported, 1 rejected" in done.output
    assert "no@" not in done.output
    assert path.with_name("bad.csv").read_text(encoding="utf-8-sig").splitlines()[1].startswith("No,x@,Fjord,2,3,")
    row = visible(admin, "person").page(columns=("company", "points", "emails")).rows[0]
    assert (row.title, row.labels["company"], str(row.values["points"])) == ("Lund", "Fjord", "1.5")
    again = run("person", path, "--map", "Firm=company", "--create-missing", "company")
    assert (again.exit_code, "--again" in again.output) == (1, True)


def test_a_mapping_file_and_a_dry_run(path: Path, tmp_path: Path) -> None:
    admin = f.admin()
    mapping = tmp_path / "m.json"
    mapping.write_text(json.dumps({"columns": {"Surname": {"target": "last_name", "transform": "upper"}}}))
    dry = run("person", path, "--mapping", mapping, "--dry-run")
    assert (dry.exit_code, "2 rows: 2 would be imported" in dry.output) == (0, True)
    assert visible(admin, "person").count() == 0
    assert run("person", path, "--mapping", mapping, "--as", admin.email).exit_code == 0
    assert sorted(r.title for r in visible(admin, "person").page().rows) == ["LUND", "NO"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nothing", "{path}"), "There is nothing here"),
        (("person", "{path}", "--map", "Firm=nothing"), "no field nothing"),
        (("person", "{path}", "--map", "nonsense"), "column=field"),
        (("person", "{path}", "--as", "x@y.z"), "no active user"),
        (("person", "{path}", "--create-missing", "company"), "No column goes to company"),
        (("person", "{path}", "--encoding", "klingon"), "klingon"),
        (("person", "{path}x"), "does not exist"),
        (("person", "{path}", "--mapping", "{path}"), "is no JSON"),
        (("person", "{path}", "--map", "Gone=job"), "Gone"),
        (("person", "{path}", "--delimiter", "long"), "delimiter is one character"),
        (("person", "{path}", "--delimiter", '"'), "delimiter is one character"),
    ],
)
def test_mistakes_end_with_what_to_do(path: Path, arguments: tuple[str, ...], said: str) -> None:
    f.admin()
    done = run(*(a.format(path=path) for a in arguments))
    assert done.exit_code in {1, 2}
    assert said in done.output
    assert done.exception is None or isinstance(done.exception, SystemExit)


def test_duplicates_and_undo(path: Path) -> None:
    admin = f.admin()
    known = f.make(admin, "person", last_name="Lund", emails="mia@example.com")
    path.write_text("Surname;Mail;Job\nL;mia@example.com;Boss\nN;n@example.com;Aide\n", encoding="cp1252")
    done = run("person", path, "--map", "Job=job", "--duplicates", "fill", "--match", "emails")
    assert "1 imported, 0 rejected" in done.output, done.output
    assert "1 changed, 0 left as they are, 0 wait" in done.output
    assert visible(admin, "person").get(known).values["job"] == "Boss"
    number = done.output.split("This is import ")[1].split(";")[0]
    undone = run("undo", number)
    assert "is undone: 2 changes taken back, 0 kept" in undone.output
    assert visible(admin, "person").get(known).values["job"] == ""
    assert visible(admin, "person").count() == 1
    assert "undone already" in run("undo", number).output
    assert run("undo", "people.csv").exit_code == 1
    assert run("person", path, "--map", "Job=job").exit_code == 0, "what was undone can be imported anew"
    assert "2 wait for your answer" in run("person", path, "--again").output


def test_without_users_it_says_so(path: Path) -> None:
    f.organisation()
    assert "no administrator yet" in run("person", path).output


def test_when_nothing_could_be_imported_it_fails(path: Path) -> None:
    f.admin()
    path.write_text("Surname,Mail\nA,x@\n", encoding="utf-8")
    assert run("person", path).exit_code == 1
