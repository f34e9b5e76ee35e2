"""Imports: columns recognised, rows refused with reasons, references by name, and nothing twice after a kill."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from tests import factories as f
from tests.database import snapshot

from rapport.features.transfer import importing, jobs, mapping, pacing, runs
from rapport.features.transfer.making import Made
from rapport.features.transfer.mapping import Column, ImportMapping
from rapport.features.transfer.models import ImportIssue, ImportRun, State
from rapport.records.errors import Forbidden, Invalid
from rapport.records.jobs.worker import Stopped, drain
from rapport.records.models import AuditEntry, Change, JobRow
from rapport.records.read import visible

DATA = Path(__file__).parents[2] / "data"
ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.django_db


def table(tmp_path: Path, *rows: Iterable[str], name: str = "people.csv") -> Path:
    path = tmp_path / name
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def people(caller: Any) -> list[Any]:
    return visible(caller, "person").page(
        columns=("name", "emails", "phones", "addresses", "company", "tags", "birthday", "owner"), sort="id", size=500
    ).rows  # fmt: skip


def test_columns_are_recognised_and_parts_composed(tmp_path: Path) -> None:
    admin = f.admin()
    path = table(
        tmp_path,
        ("First name", "Surname", "E-Mail", "Mobile", "Street", "ZIP", "Town", "DOB", "Owner", "Nonsense"),
        ("Noor", "Okafor", "noor@example.com; n@example.org", "0171 5550142", "Kade 1", "3011", "Rotterdam",
         "31.12.1980", admin.email, "x"),
    )  # fmt: skip
    report = importing.import_file(admin, "person", path)
    assert (report.created, report.rejected) == (1, 0)
    row = people(admin)[0]
    assert row.title == "Noor Okafor"
    assert [p["value"] for p in row.values["emails"]] == ["noor@example.com", "n@example.org"]
    assert row.values["phones"] == ({"value": "+491715550142", "label": "mobile"},)
    address = row.values["addresses"][0]
    assert (address["street"], address["postcode"], address["city"]) == ("Kade 1", "3011", "Rotterdam")
    assert row.values["birthday"].isoformat() == "1980-12-31"
    assert row.labels["owner"] == "Ada"
    change = Change.objects.get(object_key="person", record_id=row.id)
    assert (change.batch, change.door, change.actor_id) == (f"import:{report.run_id}", "import", admin.user_id)
    entry = AuditEntry.objects.get(act="import")
    assert entry.detail == {"file": "people.csv", "run": report.run_id, "created": 1, "rejected": 0}


def test_refused_rows_come_back_with_their_reasons_and_can_be_imported_when_mended(tmp_path: Path) -> None:
    admin = f.admin()
    path = table(
        tmp_path, ("last_name", "emails"), ("Good", "good@example.com"), ("Bad", "bad@@"), ("", ""), ("=x()", "-"),
        ("Much", "a@example.com", "more"),
    )  # fmt: skip
    report = importing.import_file(admin, "person", path)
    assert (report.rows, report.created, report.rejected) == (5, 1, 4)
    back = b"".join(runs.issues_csv(report.run_id or 0, imported=False)).decode("utf-8-sig")
    rows = list(csv.reader(back.splitlines()))
    assert rows[0] == ["last_name", "emails", "line", "why"]
    assert rows[1] == ["Bad", "bad@@", "3", "e-mails: Give an e-mail address such as name@example.com."]
    assert [row[-2] for row in rows[1:]] == ["3", "4", "5", "6"]
    mended = tmp_path / "mended.csv"
    mended.write_text(back.replace("bad@@", "bad@example.com"), encoding="utf-8")
    assert importing.import_file(admin, "person", mended).created == 1
    assert sorted(row.title for row in people(admin)) == ["Bad", "Good"]


def test_references_by_name(tmp_path: Path) -> None:
    admin = f.admin()
    known, vip = f.make(admin, "company", name="Fjord Ltd"), f.make(admin, "tag", name="VIP")
    for _twice in range(2):
        f.make(admin, "company", name="Twin")
    path = table(
        tmp_path, ("last_name", "company", "tags"), ("A", "fjord  LTD", "vip; New one"), ("B", "Newco", ""),
        ("C", "Twin", ""), ("D", "newco", ""), ("E", str(known), ""),
    )  # fmt: skip
    wanted = ImportMapping(
        {"last_name": Column("last_name"), "company": Column("company", missing="create"), "tags": Column("tags")}
    )
    report = importing.import_file(admin, "person", path, wanted)
    assert (report.created, report.rejected) == (3, 2)
    reasons = list(ImportIssue.objects.order_by("line").values_list("line", "reasons"))
    assert reasons[0] == (2, "tags: there is none called “New one”.")
    assert reasons[1][0] == 4
    assert "Several records are called “Twin”" in reasons[1][1]
    found = {row.title: row.labels["company"] for row in people(admin)}
    assert found == {"B": "Newco", "D": "Newco", "E": "Fjord Ltd"}
    assert visible(admin, "company").count({"field": "name", "op": "is", "value": "Newco"}) == 1
    again = importing.import_file(admin, "person", path, wanted.creating(["tags"]), again=True)
    assert again.created == 4
    assert {t for row in people(admin) for _k, t in row.labels["tags"]} == {"VIP", "New one"}
    assert vip in {k for row in people(admin) for k, _t in row.labels["tags"]}


def test_a_name_that_may_not_be_seen_does_not_exist(tmp_path: Path) -> None:
    admin = f.admin()
    f.make(admin, "company", name="Secret")
    rights = {"person": {"create": "all"}, "company": {"read": "own", "create": "none"}}
    ann = f.user("Ann", rights=rights)
    path = table(tmp_path, ("last_name", "company"), ("A", "Secret"))
    before = snapshot("transfer_importrun", "transfer_importissue")
    assert importing.import_file(ann, "person", path).rejected == 1
    assert snapshot("transfer_importrun", "transfer_importissue") == before


def test_v8_2_what_may_not_be_created_or_set_is_not_imported(tmp_path: Path) -> None:
    nobody = f.user(rights={"person": {"create": "none"}})
    blind = f.user(fields={"person": {"job": "hidden", "likes": "read"}})
    path = table(tmp_path, ("last_name", "job", "likes"), ("A", "Boss", "tea"))
    before = snapshot()
    with pytest.raises(Forbidden):
        importing.import_file(nobody, "person", path)
    for name in ("job", "likes", "name", "created_at", "version", "is_admin", "owner_id"):
        with pytest.raises(Invalid):
            importing.import_file(blind, "person", path, ImportMapping({"job": Column(name)}))
    with pytest.raises(Forbidden):
        wanted = ImportMapping({"last_name": Column("last_name"), "job": Column("j", create={"type": "text"})})
        importing.import_file(blind, "person", path, wanted)
    assert snapshot() == before
    assert list(importing.propose(blind, "person", path).columns) == ["last_name"]


def test_custom_fields_are_made_for_columns(tmp_path: Path) -> None:
    admin = f.admin()
    path = table(
        tmp_path, ("last_name", "Score", "Level"), ("A", "1.234,5", "gold"), ("B", "7", "Silver"), ("C", "", "Gold")
    )
    wanted = ImportMapping({"last_name": Column("last_name")}).with_columns(
        mapping.given([], ["Score=score:decimal", "Level=level:choice"])
    )
    assert importing.import_file(admin, "person", path, wanted, dry_run=True).created == 3
    assert people(admin) == []
    assert importing.import_file(admin, "person", path, wanted).created == 3
    rows = visible(admin, "person").page(columns=("score", "level"), sort="id").rows
    assert [row.values["score"] for row in rows] == [Decimal("1234.5"), Decimal(7), None]
    assert [row.values["level"] for row in rows] == ["gold", "silver", "gold"]


def test_a_dry_run_writes_nothing_and_tells_the_same(tmp_path: Path) -> None:
    admin = f.admin()
    path = table(tmp_path, ("last_name", "company", "emails"), ("A", "Newco", ""), ("B", "", "x"))
    wanted = importing.propose(admin, "person", path).creating(["company"])
    before = snapshot()
    dry = importing.import_file(admin, "person", path, wanted, dry_run=True)
    assert snapshot() == before
    assert dry.issues == [(3, "e-mails: Give an e-mail address such as name@example.com.")]
    real = importing.import_file(admin, "person", path, wanted)
    assert (real.rows, real.created, real.rejected) == (dry.rows, dry.created, dry.rejected) == (2, 1, 1)


def test_one_value_that_the_database_refuses_costs_one_row(tmp_path: Path) -> None:
    admin = f.admin()
    f.custom_field("person", "number", "text", unique=True)
    rows = [(f"P{i}", "same" if i in {3, 7} else f"n{i}") for i in range(10)]
    wanted = ImportMapping(duplicates="make")
    report = importing.import_file(admin, "person", table(tmp_path, ("last_name", "number"), *rows), wanted)
    assert (report.created, report.rejected) == (9, 1)
    assert ImportIssue.objects.get().reasons == "Number: Another record has this value already."


def test_the_same_file_is_not_imported_twice_unless_wished(tmp_path: Path) -> None:
    admin = f.admin()
    path = table(tmp_path, ("last_name",), ("A",))
    importing.import_file(admin, "person", path)
    with pytest.raises(runs.AlreadyImported):
        importing.import_file(admin, "person", path)
    importing.import_file(admin, "person", path, again=True)
    assert len(people(admin)) == 2


class Killed(Exception):
    """The process is gone."""


def in_tens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten rows a transaction."""
    for name in ("FIRST", "LEAST", "MOST", "PATIENT"):
        monkeypatch.setattr(pacing, name, 10)


