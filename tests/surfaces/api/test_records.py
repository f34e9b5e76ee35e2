"""Input and answers: filters, pages, includes, versions, idempotency, upserts, bulk, files, definitions, the feed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests import factories as f
from tests.database import snapshot
from tests.surfaces.api.conftest import Program, program

from rapport.records import write
from rapport.records.accounts import epochs
from rapport.records.models import AuditEntry
from rapport.records.read import visible

KEPT = ("programs_usage", "records_apitoken")


def names(page: dict[str, Any]) -> list[str]:
    return [item["title"] for item in page["items"]]


def test_pages_follow_each_other_in_order(ada: Program) -> None:
    for number in range(7):
        f.make(ada.caller, "company", name=f"Company {number}")
    found, cursor = [], ""
    for _ in range(3):
        page = ada.get("companies", sort="-name", size=3, cursor=cursor)
        found += names(page)
        cursor = page["next"]
    assert found == [f"Company {n}" for n in range(6, -1, -1)]
    assert cursor is None


def test_filters_are_the_one_language(ada: Program) -> None:
    fjord = f.make(ada.caller, "company", name="Fjord")
    f.make(ada.caller, "person", last_name="Berg", company=fjord)
    f.make(ada.caller, "person", last_name="Tal")
    condition = {"all": [{"field": "company.name", "op": "is", "value": "fjord"}]}
    assert names(ada.get("people", filter=condition)) == ["Berg"]
    refused = ada.ask("GET", "people", query={"filter": {"field": "password", "op": "is", "value": 1}})
    assert (refused.status_code, refused.data["errors"][0]["field"]) == (422, "password")


def test_includes_references_and_relations(ada: Program) -> None:
    fjord = f.make(ada.caller, "company", name="Fjord")
    berg = f.make(ada.caller, "person", last_name="Berg", company=fjord)
    page = ada.get("people", include="company")
    assert page["included"]["companies"][str(fjord)]["title"] == "Fjord"
    one = ada.get(f"companies/{fjord}", include="people")
    assert one["related"]["people"] == [berg]
    assert one["included"]["people"][str(berg)]["title"] == "Berg"
    assert ada.ask("GET", "people", query={"include": "password"}).status_code == 422


def test_what_can_not_be_read_says_what_to_do(ada: Program) -> None:
    key = f.make(ada.caller, "person")
    before = snapshot(*KEPT)
    asked: list[tuple[str, str, Any, dict[str, str], int]] = [
        ("POST", "people", b"{", {}, 400),
        ("POST", "people", b"\xff\xfe", {}, 400),
        ("POST", "people", b'{"fields": {"a": ' + b"[" * 100_000, {}, 400),
        ("POST", "people", {"last_name": "flat"}, {}, 422),
        ("POST", "people", {"fields": {"last_name": "a\u0000b"}}, {}, 422),
        ("POST", "people", {"fields": {"is_superuser": True}}, {}, 422),
        ("POST", "people", b"a=b", {"Content_Type": "application/x-www-form-urlencoded"}, 415),
        ("PUT", f"people/{key}", {"fields": {}}, {}, 405),
        ("GET", "nothing", None, {}, 404),
        ("GET", "people/99999999999999999999", None, {}, 404),
        ("GET", f"people/{2**63}", None, {}, 404),
        ("GET", "people?size=0", None, {}, 422),
        ("GET", "people?nothing=1", None, {}, 400),
        ("GET", "people?cursor=zzz", None, {}, 422),
        ("GET", "people?filter=%00", None, {}, 400),
        ("PATCH", f"people/{key}", {"fields": {}}, {"If_Match": '"99"'}, 412),
        ("PATCH", f"people/{key}", {"fields": {"last_name": "x" * 300}}, {}, 422),
    ]
    for method, path, body, headers, status in asked:
        answer = ada.ask(method, path, body, **headers)
        assert answer.status_code == status, (method, path, answer.content)
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.data["status"] == status
        assert answer.data["title"]
    assert snapshot(*KEPT) == before


def test_problems_speak_the_language_that_is_asked_for(ada: Program) -> None:
    answer = ada.ask("GET", "nothing", Accept_Language="de-CH, en;q=0.5")
    assert answer.data["title"] == "Hier ist nichts"


def test_conflicts_are_told_per_field(ada: Program) -> None:
    key = f.make(ada.caller, "company", name="Fjord")
    write.update(ada.caller, "company", key, {"name": "Fjell"})
    clash = ada.ask("PATCH", f"companies/{key}?version=1", {"fields": {"name": "Foss"}})
    assert (clash.status_code, clash.data["errors"][0]["field"], clash.data["version"]) == (409, "name", 2)
    assert (
        ada.ask("PATCH", f"companies/{key}?version=1", {"fields": {"website": "https://sea.example"}}).status_code
        == 200
    )


def test_a_key_does_a_write_once(ada: Program) -> None:
    body = {"fields": {"last_name": "Once"}}
    first = ada.ask("POST", "people", body, Idempotency_Key="k")
    before = snapshot(*KEPT)
    again = ada.ask("POST", "people", body, Idempotency_Key="k")
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Location"] == first.headers["Location"]
    other = ada.ask("POST", "people", {"fields": {"last_name": "Twice"}}, Idempotency_Key="k")
    assert (other.status_code, other.data["type"]) == (422, "urn:rapport:problem:key-reused")
    assert snapshot(*KEPT) == before
    bens = program(f.admin())
    assert bens.post("people", body, 201, Idempotency_Key="k")["id"] != first.data["id"]


def test_a_refused_write_keeps_no_answer(ada: Program) -> None:
    before = snapshot(*KEPT)
    assert ada.ask("POST", "people", {"fields": {"emails": "no"}}, Idempotency_Key="k").status_code == 422
    assert snapshot(*KEPT) == before
    ada.post("people", {"fields": {"last_name": "Then"}}, 201, Idempotency_Key="k")


def test_a_kept_answer_shows_nothing_that_was_hidden_since(ada: Program) -> None:
    everything = {"*": dict.fromkeys(("create", "read", "edit"), "all")}
    ann = f.user(rights=everything)
    hers = program(ann, "write")
    body = {"fields": {"last_name": "Berg", "job": "Spy"}}
    assert hers.post("people", body, 201, Idempotency_Key="k")["fields"]["job"] == "Spy"
    from rapport.records.accounts.models import Role

    Role.objects.update(fields={"person": {"job": "hidden"}})
    epochs.raise_(epochs.RIGHTS)
    assert "job" not in hers.post("people", body, 201, Idempotency_Key="k")["fields"]


def test_upsert_by_identity_and_by_a_number_of_another_system(ada: Program) -> None:
    f.custom_field("company", "erp", "text", unique=True)
    made = ada.ask("PUT", "people/by/emails/Nova@Example.com", {"fields": {"last_name": "Lind"}})
    assert made.status_code == 201, made.content
    again = ada.ask("PUT", "people/by/emails/nova@example.com", {"fields": {"job": "Buyer"}})
    assert (again.status_code, again.data["id"], again.data["fields"]["job"]) == (200, made.data["id"], "Buyer")
    ada.ask("PUT", "companies/by/erp/A-1%2F2", {"fields": {"name": "Fjord"}})
    found = ada.ask("PUT", "companies/by/erp/a-1%2F2", {"fields": {"name": "Fjell"}})
    assert (found.status_code, found.data["fields"]["erp"], found.data["version"]) == (200, "A-1/2", 2)
    wrong = ada.ask("PUT", "companies/by/website/sea.example", {"fields": {"name": "x"}})
    assert (wrong.status_code, wrong.data["errors"][0]["field"]) == (422, "match")


def test_bulk_upsert_changes_what_is_there_and_makes_what_is_not(ada: Program) -> None:
    there = f.make(ada.caller, "person", last_name="Old", emails="old@example.com")
    mails = ("old@example.com", "new@example.com", "new@example.com", "not a mail", None)
    records = [{"fields": {"last_name": f"P{n}", "emails": mail}} for n, mail in enumerate(mails)]
    found = ada.post("people/bulk/upsert", {"match": "emails", "records": records})
    assert [r["status"] for r in found["results"]] == [200, 201, 409, 422, 422]
    assert found["results"][0]["id"] == there
    assert (found["done"], found["refused"]) == (2, 3)


def test_bulk_is_bounded_and_one_key_does_it_once(ada: Program) -> None:
    rows = [{"fields": {"name": f"C{n}"}} for n in range(300)]
    first = ada.post("companies/bulk/create", {"records": rows}, Idempotency_Key="b")
    assert ada.post("companies/bulk/create", {"records": rows}, Idempotency_Key="b") == first
    assert visible(ada.caller, "company").count() == 300
    assert ada.ask("POST", "companies/bulk/create", {"records": rows * 34}).status_code == 422
    assert ada.post(f"batches/{first['batch']}/revert")["count"] == 300
    stranger = program(f.user(), "write")
    assert stranger.ask("POST", f"batches/{first['batch']}/revert").status_code == 404


def test_money_and_dates_are_measured(ada: Program) -> None:
    for amount, currency, day in ((100, "EUR", "2027-01-02"), (300, "EUR", "2027-02-03"), (50, "USD", "2027-01-09")):
        f.make(ada.caller, "deal", amount={"amount": amount, "currency": currency}, close_on=day)
    found = ada.get("deals/aggregate", measure="average", field="amount")["items"]
    assert [(i["currency"], i["count"], i["value"]) for i in found] == [("EUR", 2, 200), ("USD", 1, 50)]
    months = ada.get("deals/aggregate", group_by="close_on:month")["items"]
    assert {(i["group"], i["value"]) for i in months} == {("2027-01", 2), ("2027-02", 1)}


def test_files_go_up_and_down(ada: Program) -> None:
    key = f.make(ada.caller, "company", name="Fjord")
    path = f"companies/{key}/files"
    made = ada.ask("POST", f"{path}?name=offer.txt", b"Good day", Content_Type="application/octet-stream")
    assert made.status_code == 201, made.content
    form = b'--x\r\nContent-Disposition: form-data; name="file"; filename="offer.txt"\r\n\r\nBetter\r\n--x--\r\n'
    again = ada.ask("POST", path, form, Content_Type="multipart/form-data; boundary=x")
    assert (again.data["id"], again.data["fields"]["revision"]) == (made.data["id"], 2)
    (listed,) = ada.get(path)["items"]
    content = ada.client.get(listed["content"], headers={"Authorization": f"Bearer {ada.token}"})
    assert b"".join(content.streaming_content) == b"Better"
    assert content.headers["Content-Disposition"].startswith("attachment")
    old = ada.client.get(f"{listed['content']}?revision=1", headers={"Authorization": f"Bearer {ada.token}"})
    assert b"".join(old.streaming_content) == b"Good day"


def test_objects_fields_views_users_and_roles(ada: Program) -> None:
    boat = {"label": "Boat", "label_plural": "Users"}
    made = ada.post("objects", boat, 201)
    assert made["plural"] != "users"
    field = ada.post(f"objects/{made['key']}/fields", {"label": "Length", "type": "number"}, 201)
    record = ada.post(made["plural"], {"fields": {"name": "Gorch", field["name"]: 81}}, 201)
    assert record["fields"]["length"] == 81
    assert f"/{made['plural']}" in ada.get("openapi.json")["paths"]
    changed = ada.ask("PUT", f"fields/{field['custom_id']}", {"label": "Long"})
    assert changed.data["label"] == "Long"
    assert ada.ask("DELETE", f"fields/{field['custom_id']}").status_code == 204
    assert "length" not in ada.get(f"{made['plural']}/{record['id']}")["fields"]
    view = ada.post("people/views", {"name": "Leads", "columns": ["name"]}, 201)
    assert ada.get("people/views")["items"][0]["id"] == view["id"]
    assert ada.ask("PATCH", f"people/views/{view['id']}", {"filter": {"field": "x", "op": "is"}}).status_code == 422
    assert ada.ask("DELETE", f"people/views/{view['id']}").status_code == 204
    role = ada.post("roles", {"name": "Readers", "rights": {"*": {"edit": "none"}}}, 201)
    ann = f.user()
    got = ada.ask("PATCH", f"users/{ann.user_id}", {"roles": [role["id"]], "title": "Guest"})
    assert (got.data["roles"], got.data["title"]) == ([role["id"]], "Guest")


def test_only_administrators_with_the_scope_administer(ada: Program) -> None:
    ann = program(f.user())
    limited = program(ada.caller, "write")
    before = snapshot(*KEPT)
    acts = (
        ("POST", "roles", {"name": "x"}), ("GET", "roles", None), ("POST", "teams", {"name": "x"}),
        ("PATCH", f"users/{ada.caller.user_id}", {"administrator": False}),
        ("POST", "objects", {"label": "x", "label_plural": "xs"}),
        ("POST", "objects/person/fields", {"label": "x", "type": "text"}),
        ("POST", "users/invite", {"email": "x@example.com"}),
    )  # fmt: skip
    for method, path, body in acts:
        for who in (ann, limited):
            assert who.ask(method, path, body).status_code == 403, (path, who.caller.name)
    assert snapshot(*KEPT) == before
    assert AuditEntry.objects.filter(act="refusal").count() == len(acts) * 2
    assert "email" not in ann.get("users")["items"][0]


def test_accounts_and_input_of_every_kind_of_field(ada: Program) -> None:
    f.custom_object("boat", "boats")
    f.every_custom_field("boat")
    obj = visible(ada.caller, "boat").obj
    given = {x.name: f.sample(ada.caller, obj, x) for x in obj.customs + obj.externals if x.type.storage != "computed"}
    made = ada.post("boats", {"fields": {"name": "Gorch", **given}}, 201)
    again = ada.post("boats", {"fields": {n: v for n, v in made["fields"].items() if n in given or n == "name"}}, 201)
    assert {n: again["fields"][n] for n in given} == {n: made["fields"][n] for n in given}
    json.dumps(made)


@pytest.mark.django_db(transaction=True)
def test_the_feed_tells_everything_once_in_order(transactional_db: None) -> None:
    ada = program(f.admin())
    start = ada.get("changes", after="latest")["next"]
    key = f.make(ada.caller, "company", name="Fjord")
    write.update(ada.caller, "company", key, {"website": "https://sea.example"})
    write.delete(ada.caller, "company", [key])
    first = ada.get("changes", after=start, objects="company", size=2)
    rest = ada.get("changes", after=first["next"], objects="company")
    told = first["items"] + rest["items"]
    assert [(one["id"], one["action"]) for one in told] == [(key, "create"), (key, "update"), (key, "delete")]
    assert told[1]["fields"] == ["website"]
    assert (first["more"], rest["more"]) == (True, False)
    assert ada.get("changes", after=rest["next"])["items"] == []
    nothing = dict.fromkeys(("read", "edit", "create"), "none")
    assert program(f.user(rights={"*": nothing})).get("changes")["items"] == []
    blind = f.user(rights={"*": {"read": "all"}}, fields={"company": {"website": "hidden"}})
    seen = program(blind).get("changes", after=start, objects="company")["items"]
    assert [one["action"] for one in seen] == ["create", "delete"]


def test_keys_that_no_database_holds_are_refused(ada: Program) -> None:
    me = ada.get("me")["id"]
    for change in ({"roles": [2**70]}, {"teams": [0]}):
        answer = ada.ask("PATCH", f"users/{me}", change)
        assert answer.status_code in {400, 422}, answer.content
