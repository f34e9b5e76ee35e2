"""A whole import taken back: what it made goes, what it changed is as before, and what others did since stays."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests import factories as f
from tests.database import snapshot
from tests.features.transfer.test_importing import people, table

from rapport.features.transfer import importing, mapping, runs, undoing
from rapport.features.transfer.mapping import POLICIES, Column, ImportMapping
from rapport.features.transfer.models import ImportIssue, ImportKept, ImportRun, State
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.customising import sync
from rapport.records.customising.models import CustomField
from rapport.records.errors import Forbidden, Invalid, NotFound
from rapport.records.history import reverting
from rapport.records.jobs.worker import Stopped, drain
from rapport.records.models import AuditEntry, Change, JobRow
from rapport.records.read import visible
from rapport.registry import catalog

pytestmark = pytest.mark.django_db
COLUMNS = ("first_name", "last_name", "job", "emails", "phones", "company", "tags", "likes")


@pytest.fixture
def admin() -> Caller:
    return f.admin()


def undo(caller: Caller, run_id: int | None) -> ImportRun:
    run = undoing.begin(caller, run_id or 0)
    undoing.perform(caller, run)
    return run


def kept(run: ImportRun) -> list[tuple[Any, ...]]:
    found = ImportKept.objects.filter(run=run).order_by("object_key", "record_id", "id")
    return list(found.values_list("object_key", "record_id", "action", "why", "fields"))


def test_created_and_updated_records_and_companies_made_on_the_way(tmp_path: Path, admin: Caller) -> None:
    known = f.make(admin, "person", last_name="Known", emails="k@example.com", job="Clerk")
    path = table(tmp_path, ("last_name", "emails", "job", "company"), ("Changed", "k@example.com", "Boss", "Newco"),
                 ("New", "n@example.com", "Aide", "Newco"))  # fmt: skip
    columns = {name: Column(name) for name in ("last_name", "emails", "job")}
    wanted = ImportMapping({**columns, "company": Column("company", missing="create")}, duplicates="overwrite")
    report = importing.import_file(admin, "person", path, wanted)
    assert (report.created, report.updated) == (1, 1)
    run = undo(admin, report.run_id)
    assert (run.state, run.undone, kept(run)) == (State.UNDONE, 3, [])
    assert [row.title for row in people(admin)] == ["Known"]
    found = visible(admin, "person").get(known)
    assert (found.values["job"], found.values["company"]) == ("Clerk", None)
    assert visible(admin, "company").count() == 0
    last = Change.objects.filter(object_key="person", record_id=known).latest("id")
    assert (last.batch, last.door, last.actor_id) == (f"undo-import:{run.pk}", "import", admin.user_id)
    assert AuditEntry.objects.get(act="import undone").detail["undone"] == 3
    with pytest.raises(Invalid, match="undone already"):
        undoing.begin(admin, run.pk)
    assert importing.import_file(admin, "person", path, wanted).created == 1


def test_what_others_did_since_stays_and_is_listed(tmp_path: Path, admin: Caller) -> None:
    known = f.make(admin, "person", last_name="Known", emails="k@example.com", job="Clerk", likes="tea")
    path = table(
        tmp_path, ("last_name", "emails", "job", "likes", "company"), ("Known", "k@example.com", "Boss", "rum", ""),
        ("Edited", "e@example.com", "", "", ""), ("Called", "c@example.com", "", "", ""),
        ("Free", "f@example.com", "", "", ""), ("Staff", "s@example.com", "", "", "Newco"),
    )  # fmt: skip
    columns = {n: Column(n) for n in ("last_name", "emails", "job", "likes")}
    wanted = ImportMapping({**columns, "company": Column("company", missing="create")}, duplicates="overwrite")
    report = importing.import_file(admin, "person", path, wanted)
    ids = {row.title: row.id for row in people(admin)}
    (newco,) = visible(admin, "company").ids()
    write.update(admin, "person", known, {"job": "Owner"})
    write.update(admin, "person", ids["Edited"], {"job": "Aide"})
    f.make(admin, "interaction", subject="Hello", people=[ids["Called"]])
    f.make(admin, "deal", name="Big one", company=newco)
    run = undo(admin, report.run_id)
    assert kept(run) == [
        ("company", newco, "create", "used", []), ("person", known, "update", "changed", ["job"]),
        ("person", ids["Edited"], "create", "changed", []), ("person", ids["Called"], "create", "used", []),
    ]  # fmt: skip
    assert sorted(row.title for row in people(admin)) == ["Called", "Edited", "Known"]
    found = visible(admin, "person").get(known).values
    assert (found["job"], found["likes"]) == ("Owner", "tea")


def test_fields_and_options_go_when_nobody_uses_them(tmp_path: Path, admin: Caller) -> None:
    options = [{"value": "gold", "label": "Gold", "tone": "neutral"}]
    f.custom_field("person", "level", "choice", choices=options)
    path = table(tmp_path, ("last_name", "Level", "Score", "Code"), ("A", "Silver", "1", "x"), ("B", "Bronze", "", ""))
    columns = {"last_name": Column("last_name"), "Level": Column("level", missing="create"),
               **mapping.given([], ["Score=score:number", "Code=code:text"])}  # fmt: skip
    report = importing.import_file(admin, "person", path, ImportMapping(columns))
    assert report.created == 2
    assert [row.values["level"] for row in visible(admin, "person").page(columns=("level",), sort="id").rows] == [
        "silver", "bronze",
    ]  # fmt: skip
    f.make(admin, "person", last_name="C", level="bronze", code="own")
    run = undo(admin, report.run_id)
    sync.refresh()
    fields = catalog.current()["person"].fields
    # Records in the trash still have their options, so that they can be brought back.
    assert [c.value for c in fields["level"].choices] == ["gold", "silver", "bronze"]
    assert "code" in fields
    assert "score" not in fields
    assert CustomField.objects.get(key="score").removed_at is not None
    assert ImportRun.objects.get(pk=run.pk).state == State.UNDONE


def test_rows_that_wait_are_forgotten_and_others_may_not_undo(tmp_path: Path, admin: Caller) -> None:
    f.make(admin, "person", last_name="Known", emails="k@example.com")
    path = table(tmp_path, ("last_name", "emails"), ("New", "n@example.com"), ("Again", "k@example.com"))
    report = importing.import_file(admin, "person", path)
    assert report.waiting == 1
    other = f.user("Ben")
    before = snapshot()
    with pytest.raises(Forbidden):
        undoing.begin(other, report.run_id or 0)
    with pytest.raises(NotFound):
        undoing.begin(admin, 999_999)
    assert snapshot() == before
    undo(admin, report.run_id)
    assert not ImportIssue.objects.exists()
    with pytest.raises(NotFound):
        undoing.run_undo(type("Context", (), {"arguments": {"run": report.run_id}, "user_id": admin.user_id}))


def test_as_a_job_that_is_stopped_and_gone_on_with(
    tmp_path: Path, admin: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reverting, "SET", 10)
    path = table(tmp_path, ("last_name",), *((f"P{n}",) for n in range(35)))
    report = importing.import_file(admin, "person", path)
    run = undoing.begin(admin, report.run_id or 0)

    def stop(done: int) -> None:
        if done >= 20:
            raise Stopped

    with pytest.raises(Stopped):
        undoing.perform(admin, run, stop)
    run.refresh_from_db()
    assert (run.state, run.undone, len(people(admin))) == (State.UNDOING, 20, 15)
    stale = ImportRun.objects.get(pk=run.pk)
    undoing.start(admin, run.pk)
    with pytest.raises(Invalid, match="Stop it first"):
        undoing.begin(admin, run.pk)
    drain()
    run.refresh_from_db()
    assert (run.state, run.undone, people(admin)) == (State.UNDONE, 35, [])
    assert JobRow.objects.get(name=undoing.JOB).result == {"undone": 35, "kept": 0}
    with pytest.raises(runs.TakenOver):
        undoing.perform(admin, stale)


def test_a_start_that_is_refused_leaves_no_fields(tmp_path: Path, admin: Caller) -> None:
    path = table(tmp_path, ("last_name", "Score"), ("A", "1"))
    importing.import_file(admin, "person", path, ImportMapping({"last_name": Column("last_name")}))
    wanted = ImportMapping({"last_name": Column("last_name"), **mapping.given([], ["Score=score:number"])})
    before = snapshot()
    with pytest.raises(runs.AlreadyImported):
        importing.import_file(admin, "person", path, wanted)
    assert snapshot() == before
    assert "score" not in catalog.current()["person"].fields


# -- any file, any policy ---------------------------------------------------------------------------------------------

NAMES = st.sampled_from(["", "Ada", "Bo", "=Cy", "Dè"])
ADDRESSES = st.sampled_from(
    ["", "a@example.com", "b@example.com", "A@example.com; c@example.com", "d@", "e@example.org"]
)
NUMBERS = st.sampled_from(["", "+49 30 5550101", "+49 30 5550102", "030 5550103", "x"])
ROWS = st.lists(
    st.tuples(
        NAMES, NAMES, st.sampled_from(["", "Boss", "Aide"]), ADDRESSES, NUMBERS,
        st.sampled_from(["", "Newco", "Oldco", "Third"]), st.sampled_from(["", "VIP", "VIP; Cold"]), NAMES,
    ),
    max_size=12,
)  # fmt: skip
STAMPS = frozenset({"version", "updated_at", "updated_by_id"})
TABLES = ("customers_company", "sales_deal", "customers_employment", "collaboration_task", "records_uniquevalue")
PEOPLE = {"customers_person": "id", "customers_identity": "person_id", "records_link": "record_id"}
"""Tables with rows of people, and the column that says whose they are: rows of people in the trash do not count."""


def state() -> dict[str, list[Any]]:
    """All that is live, but for versions and stamps."""
    models = {model._meta.db_table: model for model in apps.get_models()}
    live = set(models["customers_person"]._base_manager.filter(deleted_at=None).values_list("id", flat=True))
    found = {}
    for name in (*TABLES, *PEOPLE):
        fields = [field.attname for field in models[name]._meta.concrete_fields if field.attname not in STAMPS]
        rows = models[name]._base_manager.values(*fields)
        rows = rows.filter(deleted_at=None) if "deleted_at" in fields else rows
        wanted = [row for row in rows if name not in PEOPLE or row[PEOPLE[name]] in live]
        # An address that was let go and taken again has another number.
        found[name] = sorted(
            (tuple(v for n, v in row.items() if n != "id" or "deleted_at" in row) for row in wanted), key=repr
        )
    return found


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=ROWS, policy=st.sampled_from(POLICIES), create=st.booleans())
def test_an_import_undone_leaves_the_database_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]], policy: str, create: bool
) -> None:
    path = tmp_path_factory.mktemp("any") / "people.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    with transaction.atomic():
        admin = f.admin()
        old = f.make(admin, "company", name="Oldco")
        f.make(admin, "person", first_name="Ada", emails=["a@example.com", "c@example.com"], job="Clerk")
        f.make(admin, "person", last_name="Bo", emails="b@example.com", phones="+49 30 5550102", company=old)
        f.make(admin, "person", last_name="Plain", phones=["+49 30 5550103", "+49 30 5550101"], likes="tea")
        before = state()
        missing = "create" if create else "leave"
        wanted = {n: Column(n, missing=missing) if n in {"company", "tags"} else Column(n) for n in COLUMNS}
        if rows and any(any(row) for row in rows):
            report = importing.import_file(admin, "person", path, ImportMapping(wanted, duplicates=policy))
            run = undo(admin, report.run_id)
            assert kept(run) == []
        assert state() == before
        transaction.set_rollback(True)
