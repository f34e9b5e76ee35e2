"""Bulk acts: by form, as a job, refused, stopped, undone."""

from __future__ import annotations

import html
import json
import re
from typing import Any
from urllib.parse import quote

import pytest
from tests import factories as f
from tests.database import snapshot
from tests.surfaces.web.lists.conftest import Office, client_of

from rapport.records import write
from rapport.records.bulk import running
from rapport.records.jobs import worker
from rapport.records.jobs.models import JobRow
from rapport.records.models import Change
from rapport.records.read import visible


def firms(office: Office, count: int, **values: Any) -> list[int]:
    return write.create_many(office.admin, "company", [{"name": f"Firm {n}", **values} for n in range(count)]).ids


def count(office: Office, industry: str) -> int:
    return visible(office.admin, "company").count({"field": "industry", "op": "is", "value": industry}, cap=None)


def edit(office: Office, data: dict[str, Any], query: str = "") -> Any:
    return office.client.post(f"/companies/bulk/?do=edit{query}", data, headers={"HX-Request": "true"})


RETAIL = {"set": "industry", "industry": "retail"}


def test_chosen_records_are_edited_and_the_act_undone(office: Office) -> None:
    ids = firms(office, 3)
    answer = edit(office, {**RETAIL, "ids": f"{ids[0]},{ids[1]}"})
    toast = json.loads(answer.headers["HX-Trigger"])["toast"]
    assert answer.status_code == 204
    assert toast["text"] == "2 records changed."
    assert count(office, "retail") == 2
    office.client.post(toast["undo"]["url"], toast["undo"]["fields"])
    assert count(office, "retail") == 0


def test_all_that_match_are_edited(office: Office) -> None:
    firms(office, 3, industry="media")
    firms(office, 2)
    filter_ = '{"field":"industry","op":"is","value":"media"}'
    edit(office, {**RETAIL, "all": "1", "ids": ""}, f"&filter={filter_}")
    assert (count(office, "retail"), count(office, "media")) == (3, 0)


def test_references_are_added_and_taken_away(office: Office) -> None:
    ids = firms(office, 2)
    old, new = (write.create(office.admin, "tag", {"name": name}) for name in ("old", "new"))
    write.update(office.admin, "company", ids[0], {"tags": [old]})
    chosen = {"set": "tags", "ids": ",".join(map(str, ids))}
    edit(office, {**chosen, "mode-tags": "add", "tags": str(new)})
    tags = [set(visible(office.admin, "company").get(i).values["tags"]) for i in ids]
    assert tags == [{old, new}, {new}]
    edit(office, {**chosen, "mode-tags": "remove", "tags": str(old)})
    assert set(visible(office.admin, "company").get(ids[0]).values["tags"]) == {new}


@pytest.mark.parametrize(
    "data",
    [
        {"set": "industry", "industry": "nonsense"},
        {"set": "name", "name": ""},
        {"set": "created_at", "created_at": "2026-01-01"},
        {},
    ],
)
def test_what_can_not_be_written_is_said_in_the_dialog(office: Office, data: dict[str, Any]) -> None:
    ids = firms(office, 2)
    before = snapshot()
    answer = edit(office, {**data, "ids": f"{ids[0]}"})
    assert answer.status_code == 422
    assert snapshot() == before


def test_records_of_others_are_left_and_counted(office: Office) -> None:
    firms(office, 2)
    caller = f.user("Tom", rights={"company": {"edit": "own"}})
    write.create(caller, "company", {"name": "Mine"})
    headers = {"HX-Request": "true"}
    answer = client_of(caller).post("/companies/bulk/?do=edit", {**RETAIL, "all": "1"}, headers=headers)
    assert json.loads(answer.headers["HX-Trigger"])["toast"]["text"].startswith("1 record changed. 2 were left")
    assert count(office, "retail") == 1


def test_delete_and_actions(office: Office) -> None:
    ids = firms(office, 2)
    office.client.post("/companies/bulk/?do=delete", {"ids": ids}, headers={"HX-Request": "true"})
    assert visible(office.admin, "company").count() == 0
    record = office.deal()
    done = office.client.post("/deals/bulk/?do=action&action=win", {"ids": [record]}, headers={"HX-Request": "true"})
    assert json.loads(done.headers["HX-Trigger"])["toast"]["text"] == "1 deal won."
    again = office.client.post("/deals/bulk/?do=action&action=win", {"ids": [record]}, headers={"HX-Request": "true"})
    assert "does not apply" in json.loads(again.headers["HX-Trigger"])["toast"]["text"]
    for query in ("do=action&action=nope", "do=nope", ""):
        assert office.client.post(f"/deals/bulk/?{query}", {"ids": [record]}).status_code == 404


def test_nothing_chosen_changes_nothing(office: Office) -> None:
    firms(office, 1)
    before = snapshot()
    assert edit(office, {**RETAIL, "ids": ""}).status_code == 422
    assert edit(office, {**RETAIL, "ids": "x,,-1"}).status_code == 422
    assert snapshot() == before