@pytest.mark.parametrize("fatal", [1, 2, 3, 4])
def test_a_killed_import_goes_on_without_doubling(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fatal: int) -> None:
    admin = f.admin()
    rows = [(f"P{i}", "broken" if i % 4 == 0 else "") for i in range(35)]
    path = table(tmp_path, ("last_name", "emails"), *rows)
    in_tens(monkeypatch)
    note, calls = runs.note, [0]

    def killed(run: ImportRun, *part: Any) -> None:
        note(run, *part)
        calls[0] += 1
        if calls[0] == fatal:
            raise Killed

    monkeypatch.setattr(runs, "note", killed)
    with pytest.raises(Killed):
        importing.import_file(admin, "person", path)
    assert len(people(admin)) + ImportIssue.objects.count() == (fatal - 1) * 10
    report = importing.import_file(admin, "person", path)
    assert (report.rows, report.created, report.rejected) == (35, 26, 9)
    assert report.resumed_at == (fatal - 1) * 10
    assert sorted(row.title for row in people(admin)) == sorted(f"P{i}" for i in range(35) if i % 4)
    assert ImportIssue.objects.count() == 9
    assert ImportRun.objects.get().state == State.DONE


def test_two_processes_cannot_go_on_with_one_import(tmp_path: Path) -> None:
    admin = f.admin()
    path = table(tmp_path, ("last_name",), *((f"P{i}",) for i in range(5)))
    source = importing.recognise(admin, "person", path)
    run = runs.begin(admin, "person", source, importing.propose(admin, "person", path), Made())
    other = ImportRun.objects.get(pk=run.pk)
    importing.perform(admin, run)
    with pytest.raises(runs.TakenOver):
        importing.perform(admin, other)
    assert len(people(admin)) == 5


