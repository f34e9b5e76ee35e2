"""The helper of a large import: the same records and reasons as without it, whatever becomes of it."""

from __future__ import annotations

import csv
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from tests import factories as f

from rapport.features.search.finding import search
from rapport.features.transfer import helping, importing, pacing
from rapport.features.transfer.mapping import ImportMapping
from rapport.features.transfer.models import ImportIssue, ImportRun
from rapport.records import write
from rapport.records.jobs.worker import Stopped
from rapport.records.models import Change
from rapport.records.read import visible

pytestmark = pytest.mark.django_db(transaction=True)
HEADER = ("first name", "last name", "e-mails", "phone", "company", "birthday")
ROWS = 1300


@pytest.fixture
def helped(monkeypatch: pytest.MonkeyPatch) -> list[helping.Helper]:
    """Helpers are started for small files too; those that were."""
    monkeypatch.setattr(importing, "HELPED", 1000)
    monkeypatch.setattr(pacing, "PATIENT", 500)
    found: list[helping.Helper] = []
    begin = helping.Helper.__enter__

    def noted(self: helping.Helper) -> helping.Helper:
        found.append(self)
        return begin(self)

    monkeypatch.setattr(helping.Helper, "__enter__", noted)
    is_ready = helping.Helper.ready

    def patient(self: helping.Helper) -> bool:
        while self.messages.empty():
            time.sleep(0.01)
        return is_ready(self)

    monkeypatch.setattr(helping.Helper, "ready", patient)
    return found


@pytest.fixture
def took(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Messages that were taken from helpers."""
    found: list[bytes] = []
    take = helping.Helper._take

    def noted(self: helping.Helper) -> bytes:
        found.append(take(self))
        return found[-1]

    monkeypatch.setattr(helping.Helper, "_take", noted)
    return found


def row(n: int) -> tuple[str, ...]:
    mail = f"ann{n % 1299}@example.com" if n % 500 else "not@@mail"
    return (f"Ann{n}", f"Lee{n}", mail, f"+49301234{n:04}", ("Harbour", "Nobody's")[n % 400 == 7], "1990-01-02")


def table(tmp_path: Path, rows: Iterable[tuple[str, ...]] = ()) -> Path:
    path = tmp_path / "people.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER, *(rows or map(row, range(ROWS)))])
    return path


def people(caller: Any) -> list[Any]:
    """The last 500, the last one first."""
    names = ("first_name", "last_name", "emails", "phones", "company", "birthday", "owner")
    found = visible(caller, "person").page(columns=names, sort="-id", size=500).rows
    return [(row.title, row.values, row.labels) for row in found]


def titles(caller: Any, text: str) -> list[str]:
    return [hit.title for hit in search(caller, text)]


def diffs() -> list[Any]:
    return list(Change.objects.filter(object_key="person").order_by("id").values_list("diff", flat=True))


def issues() -> list[tuple[Any, ...]]:
    return list(ImportIssue.objects.order_by("line").values_list("line", "cells", "reasons", "imported"))


def test_a_helper_changes_nothing_but_the_time(
    tmp_path: Path, helped: list[helping.Helper], took: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = f.admin()
    f.make(admin, "company", name="Harbour")
    path = table(tmp_path)
    report = importing.import_file(admin, "person", path)
    assert [bool(message) for message in took] == [True] * 6 + [False]
    assert (report.rows, report.created, report.rejected) == (ROWS, ROWS - 7, 7)
    assert [helper.process.returncode is not None for helper in helped if helper.process] == [True]
    with_helper, refused, told = people(admin), issues(), diffs()
    assert {reason for _line, _cells, reason, _imported in refused} == {
        "e-mails: Give an e-mail address such as name@example.com.", "company: there is none called “Nobody's”.",
    }  # fmt: skip
    assert titles(admin, "lee1201") == ["Ann1201 Lee1201"]
    write.delete(admin, "person", visible(admin, "person").ids())
    ImportIssue.objects.all().delete()
    Change.objects.all().delete()
    monkeypatch.setattr(importing, "HELPED", 1_000_000)
    importing.import_file(admin, "person", path, again=True)
    assert len(helped) == 1
    assert (people(admin), issues(), diffs()) == (with_helper, refused, told)


def test_names_that_are_made_on_the_way_are_made_once(
    tmp_path: Path, helped: list[helping.Helper], took: list[bytes]
) -> None:
    admin = f.admin()
    rows = [(f"Ann{n}", "Lee", "", "", f"Company {n // 300}", "") for n in range(ROWS)]
    path = table(tmp_path, rows)
    wanted = importing.propose(admin, "person", path).creating(["company"])
    assert importing.import_file(admin, "person", path, wanted).created == ROWS
    assert visible(admin, "company").count() == 5
    assert [labels["company"] for _title, _values, labels in people(admin)] == [row[4] for row in rows[:-501:-1]]
    assert len(took) == 7


@pytest.mark.parametrize("executable", ["/bin/false", "/not/there"])
def test_without_a_helper_the_import_goes_on(
    tmp_path: Path, helped: list[helping.Helper], monkeypatch: pytest.MonkeyPatch, executable: str
) -> None:
    monkeypatch.setattr(sys, "executable", executable)
    admin = f.admin()
    f.make(admin, "company", name="Harbour")
    report = importing.import_file(admin, "person", table(tmp_path))
    assert len(helped) == 1
    assert (report.rows, report.created, report.rejected) == (ROWS, ROWS - 7, 7)


def test_a_helper_that_is_killed_leaves_nothing_out_and_nothing_twice(
    tmp_path: Path, helped: list[helping.Helper], took: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(helping, "AHEAD", 1)
    admin = f.admin()
    f.make(admin, "company", name="Harbour")

    def kill(done: int) -> None:
        if len(took) == 2 and helped[0].process is not None:
            helped[0].process.kill()

    rows = [row(n) for n in range(3 * ROWS)]
    wanted = ImportMapping(duplicates="make")
    report = importing.import_file(admin, "person", table(tmp_path, rows), wanted, progress=kill)
    assert len(took) < 12
    assert report.rows == 3 * ROWS
    assert report.created == report.rows - report.rejected == Change.objects.filter(object_key="person").count()


def test_a_stop_ends_the_helper_too(tmp_path: Path, helped: list[helping.Helper]) -> None:
    admin = f.admin()
    path = table(tmp_path)

    def stop(done: int) -> None:
        if done > 500:
            raise Stopped

    with pytest.raises(Stopped):
        importing.import_file(admin, "person", path, progress=stop)
    assert [helper.process.returncode is not None for helper in helped if helper.process] == [True]
    run = ImportRun.objects.get()
    assert 500 < run.position < ROWS
    report = importing.import_file(admin, "person", path)
    assert (report.rows, report.resumed_at) == (ROWS, run.position)
    assert report.created == Change.objects.filter(object_key="person").count()


def test_a_helper_that_knows_other_definitions_is_done_without(
    tmp_path: Path, helped: list[helping.Helper], took: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = f.admin()
    seen = importing._sets

    def change(plan: Any, source: Any, position: int) -> Any:
        f.custom_field("person", "shoe_size", "number")
        return seen(plan, source, position)

    monkeypatch.setattr(importing, "_sets", change)
    assert importing.import_file(admin, "person", table(tmp_path)).rows == ROWS
    assert len(took) == 1
