"""The page of a record: panels, related lists, files, sharing, trash, composer, timeline."""

from __future__ import annotations

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests import factories as f
from tests.contract.conftest import signed_in
from tests.database import snapshot

from rapport.records import write
from rapport.records.accounts import sharing
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Forbidden
from rapport.records.models import AuditEntry, Team
from rapport.records.read import visible
from rapport.registry.objects import Made
from rapport.surfaces.web.record import acting

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true", "HX-Target": "div#timeline"}


@pytest.fixture
def ada(db: None) -> Caller:
    return f.admin()


@pytest.fixture
def client(ada: Caller) -> Client:
    return signed_in(ada)


@pytest.fixture
def noor(ada: Caller) -> int:
    return f.make(ada, "person", first_name="Noor", last_name="Okafor")


def test_related_lists_show_the_newest_few_and_lead_to_all(client: Client, ada: Caller, noor: int) -> None:
    stage = f.make(ada, "stage")
    pipeline = f.write_values(ada, "stage", stage)["pipeline"]
    for number in range(7):
        write.create(ada, "deal", {"name": f"Deal {number}", "person": noor, "stage": stage, "pipeline": pipeline})
    page = client.get(f"/people/{noor}/").content.decode()
    assert [f"Deal {n}" in page for n in range(7)].count(True) >= 5
    assert "/deals/?filter=" in page
    assert f"/deals/quick/?person={noor}" in page


def test_queries_do_not_grow_with_what_is_related(client: Client, ada: Caller, noor: int) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/people/{noor}/").status_code == 200
        return len(queries)

    write.create(ada, "task", {"subject": "One", "person": noor})
    write.create(ada, "interaction", {"kind": "call", "body": "One", "people": [noor]})
    few = count()
    for number in range(12):
        write.create(ada, "task", {"subject": f"T{number}", "person": noor})
        write.create(ada, "interaction", {"kind": "note", "body": f"N{number}", "people": [noor]})
    assert count() <= few


def test_what_is_composed_stands_on_top_of_the_timeline(client: Client, ada: Caller, noor: int) -> None:
    url = f"/people/{noor}/compose/call/"
    sent = {
        "fields": "body,direction,minutes,outcome,people", "body": "Budget **approved**", "direction": "out",
        "minutes": "14", "outcome": "reached", "people": str(noor), "submission": "one",
    }  # fmt: skip
    answers = [client.post(url, sent, headers=HTMX) for _twice in range(2)]
    assert [a.status_code for a in answers] == [200, 200]
    assert "<strong>approved</strong>" in answers[0].content.decode()
    rows = visible(ada, "interaction").page(columns=("kind", "minutes", "people")).rows
    assert [(r.values["kind"], r.values["minutes"], r.values["people"]) for r in rows] == [("call", 14, (noor,))]


def test_a_refused_note_comes_back_in_its_own_form(client: Client, noor: int) -> None:
    before = snapshot()
    sent = {"fields": "body,minutes", "body": "Kept", "minutes": "long", "submission": "x"}
    answer = client.post(f"/people/{noor}/compose/call/", sent, headers=HTMX)
    assert answer.status_code == 422
    assert answer["HX-Retarget"] == "#compose-call"
    assert "Kept" in answer.content.decode()
    assert snapshot() == before


def test_delete_can_be_undone_and_the_trash_is_seen_by_who_may_restore(client: Client, noor: int) -> None:
    assert client.post(f"/people/{noor}/delete/").status_code == 303
    assert "in the trash" in client.get(f"/people/{noor}/").content.decode()
    tom = signed_in(f.user("Tom"))
    assert tom.get(f"/people/{noor}/").status_code == 404
    assert client.post(f"/people/{noor}/restore/", {"next": "//evil.example/"})["Location"] == f"/people/{noor}/"
    assert client.get(f"/people/{noor}/").status_code == 200


def test_files_are_added_shown_and_sent_as_attachments(client: Client, noor: int) -> None:
    sent = {"file": SimpleUploadedFile("offer<script>.html", b"<script>1</script>")}
    assert client.post(f"/people/{noor}/files/", sent).status_code == 303
    page = client.get(f"/people/{noor}/").content.decode()
    assert "<script>.html" not in page
    url = page.split("/download/")[0].rsplit('"', 1)[1] + "/download/"
    answer = client.get(url)
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    stranger = signed_in(f.user("Eve", rights={"*": {"read": "none"}}))
    assert stranger.get(url).status_code == 404