def test_an_import_runs_as_a_job_and_can_be_stopped_and_taken_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    admin = f.admin()
    content = "last_name\n" + "".join(f"P{i}\n" for i in range(25))
    in_tens(monkeypatch)
    run = jobs.start(admin, "person", ContentFile(content.encode(), name="p.csv"))

    def stop(done: int) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        jobs.run_import(SimpleNamespace(arguments={"run": run.pk}, progress=stop))
    run.refresh_from_db()
    path = run.path
    assert (run.state, run.position, len(people(admin))) == (State.STOPPED, 10, 10)
    assert default_storage.exists(path)
    with pytest.raises(Forbidden):
        jobs.resume(f.user("Other"), run.pk)
    JobRow.objects.all().delete()
    jobs.resume(admin, run.pk)
    with django_capture_on_commit_callbacks(execute=True):
        drain()
    run.refresh_from_db()
    assert (run.state, run.created, len(people(admin)), run.path) == (State.DONE, 25, 25, "")
    assert not default_storage.exists(path)
    with pytest.raises(runs.AlreadyImported):
        jobs.start(admin, "person", ContentFile(content.encode(), name="p.csv"))


def test_old_issues_and_files_are_forgotten(tmp_path: Path, django_capture_on_commit_callbacks: Any) -> None:
    admin = f.admin()
    run = jobs.start(admin, "person", ContentFile(b"last_name,emails\nA,x\nB,\n", name="p.csv"))
    with django_capture_on_commit_callbacks(execute=True):
        drain()
    waiting = jobs.start(admin, "person", ContentFile(b"last_name\nC\n", name="q.csv"))
    ImportRun.objects.update(created_at="2020-01-01T00:00Z")
    context = SimpleNamespace(progress=lambda done: None)
    with django_capture_on_commit_callbacks(execute=True):
        assert runs.forget(context) == {"rows": 1, "files": 1}
    assert not default_storage.exists(waiting.path)
    assert not default_storage.exists(run.path)
    assert runs.forget(context) == {"rows": 0, "files": 0}


