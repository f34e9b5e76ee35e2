"""Salesforce, Pipedrive, Zoho, Zendesk and the API of HubSpot: whole exports, from files to related records."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from tests import factories as f
from tests.apps.migration.moving import DATA, bring, by_title, colleague, counts, only, prices, rows, stages_of

from rapport.features.files import storing
from rapport.registry import catalog

pytestmark = pytest.mark.django_db
UTC = dt.UTC


@pytest.fixture
def admin() -> Any:
    return f.admin()


@pytest.fixture
def lena(admin: Any) -> int:
    return colleague("Lena Brandt", "lena@acme.example")


def kinds(admin: Any) -> dict[str, Any]:
    """Interactions by their kind."""
    return {row.values["kind"]: row for row in rows(admin, "interaction")}


def test_salesforce_data_export(admin: Any, lena: int) -> None:
    migration = bring(admin, "salesforce", DATA / "salesforce", unknown="empty")
    assert counts(migration) == {
        "account": (2, 0), "contact": (2, 0), "product": (1, 0), "price": (2, 0), "opportunity": (3, 0), "role": (1, 0),
        "lead": (3, 0),
        "line": (1, 0), "case": (1, 0), "case comment": (1, 0), "task": (1, 0), "logged task": (1, 0), "event": (1, 0),
        "note": (1, 0), "attachment": (1, 0), "content link": (1, 1),
    }  # fmt: skip
    companies, people, deals = (by_title(admin, key) for key in ("company", "person", "deal"))
    parent, child = companies["Hanse Logistik GmbH"], companies["Hanse Terminal Nord"]
    assert (child.values["parent"], child.values["owner"], parent.values["owner"]) == (parent.id, None, lena)
    assert parent.values["address"]["street"] == "Speicherstr. 4 2. OG"
    assert parent.values["contract_class"] == "Gold"
    noor = people["Noor Haddad"]
    assert (noor.values["company"], noor.values["loyalty_points"]) == (parent.id, Decimal("12.50"))
    won, open_, lost = deals["Crane control"], deals["Gate software"], deals["Scanner"]
    assert [d.values["outcome"] for d in (won, open_, lost)] == ["won", "open", "lost"]
    assert won.values["closed_at"].date() == dt.date(2021, 7, 29)
    assert (open_.values["probability"], open_.values["forecast"]) == (55, "best")
    assert str(won.values["amount"].major) == "249999.99"
    assert stages_of(admin, "Salesforce") == [
        ("Discovery", "open", 15), ("Proposal", "open", 60), ("Signed", "won", 100), ("Walked Away", "lost", 0),
    ]  # fmt: skip
    assert prices(admin) == [
        ("Standard Price Book EUR", True, "Crane module", "129999.50 EUR"),
        ("Partners EUR", False, "Crane module", "110000.00 EUR"),
    ]
    member = only(admin, "buying_group_member")
    assert (member.values["deal"], member.values["person"], member.values["role"]) == (won.id, noor.id, "decides")
    leads = {r.values["email"]: r for r in rows(admin, "lead")}
    converted = leads["noor@hanse.example"].values
    assert (converted["status"], converted["person"], converted["company"], converted["deal"]) == (
        "converted", noor.id, parent.id, won.id,
    )  # fmt: skip
    assert leads["jo@kern.example"].values["status"] == "disqualified"
    assert leads["ida@winter.example"].labels["source"] == "Web"
    line = only(admin, "dealline")
    assert (line.values["deal"], line.values["product"]) == (won.id, only(admin, "product").id)
    found = kinds(admin)
    assert (found["call"].values["minutes"], found["call"].values["deal"]) == (10, won.id)
    assert found["call"].values["at"] == dt.datetime(2021, 5, 3, 9, 30, tzinfo=UTC)
    assert (found["meeting"].values["minutes"], found["meeting"].values["company"]) == (90, parent.id)
    ticket = only(admin, "ticket")
    assert (ticket.values["status"], ticket.values["channel"]) == ("solved", "phone")
    assert ticket.values["solved_at"] == dt.datetime(2025, 6, 1, 12, 45, tzinfo=UTC)
    assert only(admin, "ticketentry").values["kind"] == "answer"
    assert [x["name"] for x in storing.files_of(admin, "deal", won.id)] == ["contract.txt"]
    assert [x["name"] for x in storing.files_of(admin, "company", parent.id)] == ["terminal-map.txt"]


def test_salesforce_reports_with_short_ids_and_american_numbers(admin: Any, lena: int) -> None:
    admin = f.caller_of(admin.user_id)
    migration = bring(admin, "salesforce", DATA / "salesforce_reports")
    assert counts(migration) == {"account": (1, 0), "contact": (1, 0), "opportunity": (1, 0)}
    company, person, deal = only(admin, "company"), only(admin, "person"), only(admin, "deal")
    assert (person.values["company"], person.values["owner"]) == (company.id, lena)
    assert person.values["created_at"].date() == dt.date(2021, 12, 23)
    amount = deal.values["amount"]
    assert (str(amount.major), amount.currency, deal.values["company"]) == ("1250000.50", "USD", company.id)
    assert (deal.values["close_on"], deal.values["probability"]) == (dt.date(2026, 11, 30), 85)


def test_hubspot_answers_of_the_api(admin: Any, lena: int) -> None:
    migration = bring(admin, "hubspot", DATA / "hubspot_api")
    assert counts(migration) == {"company": (1, 0), "contact": (2, 0), "deal": (2, 0)}
    company, people, deals = only(admin, "company"), by_title(admin, "person"), by_title(admin, "deal")
    ines = people["Ines Okafor"]
    assert (ines.values["company"], ines.values["owner"]) == (company.id, lena)
    assert people["Paul Reyes"].values["owner"] is None
    field = catalog.current()["person"].customs[0]
    assert (str(field.label), ines.values[field.name]) == ("Favourite colour", "Blue")
    assert (deals["Press line"].values["person"], deals["Press line"].labels["stage"]) == (ines.id, "Contract Sent")
    renewed = deals["Oven refit"]
    assert (renewed.labels["stage"], renewed.values["outcome"]) == ("Renewed", "won")
    assert (str(renewed.values["amount"].major), renewed.values["owner"]) == ("10", admin.user_id)
    assert stages_of(admin, "Renewals") == [("Offer out", "open", 40), ("Renewed", "won", 100), ("Left us", "lost", 0)]


def test_pipedrive_exports_and_answers_of_its_api(admin: Any, lena: int) -> None:
    migration = bring(admin, "pipedrive", DATA / "pipedrive")
    assert counts(migration) == {
        "organization": (2, 0), "person": (2, 0), "product": (1, 0), "price": (1, 0), "deal": (3, 0), "lead": (1, 0),
        "deal product": (1, 0), "activity": (1, 0), "done activity": (1, 0), "note": (1, 0), "file": (1, 0),
    }  # fmt: skip
    companies, people, deals = (by_title(admin, key) for key in ("company", "person", "deal"))
    bikes, mia = companies["Alpen Bike AG"], people["Mia Rossi"]
    assert (mia.values["company"], mia.values["first_name"], people["Cher"].values["last_name"]) == (
        bikes.id, "Mia", "Cher",
    )  # fmt: skip
    assert {(p["label"], p["value"]) for p in mia.values["emails"]} == {
        ("work", "mia@alpen.example"), ("home", "mia@home.example"),
    }  # fmt: skip
    assert list(by_title(admin, "tag")) == ["Key account"]
    fleet, lost, won = deals["Rental fleet"], deals["Helmets"], deals["Pedals"]
    assert (fleet.labels["stage"], fleet.values["delivery"], fleet.values["probability"]) == ("Test ride", "Train", 70)
    assert (str(fleet.values["amount"].major), fleet.values["amount"].currency) == ("48000.50", "CHF")
    assert (lost.values["outcome"], lost.values["lost_note"]) == ("lost", "Too slow")
    assert lost.values["closed_at"] == dt.datetime(2024, 2, 6, 10, 30, tzinfo=UTC)
    assert (won.values["outcome"], won.values["closed_at"]) == ("won", dt.datetime(2025, 2, 6, 10, 30, tzinfo=UTC))
    assert stages_of(admin, "Fleets") == [
        ("First talk", "open", 20), ("Test ride", "open", 70), ("Won", "won", 100), ("Lost", "lost", 0),
    ]  # fmt: skip
    lead = only(admin, "lead")
    assert (lead.values["person"], str(lead.values["amount"].major)) == (mia.id, "9000.00")
    line = only(admin, "dealline")
    assert (line.values["deal"], line.values["quantity"], str(line.values["price"].major)) == (fleet.id, 20, "2400.02")
    assert prices(admin) == [("Pipedrive CHF", True, "E-bike", "2400.00 CHF")]
    found = kinds(admin)
    assert (found["call"].values["minutes"], found["call"].values["deal"]) == (25, fleet.id)
    assert found["note"].values["body"] == "Prefers blue"
    task = only(admin, "task")
    assert (task.values["due_at"], task.values["person"]) == (dt.datetime(2026, 4, 6, 8, tzinfo=UTC), mia.id)
    assert [x["name"] for x in storing.files_of(admin, "deal", fleet.id)] == ["offer.txt"]


def test_zoho_backup(admin: Any, lena: int) -> None:
    migration = bring(admin, "zoho", DATA / "zoho")
    assert counts(migration) == {
        "account": (2, 0), "contact": (1, 0), "product": (2, 0), "price": (1, 0), "deal": (2, 0), "lead": (2, 0),
        "case": (1, 0), "task": (1, 0), "event": (1, 0), "call": (1, 0), "note": (1, 0), "attachment": (1, 0),
    }  # fmt: skip
    companies, deals, person = by_title(admin, "company"), by_title(admin, "deal"), only(admin, "person")
    pharma = companies["Delta Pharma"]
    assert companies["Delta Labs"].values["parent"] == pharma.id
    assert set(by_title(admin, "tag")) == {"Health", "South"}
    assert pharma.values["owner"] == lena
    robots, lost = deals["Lab robots"], deals["Fridges"]
    assert (str(robots.values["amount"].major), robots.values["person"]) == ("75000.40", person.id)
    assert (lost.values["outcome"], lost.values["lost_note"]) == ("lost", "Price Higher than competitor")
    assert prices(admin) == [("Zoho CRM EUR", True, "Lab robot", "37500.20 EUR")]
    leads = {r.values["email"]: r.values for r in rows(admin, "lead")}
    assert (leads["sara@delta.example"]["status"], leads["sara@delta.example"]["person"]) == ("converted", person.id)
    assert leads["omar@said.example"]["status"] == "disqualified"
    found = kinds(admin)
    assert (found["call"].values["minutes"], found["call"].values["outcome"]) == (2, "interested")
    assert found["meeting"].values["at"] == dt.datetime(2026, 1, 20, 9, tzinfo=UTC)
    assert found["note"].values["deal"] == robots.id
    ticket = only(admin, "ticket")
    assert (ticket.values["solution"], ticket.values["status"]) == ("Firmware 2.1", "solved")
    assert [x["name"] for x in storing.files_of(admin, "deal", robots.id)] == ["lab-plan.txt"]


def test_zendesk_json_with_comments_and_attachments(admin: Any, lena: int) -> None:
    migration = bring(admin, "zendesk", DATA / "zendesk")
    assert counts(migration) == {
        "organization": (1, 0), "user": (2, 0), "group": (1, 0), "ticket": (2, 0), "comment": (3, 0),
        "comment file": (1, 0),
    }  # fmt: skip
    company, people, tickets = only(admin, "company"), by_title(admin, "person"), by_title(admin, "ticket")
    gina = people["Gina de Luca"]
    assert (gina.values["company"], gina.values["language"], gina.values["shop_size"]) == (company.id, "it", "large")
    assert company.values["support_level"] == "gold"
    cold, copy = tickets["Oven cold"], tickets["Invoice copy"]
    assert (cold.values["person"], cold.values["assignee"], cold.labels["queue"]) == (gina.id, lena, "Second level")
    assert (cold.values["status"], cold.values["solved_at"]) == ("solved", dt.datetime(2025, 3, 5, 7, tzinfo=UTC))
    assert (cold.values["oven_model"], copy.values["oven_model"]) == ("Oven X1", "Oven X2")
    assert cold.values["first_answered_at"] == dt.datetime(2025, 3, 1, 8, 30, tzinfo=UTC)
    assert (copy.values["status"], copy.values["assignee"]) == ("waiting", None)
    entries = {r.values["body"]: r.values["kind"] for r in rows(admin, "ticketentry")}
    assert entries == {
        "It does not heat.": "customer", "Please check the fuse.": "answer", "Known fault of X1": "note",
    }  # fmt: skip
    assert [x["name"] for x in storing.files_of(admin, "ticket", cold.id)] == ["oven.txt"]