def test_many_records_are_a_job_with_progress_and_undo(office: Office) -> None:
    firms(office, running.AT_ONCE + 20)
    edit(office, {**RETAIL, "all": "1"})
    assert count(office, "retail") == 0
    assert "Changing records" in office.client.get("/companies/").content.decode()
    worker.drain()
    job = JobRow.objects.get(name=running.JOB)
    assert count(office, "retail") == running.AT_ONCE + 20
    text = office.client.get(f"/companies/bulk/{job.pk}/").content.decode()
    assert f"{running.AT_ONCE + 20} records changed." in text
    stranger = client_of(f.user("Tom"))
    assert stranger.get(f"/companies/bulk/{job.pk}/").status_code == 404
    assert stranger.post("/companies/undo/", {"batch": job.arguments["batch"]}).status_code == 403
    undone = {"batch": job.arguments["batch"]}
    answer = office.client.post("/companies/undo/", undone, headers={"HX-Request": "true"})
    assert "Working on it" in json.loads(answer.headers["HX-Trigger"])["toast"]["text"]
    assert count(office, "retail") == running.AT_ONCE + 20
    assert "Changing records" in office.client.get("/companies/").content.decode()
    worker.drain()
    assert count(office, "retail") == 0
    back = JobRow.objects.filter(name=running.JOB).latest("pk")
    assert "Undone." in office.client.get(f"/companies/bulk/{back.pk}/").content.decode()


def test_a_job_that_broke_off_goes_on_behind_its_last_set(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    total = running.AT_ONCE + 100
    firms(office, total)
    edit(office, {**RETAIL, "all": "1"})
    done = worker.Context.progress

    def break_off(self: worker.Context, *_args: Any) -> None:
        raise RuntimeError("the machine went away")

    monkeypatch.setattr(worker.Context, "progress", break_off)
    worker.step()
    assert count(office, "retail") == running.PART
    monkeypatch.setattr(worker.Context, "progress", done)
    JobRow.objects.filter(name=running.JOB).update(due_at=JobRow.objects.get(name=running.JOB).created_at)
    worker.drain()
    assert JobRow.objects.get(name=running.JOB).result["done"] == total
    assert Change.objects.filter(object_key="company", action="update").count() == total


def test_a_job_is_stopped(office: Office) -> None:
    firms(office, running.AT_ONCE + 20)
    edit(office, {**RETAIL, "all": "1"})
    job = JobRow.objects.get(name=running.JOB)
    text = office.client.post(f"/companies/bulk/{job.pk}/").content.decode()
    assert "Stopped." in text
    worker.drain()
    assert count(office, "retail") == 0


def test_undo_needs_a_batch_of_ones_own(office: Office) -> None:
    assert office.client.post("/companies/undo/", {"batch": ""}).status_code == 404
    assert office.client.post("/companies/undo/", {"batch": "nope"}).status_code == 404


def test_stages_to_choose_from_are_those_of_the_one_pipeline(office: Office) -> None:
    other = write.create(office.admin, "pipeline", {"name": "Partners", "position": 99})
    write.create(office.admin, "stage", {"name": "Asked", "pipeline": other})
    mine, joint = [office.deal(), office.deal()], office.deal(name="Joint", pipeline=other)

    def offered(query: str) -> set[str]:
        dialog = office.client.get(f"/deals/bulk/?do=edit&{query}").content.decode()
        added = html.unescape(re.findall(r'hx-get="([^"]*bulk/field[^"]*)"', dialog)[0])
        control = office.client.get(f"{added}{'&' if '?' in added else '?'}add=stage").content.decode()
        options = office.client.get(html.unescape(re.findall(r'data-url="([^"]*)"', control)[0])).content.decode()
        return set(re.findall(r'data-label="([^"]*)"', options))

    assert offered(f"ids={mine[0]},{mine[1]}") == {"Open", "Talk", "Won", "Lost"}
    assert offered(f"ids={joint}") == {"Asked"}
    assert offered(f"ids={mine[0]},{joint}") == {"Open", "Talk", "Won", "Lost", "Asked"}
    partners = quote(json.dumps({"field": "pipeline", "op": "is", "value": other}))
    assert offered(f"all=1&filter={partners}") == {"Asked"}
    assert len(offered("all=1")) == 5


def test_deals_are_lost_for_a_reason_that_is_asked_for(office: Office) -> None:
    ids = [office.deal(), office.deal(), office.deal(stage=office.stages["Won"])]
    url, chosen = "/deals/bulk/?do=action&action=lose", {"ids": ",".join(map(str, ids))}
    dialog = office.client.get(url, chosen | {"do": "action", "action": "lose"}).content.decode()
    assert re.search(r'<select[^>]*name="lost_reason"[^>]*required', dialog)
    before = snapshot()
    for data in ({}, {"lost_reason": ""}, {"lost_reason": "nonsense"}, {"lost_reason": "other"}):
        answer = office.client.post(url, {**chosen, **data}, headers={"HX-Request": "true"})
        assert answer.status_code == 422
        assert 'name="lost_note"' in answer.content.decode()
    assert snapshot() == before
    done = office.client.post(url, {**chosen, "lost_reason": "price"}, headers={"HX-Request": "true"})
    toast = json.loads(done.headers["HX-Trigger"])["toast"]["text"]
    assert toast == "2 deals lost. 1 was left as it is: It does not apply to them."
    found = [visible(office.admin, "deal").get(i).values for i in ids]
    assert [(d["outcome"], d["lost_reason"]) for d in found] == [("lost", "price")] * 2 + [("won", "")]