@pytest.mark.parametrize(
    "raw",
    [
        [], {"columns": {"last_name": 5}}, {"columns": {"last_name": {"target": "last_name", "missing": "x"}}},
        {"columns": {"none": "last_name"}}, {"columns": {"last_name": "nothing"}}, {"columns": "x"},
        {"columns": {"last_name": "addresses.nowhere"}}, {"columns": {"last_name": "emails:nowhere"}},
        {"columns": {"last_name": "last_name; DROP"}}, {"columns": {"last_name": {"to": "last_name"}}},
        {"columns": {"last_name": "last_name"}, "fallbacks": [{"empty": ["x"], "values": {}}]},
        {"columns": {"last_name": "last_name"}, "constants": {"x": "y"}},
    ],
)  # fmt: skip
def test_mappings_that_cannot_be_are_refused(tmp_path: Path, raw: Any) -> None:
    admin = f.admin()
    path = table(tmp_path, ("last_name",), ("A",))
    before = snapshot()
    with pytest.raises(Invalid):
        importing.import_file(admin, "person", path, mapping.from_json(raw))
    assert snapshot() == before


def test_febrl() -> None:
    """The 5,000 invented Australians of the Febrl generator, by the mapping of `examples/`."""
    admin = f.admin()
    wanted = mapping.from_json(json.loads((ROOT / "examples" / "febrl3.json").read_text()))
    report = importing.import_file(admin, "person", DATA / "febrl3.csv", wanted)
    assert (report.rows, report.created, report.rejected, report.noted) == (5000, 5000, 0, 35)
    found = visible(admin, "person").page(
        columns=("name", "addresses", "birthday", "social_security_number", "source"),
        filter={"field": "source_record", "op": "is", "value": "rec-1496-org"},
    ).rows[0]  # fmt: skip
    assert found.title == "Mitchell Green"
    assert found.values["addresses"][0] == {
        "value": "7 Wallaby Place, Delmar, 2119 Cleveland, SA, Australia", "label": "home", "street": "7 Wallaby Place",
        "extra": "Delmar", "city": "Cleveland", "region": "SA", "postcode": "2119", "country": "Australia",
    }  # fmt: skip
    assert found.values["birthday"].isoformat() == "1956-04-09"
    assert (found.values["social_security_number"], found.values["source"]) == ("1804974", "import")
