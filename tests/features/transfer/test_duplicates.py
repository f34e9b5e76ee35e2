"""Rows about people who are there: left out, filled in, written over, asked about; and none twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests import factories as f
from tests.database import snapshot
from tests.features.transfer.test_importing import table

from rapport.features.transfer import importing, runs
from rapport.features.transfer.mapping import Column, ImportMapping
from rapport.features.transfer.models import ImportIssue, ImportRun
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid
from rapport.records.models import Change
from rapport.records.read import visible

pytestmark = pytest.mark.django_db
FIELDS = ("first_name", "last_name", "job", "emails", "phones")
ROWS = (
    ("First name", "Last name", "Job", "E-mail", "Phone"),
    ("Ada", "Byron", "Countess", "ada@example.com", "+49 30 5550199"),
    ("Grace", "Hopper", "Admiral", "grace@example.com", ""),
    ("G.", "Hopper", "Professor", "GRACE@example.com", "+49 30 5550100"),
)


@pytest.fixture
def admin() -> Caller:
    return f.admin()


@pytest.fixture
def ada(admin: Caller) -> int:
    """Somebody who is known already, without a job."""
    points = {"emails": [{"value": "ada@example.com", "label": "home"}, {"value": "a@example.org"}]}
    return f.make(admin, "person", first_name="Ada", last_name="Lovelace", **points)


def values(caller: Caller, record_id: int) -> dict[str, Any]:
    found = visible(caller, "person").get(record_id).values
    points = {name: [p["value"] for p in found[name]] for name in ("emails", "phones")}
    return {**{name: found[name] for name in FIELDS}, **points}


def people(caller: Caller) -> list[str]:
    return [row.title for row in visible(caller, "person").page(columns=("name",), sort="id", size=500).rows]


@pytest.mark.parametrize(
    ("policy", "counts", "known", "grace"),
    [
        ("skip", (1, 0, 2, 0), ("Lovelace", "", ["ada@example.com", "a@example.org"], []), ("Grace", "Admiral", [])),
        ("fill", (1, 2, 0, 0), ("Lovelace", "Countess", ["ada@example.com", "a@example.org"], ["+49305550199"]),
         ("Grace", "Admiral", ["+49305550100"])),
        ("overwrite", (1, 2, 0, 0), ("Byron", "Countess", ["ada@example.com", "a@example.org"], ["+49305550199"]),
         ("G.", "Professor", ["+49305550100"])),
        ("ask", (1, 0, 0, 2), ("Lovelace", "", ["ada@example.com", "a@example.org"], []), ("Grace", "Admiral", [])),
    ],
)  # fmt: skip
def test_what_becomes_of_rows_about_known_people(
    tmp_path: Path, admin: Caller, ada: int, policy: str, counts: tuple[int, ...], known: Any, grace: Any
) -> None:
    report = importing.import_file(admin, "person", table(tmp_path, *ROWS), ImportMapping(duplicates=policy))
    assert (report.created, report.updated, report.skipped, report.waiting) == counts
    assert (report.rows, report.rejected) == (3, 0)
    now = values(admin, ada)
    assert (now["last_name"], now["job"], now["emails"], now["phones"]) == known
    (new,) = Change.objects.filter(object_key="person", action="create", batch=f"import:{report.run_id}")
    made = values(admin, new.record_id)
    assert (made["first_name"], made["job"], made["phones"]) == grace
    run = ImportRun.objects.get(pk=report.run_id)
    assert (run.created, run.updated, run.skipped, runs.waiting(run)) == counts
    assert run.mapping["duplicates"] == policy


def test_each_makes_a_record_where_that_is_wished(tmp_path: Path, admin: Caller, ada: int) -> None:
    report = importing.import_file(admin, "person", table(tmp_path, *ROWS), ImportMapping(duplicates="make"))
    assert (report.created, report.updated, report.waiting) == (3, 0, 0)
    assert people(admin) == ["Ada Lovelace", "Ada Byron", "Grace Hopper", "G. Hopper"]


def test_lists_gain_what_they_lack_and_an_address_takes_the_place_of_its_like(tmp_path: Path, admin: Caller) -> None:
    tag = f.make(admin, "tag", name="Old")
    f.make(admin, "tag", name="New")
    points = {"emails": "x@example.com", "addresses": [{"street": "Kade 1", "city": "Delft"}], "tags": [tag]}
    known = f.make(admin, "person", last_name="X", **points)
    path = table(tmp_path, ("emails", "tags", "addresses.city"), ("x@example.com", "New", "Rotterdam"))
    importing.import_file(admin, "person", path, ImportMapping(duplicates="overwrite"))
    found = visible(admin, "person").get(known)
    assert {title for _key, title in found.labels["tags"]} == {"Old", "New"}
    assert [a["value"] for a in found.values["addresses"]] == ["Kade 1, Rotterdam"]
    path = table(tmp_path, ("emails", "addresses.street", "addresses.postcode"), ("x@example.com", "Gracht 2", "1011"))
    importing.import_file(admin, "person", path, ImportMapping(duplicates="overwrite"))
    assert [a["value"] for a in visible(admin, "person").get(known).values["addresses"]] == ["Gracht 2, 1011"]


def test_a_number_of_another_system_tells_and_only_the_chosen_field_does(tmp_path: Path, admin: Caller) -> None:
    f.custom_field("person", "number", "text", unique=True)
    one = f.make(admin, "person", last_name="One", number="A1", emails="one@example.com")
    path = table(tmp_path, ("number", "last_name", "emails"), ("a1", "Uno", "uno@example.com"),
                 ("B2", "Two", "one@example.com"))  # fmt: skip
    wanted = ImportMapping(duplicates="overwrite", match=("number",))
    report = importing.import_file(admin, "person", path, wanted)
    assert (report.created, report.updated) == (1, 1)
    assert people(admin) == ["Uno", "Two"]
    assert values(admin, one)["emails"] == ["one@example.com", "uno@example.com"]
    with pytest.raises(Invalid, match="unique or identifies"):
        importing.import_file(admin, "person", path, ImportMapping(match=("last_name",)), again=True)


def test_a_row_about_two_people_is_asked_about(tmp_path: Path, admin: Caller, ada: int) -> None:
    bob = f.make(admin, "person", last_name="Bob", phones="+49 30 5550123")
    path = table(tmp_path, ("last_name", "emails", "phones"), ("X", "ada@example.com", "+49 30 5550123"))
    report = importing.import_file(admin, "person", path, ImportMapping(duplicates="overwrite"))
    assert (report.updated, report.waiting) == (0, 1)
    assert ImportIssue.objects.get().matches == [ada, bob]


def test_v8_2_people_whom_one_may_not_see_are_unknown_and_others_unchanged(tmp_path: Path, admin: Caller) -> None:
    blind = f.user(rights={"person": {"create": "all", "read": "own", "edit": "own"}})
    timid = f.user(rights={"person": {"create": "all", "read": "all", "edit": "own"}})
    f.make(admin, "person", last_name="Hidden", emails="h@example.com")
    path = table(tmp_path, ("last_name", "emails"), ("X", "h@example.com"))
    wanted = ImportMapping(duplicates="overwrite")
    before = snapshot("transfer_importrun", "transfer_importissue")
    report = importing.import_file(timid, "person", path, wanted)
    assert (report.created, report.updated, report.rejected) == (0, 0, 1)
    assert "may not change it" in ImportIssue.objects.get().reasons
    assert snapshot("transfer_importrun", "transfer_importissue") == before
    assert importing.import_file(blind, "person", path, wanted, again=True).created == 1


def test_a_value_that_is_refused_leaves_the_record_as_it_was(tmp_path: Path, admin: Caller, ada: int) -> None:
    path = table(tmp_path, ("last_name", "emails", "birthday"), ("Byron", "ada@example.com", "someday"),
                 ("New", "new@example.com", "2000-01-01"))  # fmt: skip
    report = importing.import_file(admin, "person", path, ImportMapping(duplicates="overwrite"))
    assert (report.created, report.updated, report.rejected) == (1, 0, 1)
    assert values(admin, ada)["last_name"] == "Lovelace"


def test_a_dry_run_counts_the_same(tmp_path: Path, admin: Caller, ada: int) -> None:
    before = snapshot()
    report = importing.import_file(
        admin, "person", table(tmp_path, *ROWS), ImportMapping(duplicates="fill"), dry_run=True
    )
    assert (report.created, report.updated, report.skipped, report.waiting) == (1, 2, 0, 0)
    assert snapshot() == before


def test_what_fills_in_where_nothing_is_said_changes_nobody(tmp_path: Path, admin: Caller, ada: int) -> None:
    raw = {"columns": {"Mail": "emails"}, "fallbacks": [{"empty": ["last_name"], "values": {"last_name": "?"}}],
           "duplicates": "overwrite"}  # fmt: skip
    path = table(tmp_path, ("Mail",), ("ada@example.com",), ("new@example.com",))
    report = importing.import_file(admin, "person", path, importing.mapping.from_json(raw))
    assert (report.created, report.skipped) == (1, 1)
    assert people(admin) == ["Ada Lovelace", "?"]


def test_many_rows_about_one_person_come_in_their_order(tmp_path: Path, admin: Caller) -> None:
    rows = [(f"N{n}", "same@example.com") for n in range(40)]
    path = table(tmp_path, ("last_name", "emails"), *rows)
    columns = {"last_name": Column("last_name"), "emails": Column("emails")}
    report = importing.import_file(admin, "person", path, ImportMapping(columns, duplicates="overwrite"))
    assert (report.created, report.updated) == (1, 39)
    assert people(admin) == ["N39"]