def test_sharing_gives_what_it_says_and_is_audited(client: Client, ada: Caller, noor: int) -> None:
    eve = f.user("Eve", rights={"*": {"read": "own", "edit": "own"}})
    browser = signed_in(eve)
    assert browser.get(f"/people/{noor}/").status_code == 404
    assert client.post(f"/people/{noor}/share/", {"user": eve.user_id, "level": "read"}).status_code == 303
    assert browser.get(f"/people/{noor}/").status_code == 200
    assert browser.get(f"/people/{noor}/edit/").status_code == 403
    holder = sharing.holders(ada, "person", noor)[0]
    client.post(f"/people/{noor}/share/", {"user": eve.user_id, "level": "edit"})
    assert browser.get(f"/people/{noor}/edit/").status_code == 200
    client.post(f"/people/{noor}/share/", {"end": holder.id})
    assert browser.get(f"/people/{noor}/").status_code == 404
    assert AuditEntry.objects.filter(act="share").count() == 3


def test_a_team_may_share_in_it_and_readers_may_not_share_on(ada: Caller, noor: int) -> None:
    team = Team.objects.create(name="North")
    eve = f.user("Eve", teams=(team,), rights={"*": {"read": "own", "edit": "own"}})
    sharing.share(ada, "person", noor, team_id=team.pk, level="read")
    eve = f.caller_of(eve.user_id)
    assert visible(eve, "person").allowed([noor]) == {noor}
    with pytest.raises(Forbidden):
        sharing.share(eve, "person", noor, user_id=eve.user_id, level="edit")


def test_acts_are_offered_where_they_fit(client: Client, ada: Caller) -> None:
    made = write.create(ada, "task", {"subject": "Call"})
    assert client.get(f"/tasks/{made}/act/complete/").status_code == 200
    assert client.get(f"/tasks/{made}/act/reopen/").status_code == 404
    assert client.post(f"/tasks/{made}/act/complete/").status_code == 303
    assert f.write_values(ada, "task", made)["status"] == "done"


def test_an_act_that_makes_a_record_leads_to_it(client: Client, ada: Caller) -> None:
    f.make(ada, "stage")
    lead = f.make(ada, "lead", last_name="Hopper", company_name="Navy")
    made = client.post(f"/leads/{lead}/act/convert/")
    (deal,) = visible(ada, "deal").ids()
    assert (made.status_code, made["Location"]) == (303, f"/deals/{deal}/")
    unseen = Made("Made.", "deal", deal + 1)
    assert (acting.made_url(ada, unseen), acting.made_url(ada, "Done.")) == ("", "")


def test_the_path_shows_no_end_that_was_not_reached(client: Client, ada: Caller) -> None:
    lead = f.make(ada, "lead", last_name="Hopper", status="disqualified", reason="spam")
    page = client.get(f"/leads/{lead}/").content.decode()
    assert re.findall(r'<li class="step is-(\w+)"', page) == ["done", "done", "done", "next", "lost"]


def test_palette_finds_acts_of_the_page_and_records(client: Client, ada: Caller, noor: int) -> None:
    task = write.create(ada, "task", {"subject": "Call"})
    near = client.get("/palette/", headers={"Referer": f"http://testserver/tasks/{task}/"}).content.decode()
    assert f"/tasks/{task}/act/complete/" in near
    assert f"/people/{noor}/" in client.get("/palette/?q=okaf").content.decode()
    assert f"/people/{noor}/" in client.get("/search/?q=okafor").content.decode()


def test_comboboxes_offer_what_one_may_see_and_what_can_be_made(client: Client, ada: Caller, noor: int) -> None:
    found = client.get("/people/options/?q=noor").content.decode()
    assert f'data-value="{noor}"' in found
    assert "/tags/quick/?name=New" in client.get("/tags/options/?q=New").content.decode()
    eve = signed_in(f.user("Eve", rights={"*": {"read": "own", "create": "none"}}))
    assert f'data-value="{noor}"' not in eve.get("/people/options/?q=noor").content.decode()
    assert "data-create-url" not in eve.get("/tags/options/?q=New").content.decode()
    assert f'data-value="{ada.user_id}"' in client.get("/users/options/?q=ad").content.decode()


