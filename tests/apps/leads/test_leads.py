"""Leads: who gets them, how fast they are answered, what qualifies them, what becomes of them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from tests import factories as f
from tests.contract.conftest import signed_in

from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid
from rapport.records.jobs import worker
from rapport.records.models import Team
from rapport.records.read import visible
from rapport.registry import catalog
from rapport.registry.objects import Action

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> Caller:
    return f.admin()


def lead(caller: Caller, **values: Any) -> int:
    return write.create(caller, "lead", {"subject": "Vans", **values})


def read(caller: Caller, record_id: int) -> dict[str, Any]:
    return dict(visible(caller, "lead").get(record_id).values)


def act(caller: Caller, key: str, *ids: int, **values: Any) -> Any:
    action = next(a for a in catalog.current()["lead"].spec.actions if a.key == key)
    assert isinstance(action, Action)
    return action.run(caller, list(ids), values) if action.asks else action.run(caller, list(ids))


# -- who it is --------------------------------------------------------------------------------------------------------


def test_a_lead_is_called_by_what_is_known(ada: Caller) -> None:
    assert read(ada, lead(ada))["name"] == "Vans"
    assert read(ada, lead(ada, first_name="Noor", last_name="Okafor"))["name"] == "Noor Okafor"
    assert read(ada, lead(ada, email="a@b.example", company_name="Fjord"))["name"] == "a@b.example, Fjord"
    assert (
        read(ada, write.create(ada, "lead", {"description": "Read the price list twice"}))["name"] == "Somebody unknown"
    )


def test_a_known_mail_address_ties_it_to_the_person(ada: Caller) -> None:
    noor = f.make(ada, "person", first_name="Noor", emails=[{"value": "noor@fjord.example"}])
    assert read(ada, lead(ada, email="NOOR@fjord.example"))["person"] == noor
    assert read(ada, lead(ada, email="other@fjord.example"))["person"] is None


def test_nobody_learns_of_a_person_whom_they_may_not_see(ada: Caller) -> None:
    f.make(ada, "person", first_name="Noor", emails=[{"value": "noor@fjord.example"}], owner=ada.user_id)
    other = f.user(rights={"person": {"read": "own"}})
    assert read(other, lead(other, email="noor@fjord.example"))["person"] is None


# -- who gets it ------------------------------------------------------------------------------------------------------


def rule(ada: Caller, **values: Any) -> int:
    return f.make(ada, "assignment_rule", name="Rule", **values)


def test_a_team_gets_leads_in_turn(ada: Caller) -> None:
    team = Team.objects.create(name="Inside sales")
    people = [f.user(teams=[team]).user_id for _n in range(3)]
    rule(ada, among=team.pk)
    owners = [read(ada, lead(ada.through("api")))["owner"] for _n in range(7)]
    assert owners[:3] == owners[3:6]
    assert sorted(owners[:3]) == sorted(people)


def test_of_many_at_once_each_gets_the_same_number(ada: Caller) -> None:
    team = Team.objects.create(name="Inside sales")
    people = [f.user(teams=[team]).user_id for _n in range(3)]
    rule(ada, among=team.pk, how="load")
    for _n in range(4):
        lead(ada, owner=people[0])
    made = write.create_many(ada.through("import"), "lead", [{"subject": "Vans"}] * 8)
    owners = [read(ada, i or 0)["owner"] for i in made.ids]
    assert [owners.count(p) for p in people] == [0, 4, 4]


def test_the_first_rule_that_fits_counts(ada: Caller) -> None:
    grace, noor, last = f.user().user_id, f.user().user_id, f.user().user_id
    fair = f.make(ada, "lead_source", name="Trade fair")
    rule(ada, position=1, about="source", contains="FAIR", assignee=grace)
    rule(ada, position=2, about="country", contains="norw", assignee=noor)
    rule(ada, position=3, assignee=last, active=False)
    api = ada.through("api")
    assert read(ada, lead(api, source=fair, country="Norway"))["owner"] == grace
    assert read(ada, lead(api, country="Norway"))["owner"] == noor
    assert read(ada, lead(api))["owner"] == ada.user_id
    assert read(ada, lead(ada, country="Norway"))["owner"] == ada.user_id  # who entered it on a page has it
    assert read(ada, lead(ada, country="Norway", owner=None))["owner"] == noor
    by_hand = lead(ada, source=fair)
    assert act(ada, "assign", by_hand) == "1 lead given out."
    assert read(ada, by_hand)["owner"] == grace


# -- how fast it is answered ------------------------------------------------------------------------------------------


def test_taking_it_up_is_the_first_answer(ada: Caller) -> None:
    key = lead(ada)
    assert read(ada, key)["responded_at"] is None
    write.update(ada, "lead", key, {"status": "working"})
    first = read(ada, key)["responded_at"]
    assert first is not None
    assert read(ada, key)["response_minutes"] == 0
    write.update(ada, "lead", key, {"status": "new"})
    write.update(ada, "lead", key, {"status": "working"})
    assert read(ada, key)["responded_at"] == first


def test_a_call_to_the_person_is_an_answer_and_a_note_is_none(ada: Caller) -> None:
    noor = f.make(ada, "person", first_name="Noor")
    key = lead(ada, person=noor)
    created = read(ada, key)["created_at"]
    later = created + dt.timedelta(minutes=42, seconds=30)
    for kind, direction in (("note", ""), ("call", "in")):
        f.make(ada, "interaction", kind=kind, direction=direction, subject="x", people=[noor], at=later.isoformat())
    worker.drain()
    assert read(ada, key)["responded_at"] is None
    f.make(ada, "interaction", kind="call", direction="out", subject="x", people=[noor], at=later.isoformat())
    worker.drain()
    assert read(ada, key)["response_minutes"] == 42


# -- what qualifies it ------------------------------------------------------------------------------------------------


def test_it_is_qualified_when_every_must_is_met(ada: Caller) -> None:
    need = f.make(ada, "criterion", name="Has a need", must=True)
    f.make(ada, "criterion", name="Soon", must=False)
    key = lead(ada)
    with pytest.raises(Invalid, match="Has a need"):
        write.update(ada, "lead", key, {"status": "qualified"})
    client = signed_in(ada)
    text = client.get(f"/leads/{key}/").content.decode()
    assert "0 of 2 met" in text
    answer = client.post(f"/leads/{key}/checklist/", {"met": [need], "version": read_version(ada, key)})
    assert answer.status_code == 303
    assert "ready to be qualified" in client.get(f"/leads/{key}/").content.decode()
    write.update(ada, "lead", key, {"status": "qualified"})
    assert read(ada, key)["status"] == "qualified"


def read_version(caller: Caller, record_id: int) -> int:
    return visible(caller, "lead").get(record_id).version


def test_who_may_not_edit_ticks_nothing(ada: Caller) -> None:
    need = f.make(ada, "criterion", name="Has a need")
    key = lead(ada)
    other = f.user(rights={"lead": {"read": "all", "edit": "none"}})
    assert signed_in(other).post(f"/leads/{key}/checklist/", {"met": [need], "version": "1"}).status_code == 403
    assert not read(ada, key)["met"]


# -- what becomes of it -----------------------------------------------------------------------------------------------


@pytest.fixture
def stage(ada: Caller) -> int:
    return f.make(ada, "stage", name="Qualify")


def test_it_becomes_a_person_a_company_and_a_deal(ada: Caller, stage: int) -> None:
    key = lead(
        ada, first_name="Noor", last_name="Okafor", email="noor@fjord.example", phone="+493012345678",
        company_name="Fjord", amount="5000 EUR",
    )  # fmt: skip
    act(ada, "convert", key)
    made = read(ada, key)
    person = visible(ada, "person").get(made["person"]).values
    company = visible(ada, "company").get(made["company"]).values
    deal = visible(ada, "deal").get(made["deal"]).values
    assert (made["status"], person["name"], company["name"]) == ("converted", "Noor Okafor", "Fjord")
    assert (person["company"], person["lifecycle"]) == (made["company"], "qualified")
    assert [d["value"] for d in company["domains"]] == ["fjord.example"]
    assert (deal["name"], deal["person"], deal["company"], deal["stage"]) == (
        "Vans",
        made["person"],
        made["company"],
        stage,
    )
    assert deal["amount"].amount == 500_000
    act(ada, "convert", key)  # once is enough
    assert visible(ada, "deal").count() == 1


def test_who_is_known_is_taken_as_they_are(ada: Caller, stage: int) -> None:
    fjord = f.make(ada, "company", name="Fjord")
    noor = f.make(ada, "person", first_name="Noor", emails=[{"value": "n@fjord.example"}], lifecycle="lead")
    key = lead(ada, first_name="N.", email="n@fjord.example", company_name="fjord")
    act(ada, "convert", key)
    assert (read(ada, key)["person"], read(ada, key)["company"]) == (noor, fjord)
    person = visible(ada, "person").get(noor).values
    assert (person["first_name"], person["company"], person["lifecycle"]) == ("Noor", fjord, "qualified")
    assert visible(ada, "person").count() == 1


def test_a_contact_may_be_kept_without_a_deal(ada: Caller) -> None:
    key = lead(ada, last_name="Okafor", email="noor@gmail.com", company_name="Fjord")
    act(ada, "keep", key)
    assert read(ada, key)["deal"] is None
    assert not visible(ada, "company").get(read(ada, key)["company"]).values["domains"]  # gmail.com is nobody's own


def test_what_can_not_be_made_leaves_everything_as_it_was(ada: Caller) -> None:
    key = lead(ada, last_name="Okafor")  # and no pipeline for a deal
    with pytest.raises(Invalid):
        act(ada, "convert", key)
    assert visible(ada, "person").count() == 0
    assert read(ada, key)["status"] == "new"
    with pytest.raises(Invalid):
        write.update(ada, "lead", key, {"status": "converted"})


def test_nothing_comes_of_it_for_a_reason(ada: Caller) -> None:
    key = lead(ada)
    with pytest.raises(Invalid):
        write.update(ada, "lead", key, {"status": "disqualified"})
    act(ada, "disqualify", key, reason="no_budget")
    assert (read(ada, key)["reason"], read(ada, key)["closed_at"] is None) == ("no_budget", False)
    act(ada, "reopen", key)
    assert (read(ada, key)["status"], read(ada, key)["reason"], read(ada, key)["closed_at"]) == ("working", "", None)


def test_the_home_page_shows_who_waits(ada: Caller) -> None:
    lead(ada, last_name="Okafor")
    lead(ada, last_name="Durand", owner=f.user().user_id)
    text = signed_in(ada).get("/").content.decode()
    assert "Okafor" in text
    assert "Durand" not in text
