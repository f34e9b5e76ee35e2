"""Playbooks: which come up, answering in place and beside a call, fields that take answers, gates, the editor."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from tests import factories as f
from tests.contract.conftest import signed_in
from tests.database import snapshot

from rapport.records import write
from rapport.records.accounts import epochs
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.models import User
from rapport.records.errors import Invalid, NotFound
from rapport.records.models import Change
from rapport.records.read import visible

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def ada() -> Caller:
    return f.admin()


@pytest.fixture
def line(ada: Caller) -> dict[str, int]:
    pipeline = f.make(ada, "pipeline", name="Sales")
    outcomes = {"talks": "open", "offer": "open", "won": "won", "lost": "lost"}
    return {
        name: f.make(ada, "stage", name=name, pipeline=pipeline, position=i, outcome=outcome)
        for i, (name, outcome) in enumerate(outcomes.items())
    }


def steps_of(ada: Caller, book: int, *rows: dict[str, Any]) -> list[int]:
    return [write.create(ada, "playbook_step", {"playbook": book, "position": n, **row}) for n, row in enumerate(rows)]


@pytest.fixture
def talks(ada: Caller, line: dict[str, int]) -> tuple[int, list[int]]:
    """A playbook of the stage “talks”: a required price that fills the amount, and a choice."""
    book = write.create(ada, "playbook", {"name": "Talks", "stages": [line["talks"]]})
    return book, steps_of(
        ada, book,
        {"name": "Which price?", "wording": "Let us **put a number** to it.", "reply": "number", "must": True,
         "fills": "deal.amount"},
        {"name": "In return?", "reply": "choice", "options": "Reference\nLonger term"},
    )  # fmt: skip


def answers(caller: Caller, **about: int) -> dict[str, str]:
    ((name, key),) = about.items()
    rows = visible(caller, "playbook_answer").page(
        columns=("value",), filter={"field": name, "op": "is", "value": key}
    ).rows  # fmt: skip
    return {row.title: row.values["value"] for row in rows}


def post(client: Client, deal: int, book: int, step: int, value: str, **headers: str) -> Any:
    sent = {"step": step, f"step-{step}": value}
    return client.post(f"/playbooks/deals/{deal}/{book}/answer/", sent, headers=headers or HTMX)


def test_a_deal_shows_the_playbook_of_its_stage_and_is_answered_in_place(
    ada: Caller, line: dict[str, int], talks: tuple[int, list[int]]
) -> None:
    book, (price, choice) = talks
    deal = write.create(ada, "deal", {"name": "Vans", "stage": line["talks"], "amount": "5 USD"})
    client = signed_in(ada)
    page = client.get(f"/deals/{deal}/").content.decode()
    assert "Which price?" in page
    assert "<strong>put a number</strong>" in page
    answer = post(client, deal, book, price, "1250.5")
    assert answer.status_code == 200
    assert "main:refresh" in answer["HX-Trigger"]
    assert "1 of 2 answered" in answer.content.decode()
    assert "Ada" in answer.content.decode()
    assert answers(ada, deal=deal) == {"Which price?": "1250.5"}
    amount = visible(ada, "deal").get(deal).values["amount"]
    assert (str(amount.major), amount.currency) == ("1250.50", "USD")  # in the currency that the deal had
    wrong = post(client, deal, book, choice, "A discount")
    assert wrong.status_code == 422
    assert "Choose one of" in wrong.content.decode()
    post(client, deal, book, choice, "reference")
    assert answers(ada, deal=deal) == {"Which price?": "1250.5", "In return?": "Reference"}
    post(client, deal, book, choice, "")
    assert answers(ada, deal=deal) == {"Which price?": "1250.5"}
    logged = Change.objects.filter(object_key="playbook_answer").values_list("action", flat=True)
    assert list(logged) == ["create", "create", "delete"]
    write.update(ada, "deal", deal, {"stage": line["offer"]})
    later = client.get(f"/deals/{deal}/").content.decode()
    assert "1 of 2 answered" in later  # what was answered stays on the page
    other = write.create(ada, "deal", {"name": "Trucks", "stage": line["offer"]})
    assert "Which price?" not in client.get(f"/deals/{other}/").content.decode()


def test_without_scripts_the_answer_leads_back_to_the_page(
    ada: Caller, line: dict[str, int], talks: tuple[int, list[int]]
) -> None:
    book, (price, _choice) = talks
    deal = write.create(ada, "deal", {"name": "Vans", "stage": line["talks"]})
    answer = post(signed_in(ada), deal, book, price, "7", Accept="text/html")
    assert (answer.status_code, answer["Location"]) == (303, f"/deals/{deal}/")
    assert answers(ada, deal=deal) == {"Which price?": "7"}


def test_answers_have_the_rights_of_their_record(line: dict[str, int], talks: tuple[int, list[int]]) -> None:
    book, (price, choice) = talks
    reads = f.user("Ben", rights={"deal": {"read": "all", "edit": "own"}})
    blind = f.user("Cid", rights={"deal": {"read": "own", "edit": "own"}})
    owner = f.user("Dot")
    deal = write.create(owner, "deal", {"name": "Vans", "stage": line["talks"]})
    made = write.create(owner, "playbook_answer", {"step": choice, "deal": deal, "value": "Reference"})
    assert visible(reads, "playbook_answer").get(made).may == frozenset()
    with pytest.raises(NotFound):
        visible(blind, "playbook_answer").get(made)
    client = signed_in(reads)
    before = snapshot()
    with pytest.raises(Invalid, match="You may not add"):
        write.create(reads, "playbook_answer", {"step": price, "deal": deal, "value": "3"})
    with pytest.raises(Invalid):
        write.create(blind, "playbook_answer", {"step": price, "deal": deal, "value": "3"})
    assert post(client, deal, book, price, "3").status_code == 422
    assert snapshot() == before
    assert '<form class="form" method="post" action="/playbooks/' not in (
        client.get(f"/deals/{deal}/").content.decode()
    )


def test_a_field_that_may_not_be_changed_refuses_the_answer(line: dict[str, int], talks: tuple[int, list[int]]) -> None:
    _book, (price, _choice) = talks
    ben = f.user("Ben", rights={"*": {"read": "all", "edit": "all"}}, fields={"deal": {"amount": "read"}})
    deal = write.create(ben, "deal", {"name": "Vans", "stage": line["talks"]})
    before = snapshot()
    with pytest.raises(Invalid) as refused:
        write.create(ben, "playbook_answer", {"step": price, "deal": deal, "value": "3"})
    assert refused.value.errors.keys() == {"value"}
    assert snapshot() == before


def test_a_gate_waits_for_required_steps(ada: Caller, line: dict[str, int], talks: tuple[int, list[int]]) -> None:
    book, (price, _choice) = talks
    client = signed_in(ada)
    url = f"/settings/pipelines/stages/{line['talks']}/"
    assert "The playbooks of this stage" in client.get(url).content.decode()
    client.post(url, {"holds": ["playbooks", "nonsense"]})
    assert visible(ada, "stage").get(line["talks"]).values["holds"] == ["playbooks"]
    deal = write.create(ada, "deal", {"name": "Vans", "stage": line["talks"]})
    with pytest.raises(Invalid, match=r"Which price\?"):
        write.update(ada, "deal", deal, {"stage": line["offer"]})
    assert visible(ada, "deal").get(deal).values["stage"] == line["talks"]
    post(client, deal, book, price, "10")
    write.update(ada, "deal", deal, {"stage": line["offer"]})
    other = write.create(ada, "deal", {"name": "Trucks", "stage": line["talks"]})
    write.update(ada, "deal", other, {"stage": line["lost"], "lost_reason": "price"})  # losing passes every gate
    third = write.create(ada, "deal", {"name": "Bikes", "stage": line["talks"]})
    write.update(ada, "playbook", book, {"active": False})
    write.update(ada, "deal", third, {"stage": line["offer"]})


@pytest.fixture
def call(ada: Caller) -> list[int]:
    """A playbook for calls with leads."""
    values = {"name": "First call", "kinds": ["call"], "lifecycles": ["lead"]}
    book = write.create(ada, "playbook", values)
    return steps_of(
        ada, book,
        {"name": "How many vehicles?", "wording": "How many are on the *road*?", "reply": "number"},
        {"name": "Which job?", "fills": "person.job"},
    )  # fmt: skip


def test_beside_a_call_answers_are_kept_with_the_interaction(ada: Caller, call: list[int]) -> None:
    person = f.make(ada, "person", lifecycle="lead")
    client = signed_in(ada)
    form = client.get(f"/people/{person}/compose/call/", headers=HTMX).content.decode()
    assert "Playbook: First call" in form
    assert "<em>road</em>" in form
    assert "First call" not in client.get(f"/people/{person}/compose/mail/", headers=HTMX).content.decode()
    customer = f.make(ada, "person", lifecycle="customer")
    assert "First call" not in client.get(f"/people/{customer}/compose/call/", headers=HTMX).content.decode()
    sent = {
        "fields": "body,direction", "body": "Spoke with her", "direction": "out", "submission": "once",
        f"step-{call[0]}": "12", f"step-{call[1]}": "Dispatcher",
    }  # fmt: skip
    for _twice in range(2):
        assert client.post(f"/people/{person}/compose/call/", sent, headers=HTMX).status_code == 200
    made = visible(ada, "interaction").ids()
    assert len(made) == 1
    assert answers(ada, interaction=made[0]) == {"How many vehicles?": "12", "Which job?": "Dispatcher"}
    assert visible(ada, "person").get(person).values["job"] == "Dispatcher"
    page = client.get(f"/interactions/{made[0]}/").content.decode()
    assert "Dispatcher" in page
    assert "2 of 2 answered" in page


def test_what_is_refused_beside_a_call_writes_nothing_and_stays_typed(ada: Caller, call: list[int]) -> None:
    person = f.make(ada, "person", lifecycle="lead")
    client = signed_in(ada)
    before = snapshot()
    sent = {"fields": "body", "body": "Spoke with her", f"step-{call[0]}": "a dozen", f"step-{call[1]}": "Captain"}
    answer = client.post(f"/people/{person}/compose/call/", sent, headers=HTMX)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Give a number." in page
    assert "Captain" in page
    assert "a dozen" in page
    assert snapshot() == before


def test_numbers_are_typed_as_the_reader_writes_them(
    ada: Caller, line: dict[str, int], talks: tuple[int, list[int]]
) -> None:
    book, (price, _choice) = talks
    ben = f.user("Ben")
    User.objects.filter(pk=ben.user_id).update(language="de")
    epochs.raise_(epochs.RIGHTS)
    deal = write.create(ben, "deal", {"name": "Vans", "stage": line["talks"]})
    answer = post(signed_in(ben), deal, book, price, "1.250,75")
    assert answers(ben, deal=deal) == {"Which price?": "1250.75"}
    assert "1250,75" in answer.content.decode().replace(".", "")


def test_a_lead_shows_playbooks_of_its_source(ada: Caller) -> None:
    fair, web = (f.make(ada, "lead_source", name=name) for name in ("Fair", "Web"))
    book = write.create(ada, "playbook", {"name": "After the fair", "kinds": ["call"], "sources": [fair]})
    (step,) = steps_of(ada, book, {"name": "Which booth?", "reply": "text", "fills": "lead.job"})
    lead = f.make(ada, "lead", last_name="Hopper", source=fair)
    client = signed_in(ada)
    assert "Which booth?" in client.get(f"/leads/{lead}/").content.decode()
    other = f.make(ada, "lead", last_name="Turing", source=web)
    assert "Which booth?" not in client.get(f"/leads/{other}/").content.decode()
    client.post(f"/playbooks/leads/{lead}/{book}/answer/", {"step": step, f"step-{step}": "B 12"}, headers=HTMX)
    assert answers(ada, lead=lead) == {"Which booth?": "B 12"}
    assert visible(ada, "lead").get(lead).values["job"] == "B 12"


@pytest.mark.parametrize(
    ("step", "field"),
    [
        ({"reply": "choice", "options": "Only one"}, "options"),
        ({"reply": "tick", "fills": "deal.amount"}, "fills"),
        ({"reply": "text", "fills": "deal.nothing"}, "fills"),
        ({"reply": "text", "fills": "user.password"}, "fills"),
        ({"reply": "choice", "options": "Yes\nNo", "fills": "deal.forecast"}, "options"),
    ],
)  # fmt: skip
def test_steps_that_can_not_be_are_refused(ada: Caller, step: dict[str, str], field: str) -> None:
    book = write.create(ada, "playbook", {"name": "Talks"})
    with pytest.raises(Invalid) as refused:
        write.create(ada, "playbook_step", {"playbook": book, "name": "What?", **step})
    assert refused.value.errors.keys() == {field}


def test_an_answer_is_about_something_and_to_a_step(ada: Caller, talks: tuple[int, list[int]]) -> None:
    _book, (price, _choice) = talks
    with pytest.raises(Invalid) as refused:
        write.create(ada, "playbook_answer", {"step": price, "value": "3"})
    assert refused.value.errors.keys() == {"deal"}
    with pytest.raises(Invalid) as refused:
        write.create(ada, "playbook_answer", {"deal": f.make(ada, "deal"), "value": "3"})
    assert refused.value.errors.keys() == {"step"}


# -- the editor --------------------------------------------------------------------------------------------------------


def form(*rows: dict[str, str], **values: Any) -> dict[str, Any]:
    sent: dict[str, Any] = {"name": "Talks", "position": "1", "active": "true", **values, "row": []}
    for number, row in enumerate(rows):
        sent["row"].append(f"s{number}")
        sent |= {f"s{number}-{name}": value for name, value in {"reply": "text", **row}.items()}
    return sent


def titles(ada: Caller, book: int) -> list[str]:
    condition = {"field": "playbook", "op": "is", "value": book}
    return [r.title for r in visible(ada, "playbook_step").page(filter=condition, sort="position").rows]


def test_the_editor_adds_moves_and_removes_steps(ada: Caller, line: dict[str, int]) -> None:
    client = signed_in(ada)
    made = client.post("/settings/playbooks/", {"name": "Talks"})
    url = made["Location"]
    (book,) = visible(ada, "playbook").ids()
    assert url == f"/settings/playbooks/{book}/"
    before = snapshot()
    page = client.post(url, form({"name": "One"}, act="add"))
    assert page.content.decode().count('name="row"') == 2
    page = client.post(url, form({"name": "One"}, {"name": "Two"}, act="up-1")).content.decode()
    assert page.index('value="Two"') < page.index('value="One"')
    page = client.post(url, form({"name": "One"}, {"name": "Two"}, act="remove-0")).content.decode()
    assert 'value="One"' not in page
    assert "data-dirty" in page
    assert snapshot() == before  # nothing is saved before it is asked for
    rows = ({"name": "Two"}, {"name": "One", "must": "true"}, {"name": ""})
    saved = client.post(url, form(*rows, act="save", stages=[line["talks"]], kinds=["call"]))
    assert saved.status_code == 303
    assert titles(ada, book) == ["Two", "One"]
    values = visible(ada, "playbook").get(book).values
    assert (values["stages"], values["kinds"]) == ((line["talks"],), ("call",))
    two, one = visible(ada, "playbook_step").page(sort="position").rows
    client.post(url, form({"name": "One, again", "id": str(one.id)}, act="save"))
    assert titles(ada, book) == ["One, again"]
    assert visible(ada, "playbook_step").allowed([two.id]) == set()
    listed = client.get("/settings/playbooks/").content.decode()
    assert "1 step" in listed
    client.post(url, {"act": "delete"})
    assert visible(ada, "playbook").ids() == []


def test_the_editor_shows_what_is_wrong_and_saves_nothing(ada: Caller, talks: tuple[int, list[int]]) -> None:
    book, (price, choice) = talks
    client = signed_in(ada)
    before = snapshot()
    rows = ({"name": "Changed", "id": str(price)}, {"name": "In return?", "id": str(choice), "reply": "choice"})
    page = client.post(f"/settings/playbooks/{book}/", form(*rows, act="save", name=""))
    assert page.status_code == 422
    assert "Give between two and 30 options" in page.content.decode()
    assert "This is needed." in page.content.decode()
    assert snapshot() == before
    foreign = steps_of(ada, write.create(ada, "playbook", {"name": "Other"}), {"name": "Mine"})
    assert client.post(f"/settings/playbooks/{book}/", form({"name": "x", "id": str(foreign[0])})).status_code == 404


def test_only_administrators_edit_playbooks(ada: Caller, talks: tuple[int, list[int]]) -> None:
    book, _steps = talks
    client = signed_in(f.user("Ben"))
    before = snapshot()
    for url in ("/settings/playbooks/", f"/settings/playbooks/{book}/"):
        assert client.get(url).status_code == 403
        assert client.post(url, {"name": "Mine"}).status_code == 403
    assert snapshot() == before