def test_history_shows_who_and_what_and_takes_it_back(client: Client, ada: Caller, noor: int) -> None:
    write.update(ada, "person", noor, {"job": "Head"})
    page = client.get(f"/people/{noor}/history/").content.decode()
    assert "Head" in page
    url = page.split('action="')[1:]
    revert = next(u.split('"')[0] for u in url if "revert" in u)
    assert client.post(revert, {"field": "job"}).status_code == 303
    assert f.write_values(ada, "person", noor)["job"] == ""


def test_any_cursor_and_kind_of_entry_gives_an_answer(client: Client, noor: int) -> None:
    for query in ("cursor=zzz", "cursor=W10", "show=nothing", "cursor=%00", "day=x"):
        answer = client.get(f"/people/{noor}/timeline/?{query}", headers=HTMX)
        assert answer.status_code in {200, 422}, query


def test_messages_fit_into_headers(client: Client) -> None:
    answer = client.post("/companies/quick/", {"fields": "name", "name": "Ünïcode 株式"}, headers=HTMX)
    assert "Ünïcode 株式" in json.loads(answer["HX-Trigger"])["toast"]["text"]


def test_a_deal_is_lost_for_a_reason_that_is_asked_for(client: Client, ada: Caller) -> None:
    deal = f.make(ada, "deal", name="Fleet")
    pipeline = f.write_values(ada, "deal", deal)["pipeline"]
    lost = write.create(ada, "stage", {"name": "Lost", "pipeline": pipeline, "outcome": "lost", "position": 9})
    url = f"/deals/{deal}/act/lose/"
    assert f'href="{url}" data-dialog' in client.get(f"/deals/{deal}/").content.decode()
    dialog = {"HX-Request": "true", "HX-Target": "dialog#remote"}
    asked = client.get(url, headers=dialog).content.decode()
    assert ('name="lost_reason"' in asked, 'name="lost_note"' in asked, "<main" in asked) == (True, True, False)
    before = snapshot()
    for sent in ({}, {"lost_reason": ""}, {"lost_reason": "other", "lost_note": " "}):
        assert client.post(url, sent).status_code == 422
        again = client.post(url, sent, headers=dialog)
        assert (again.status_code, b"field-error" in again.content) == (422, True)
    assert snapshot() == before
    assert client.post(url, {"lost_reason": "price", "lost_note": "10 %"}, headers=dialog).status_code == 204
    values = f.write_values(ada, "deal", deal)
    assert (values["stage"], values["lost_reason"], values["lost_note"]) == (lost, "price", "10 %")
    first = visible(ada, "stage").page(filter={"field": "outcome", "op": "is", "value": "open"}).rows[0].id
    write.update(ada, "deal", deal, {"stage": first})
    values = f.write_values(ada, "deal", deal)
    assert (values["outcome"], values["lost_reason"], values["lost_note"]) == ("open", "", "")


def test_no_object_crowds_out_another_on_the_search_page(client: Client, ada: Caller) -> None:
    company = f.make(ada, "company", name="Fleet works")
    person = f.make(ada, "person", last_name="Berg")
    for _n in range(9):
        f.make(ada, "deal", name="Fleet")
        write.create(ada, "employment", {"person": person, "company": company, "role": "Fleet manager"})
    text = client.get("/search/?q=fleet").content.decode()
    found = re.findall(r'class="plain related-title" href="/([\w-]+)/', text)
    assert list(dict.fromkeys(found)) == ["deals", "companies", "employments"]
    assert (found.count("deals"), found.count("companies")) == (8, 1)
    more = re.findall(r'href="(/search/\?q=fleet&amp;object=\w+)"', text)
    assert more == ["/search/?q=fleet&amp;object=deal", "/search/?q=fleet&amp;object=employment"]
    assert client.get("/search/?q=fleet&object=deal").content.decode().count("related-title") == 9
    assert "Berg" in client.get("/search/?q=fleet&object=employment").content.decode()
