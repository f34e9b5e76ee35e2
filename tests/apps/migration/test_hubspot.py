"""HubSpot: a folder of exports, from files to related records; a second run; the answers of the API."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from tests import factories as f
from tests.apps.migration.moving import DATA, bring, by_title, colleague, only, prices, rows, step

from rapport.apps.migration import reporting, running
from rapport.features.files import storing
from rapport.records.models import Change
from rapport.registry import catalog

pytestmark = pytest.mark.django_db
UTC = dt.UTC


@pytest.fixture
def moved() -> Any:
    admin = f.admin()
    lena = colleague("Lena Brandt", "lena@acme.example")
    return admin, lena, bring(admin, "hubspot", DATA / "hubspot")


def test_every_file_becomes_records_that_are_related_as_they_were(moved: Any) -> None:
    admin, lena, migration = moved
    steps = running.steps_of(migration)
    assert {s.kind: (s.created, s.known, s.rejected) for s in steps if not s.late} == {
        "company": (3, 0, 0), "contact": (3, 0, 1), "product": (1, 0, 0), "price": (1, 0, 0), "deal": (4, 0, 0),
        "line item": (2, 0, 0),
        "ticket": (2, 0, 0), "task": (2, 0, 0), "call": (1, 0, 0), "meeting": (1, 0, 0), "email": (1, 0, 0),
        "note": (1, 0, 0), "note file": (1, 0, 0),
    }  # fmt: skip
    companies, people, deals = (by_title(admin, key) for key in ("company", "person", "deal"))
    plant, holding = companies["Nordlicht Maschinenbau GmbH"], companies["Nordlicht Holding AG"]
    assert plant.values["parent"] == holding.id
    ines, paul = people["Ines Okafor"], people["Paul Reyes"]
    assert (ines.values["company"], ines.values["owner"]) == (plant.id, lena)
    assert paul.values["owner"] == admin.user_id
    assert [p["value"] for p in ines.values["emails"]] == ["ines@nordlicht.example"]
    assert deals["Press line"].values["company"] == plant.id
    assert deals["Spare parts"].values["person"] == ines.id
    assert set(deals["Spare parts"].values["people"]) == {ines.id, paul.id}
    line = by_title(admin, "dealline")["Press P40"]
    assert (line.values["deal"], line.values["quantity"], line.values["discount"]) == (
        deals["Press line"].id, Decimal(2), Decimal(5),
    )  # fmt: skip
    assert line.values["product"] == only(admin, "product").id
    assert prices(admin) == [("HubSpot EUR", True, "Press P40", "62500.25 EUR")]
    assert str(line.values["price"].major) == "62500.25"
    call, meeting, mail, note = (
        next(r for r in rows(admin, "interaction") if r.values["kind"] == kind)
        for kind in ("call", "meeting", "mail", "note")
    )
    assert (call.values["minutes"], call.values["outcome"], call.values["direction"]) == (21, "reached", "out")
    assert (call.values["deal"], tuple(call.values["people"])) == (deals["Press line"].id, (ines.id,))
    assert set(meeting.values["people"]) == {ines.id, paul.id}
    assert mail.values["body"] == "Dear Ines,\nhere it is."
    assert note.values["body"] == "Budget comes from the holding"
    (file,) = storing.files_of(admin, "interaction", note.id)
    assert (file["name"], file["content_type"]) == ("floor-plan.txt", "text/plain")


def test_moments_are_those_of_the_zone_and_records_are_as_old_as_they_were(moved: Any) -> None:
    admin, _lena, _migration = moved
    company = by_title(admin, "company")["Quayside Foods Ltd"]
    assert company.values["created_at"] == dt.datetime(2024, 5, 30, 21, 30, tzinfo=UTC)
    change = Change.objects.get(object_key="company", record_id=company.id, action="create")
    assert (change.at, change.door) == (dt.datetime(2024, 5, 30, 21, 30, tzinfo=UTC), "import")
    assert by_title(admin, "deal")["Press line"].values["close_on"] == dt.date(2026, 6, 30)


def test_pipelines_and_stages_are_made_in_order_and_closed_deals_close_at_their_time(moved: Any) -> None:
    admin, _lena, migration = moved
    deals = by_title(admin, "deal")
    won, lost, offered = deals["Oven refit"], deals["Spare parts"], deals["Press line"]
    assert (won.values["outcome"], won.values["closed_at"]) == ("won", dt.datetime(2025, 9, 14, 13, 30, tzinfo=UTC))
    assert (lost.values["outcome"], lost.values["lost_reason"], lost.values["lost_note"]) == (
        "lost", "other", "Budget was cut",
    )  # fmt: skip
    assert (str(won.values["amount"].major), won.values["amount"].currency) == ("18900.00", "GBP")
    assert (offered.values["outcome"], offered.values["probability"]) == ("open", 90)
    pipelines = by_title(admin, "pipeline")
    stages = [r for r in rows(admin, "stage", sort="position") if r.values["pipeline"] == pipelines["Renewals"].id]
    assert [(s.title, s.values["outcome"], s.values["probability"]) for s in stages] == [
        ("Offer out", "open", 40), ("Won", "won", 100), ("Lost to nobody", "lost", 0),
    ]  # fmt: skip
    assert migration.made["counts"]["pipelines"] >= 1


def test_unknown_columns_become_fields_of_their_types_and_computed_ones_stay(moved: Any) -> None:
    admin, _lena, migration = moved
    fields = {str(spec.label): spec.type.key for spec in catalog.current()["person"].customs}
    assert fields == {
        "Preferred channel": "text", "NPS last year": "number", "Member since": "date", "Newsletter": "boolean",
    }  # fmt: skip
    person = by_title(admin, "person")["Ines Okafor"]
    assert (person.values["nps_last_year"], person.values["newsletter"]) == (9, True)
    assert person.values["member_since"] == dt.date(2019, 5, 1)
    entry = next(e for e in migration.plan["files"] if e["kind"] == "company")
    assert entry["skipped"] == ["Number of times contacted"]
    company = by_title(admin, "company")["Nordlicht Maschinenbau GmbH"]
    assert (company.values["size"], company.values["number_of_employees"]) == ("51-200", 180)


def test_tasks_and_tickets_that_were_done_are_done_at_their_time(moved: Any) -> None:
    admin, lena, _migration = moved
    task = by_title(admin, "task")["Send the manual"]
    assert (task.values["status"], task.values["done_at"]) == ("done", dt.datetime(2025, 12, 2, 15, tzinfo=UTC))
    assert task.values["assignee"] == lena
    ticket = by_title(admin, "ticket")["Manual missing"]
    assert (ticket.values["status"], ticket.values["solution"]) == ("solved", "Sent by mail")
    assert ticket.values["solved_at"] == dt.datetime(2025, 12, 3, 10, tzinfo=UTC)
    assert ticket.values["opened_at"] == dt.datetime(2025, 12, 1, 6, 30, tzinfo=UTC)
    assert ticket.labels["queue"] == "Support Pipeline"


def test_what_is_wrong_is_refused_or_left_out_with_its_reason(moved: Any) -> None:
    admin, _lena, migration = moved
    contacts = step(migration, "contact")
    assert (contacts.rejected, contacts.noted) == (1, 1)
    assert not by_title(admin, "person")["Mara Jensen"].values["emails"]
    told = b"".join(reporting.issues_csv(migration.pk)).decode("utf-8-sig").splitlines()
    assert any(",4,no," in line and "Give a name" in line for line in told)
    assert any(",5,yes,e-mails" in line and "mara@@jensen" in line for line in told)


def test_a_second_run_doubles_nothing(moved: Any) -> None:
    admin, _lena, _first = moved
    before = {key: len(rows(admin, key)) for key in ("person", "company", "deal", "interaction", "file", "stage")}
    again = bring(admin, "hubspot", DATA / "hubspot")
    assert {key: len(rows(admin, key)) for key in before} == before
    assert step(again, "contact").known == 3
    assert set(again.made["counts"].values()) == {0}
