"""The list as a table: columns, order, filter, pages, groups, totals, rights."""

from __future__ import annotations

import html
import json
import re
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests import factories as f
from tests.surfaces.web.lists.conftest import Office, client_of

from rapport.records import write

FRAGMENT = {"HX-Request": "true", "HX-Target": "tr#list-companies-more"}


def companies(office: Office, count: int, **values: Any) -> list[int]:
    rows = [{"name": f"Firm {n:03}", **values} for n in range(count)]
    return write.create_many(office.admin, "company", rows).ids


def names(text: str) -> list[str]:
    return re.findall(r'class="row-link"[^>]*>([^<]+)<', text)


def get(client: Client, path: str, /, status: int = 200, **params: Any) -> str:
    answer = client.get(path, params)
    assert answer.status_code == status, answer.content[:500]
    return answer.content.decode()


def test_columns_and_order_are_those_of_the_address(office: Office) -> None:
    companies(office, 3, industry="retail")
    text = get(office.client, "/companies/", columns="name,industry", sort="-name")
    assert names(text) == ["Firm 002", "Firm 001", "Firm 000"]
    assert re.findall(r'<td data-label="([^"]+)"', text)[:2] == ["Name", "Industry"]
    assert 'aria-sort="descending"' in text


def test_pages_follow_each_other_without_gap_or_repeat(office: Office) -> None:
    companies(office, 120)
    text, seen = get(office.client, "/companies/", sort="name"), []
    while True:
        seen += names(text)
        following = re.search(r'hx-get="([^"]*cursor=[^"]*)"', text)
        if following is None:
            break
        answer = office.client.get(html.unescape(following[1]), headers=FRAGMENT)
        text = answer.content.decode()
        assert "<main" not in text
    assert seen == [f"Firm {n:03}" for n in range(120)]


def test_the_link_to_more_rows_is_a_page_without_scripts(office: Office) -> None:
    companies(office, 60)
    following = re.search(r'href="([^"]*cursor=[^"]*)"', get(office.client, "/companies/", sort="name"))
    assert following is not None
    answer = office.client.get(html.unescape(following[1])).content.decode()
    assert "<main" in answer
    assert names(answer)[0] == "Firm 050"


def test_a_filter_is_applied_and_said_in_words(office: Office) -> None:
    companies(office, 2, industry="retail")
    companies(office, 1, industry="media")
    condition = {"field": "industry", "op": "in", "value": ["media"]}
    text = get(office.client, "/companies/", filter=json.dumps({"all": [condition]}))
    assert len(names(text)) == 1
    assert "Industry is any of Media and publishing" in text


def test_a_filter_over_a_relation_is_said_in_words(office: Office) -> None:
    company = companies(office, 2)[0]
    office.deal(company=company)
    condition = {"field": "deals", "op": "has", "value": {"field": "outcome", "op": "is", "value": "open"}}
    text = get(office.client, "/companies/", filter=json.dumps(condition))
    assert len(names(text)) == 1
    assert "Deals has some (Outcome is Open)" in text


def test_faulty_addresses_say_what_to_do(office: Office) -> None:
    for params in (
        {"filter": "{"}, {"filter": "[1]"}, {"filter": '{"field":"nope","op":"is","value":1}'},
        {"filter": '{"field":"name","op":"nope","value":1}'}, {"filter": '{"field":["x"],"op":{},"value":1}'},
        {"filter": '{"all": "x"}'}, {"sort": "nope"}, {"group": "name"}, {"cursor": "zzz"},
        {"filter": '{"field":"name","op":"contains","value":{"a":[1]}}', "group": "industry"},
        {"filter": "{" + '"not":{' * 30 + "}" * 31},
    ):  # fmt: skip
        answer = office.client.get("/companies/", params)
        assert answer.status_code in (200, 422), (params, answer.status_code)
        if answer.status_code == 422:
            assert "Start over" in answer.content.decode()


def test_unknown_objects_views_and_forbidden_lists(office: Office) -> None:
    get(office.client, "/nothing-here/", status=404)
    get(office.client, "/companies/", status=404, view="999")
    outsider = client_of(f.user("Tom", rights={"company": {"read": "none"}}))
    get(outsider, "/companies/", status=403)
    get(outsider, "/companies/total/", status=403)


def test_hidden_fields_are_nowhere(office: Office) -> None:
    companies(office, 1, industry="retail")
    client = client_of(f.user("Tom", fields={"company": {"industry": "hidden"}}))
    assert "Industry" not in get(client, "/companies/", columns="name,industry")
    assert '"name": "industry"' not in get(client, "/companies/filter/")
    get(client, "/companies/", status=422, group="industry")
    get(client, "/companies/", status=422, filter='{"field":"industry","op":"is","value":"retail"}')


def test_groups_count_and_open_one_by_one(office: Office) -> None:
    companies(office, 3, industry="retail")
    companies(office, 2, industry="media")
    companies(office, 1)
    text = get(office.client, "/companies/", group="industry")
    found = re.findall(r'group-title">(?:<span[^>]*></span>)?\s*([^<]+)</span> <span class="count num">(\d+)', text)
    assert [(label.strip(), int(count)) for label, count in found] == [
        ("Retail", 3), ("Media and publishing", 2), ("No value", 1),
    ]  # fmt: skip
    urls = [html.unescape(u) for u in re.findall(r'class="group"[^>]*hx-get="([^"]+)"', text)]
    headers = {"HX-Request": "true", "HX-Target": "div"}
    assert [len(names(office.client.get(u, headers=headers).content.decode())) for u in urls] == [3, 2, 1]


def test_total_stops_counting_at_a_thousand(office: Office) -> None:
    companies(office, 2)
    assert get(office.client, "/companies/total/") == "2 companies"
    companies(office, 1100)
    assert get(office.client, "/companies/total/") == "1,000+ companies"


def test_search_within_a_list(office: Office) -> None:
    companies(office, 3)
    assert names(get(office.client, "/companies/", q="001")) == ["Firm 001"]
    assert get(office.client, "/companies/total/", q="001") == "1 company"
    assert "Nothing matches" in get(office.client, "/companies/", q="zzzzqqqq")


def test_statements_do_not_grow_with_rows(office: Office) -> None:
    def statements(path: str) -> int:
        office.client.get(path)
        with CaptureQueriesContext(connection) as captured:
            office.client.get(path)
        return len(captured)

    paths = (
        "/companies/", "/companies/?group=industry", "/companies/?layout=board", "/deals/?layout=board",
        "/deals/?layout=calendar&month=2026-01",
    )  # fmt: skip
    companies(office, 1, industry="retail")
    office.deal()
    before = [statements(p) for p in paths]
    companies(office, 40, industry="retail", owner=office.admin.user_id)
    for _n in range(20):
        office.deal(amount="10 EUR", close_on="2026-01-01")
    assert all(now <= then for now, then in zip([statements(p) for p in paths], before, strict=True))


def test_csv_of_the_list(office: Office) -> None:
    companies(office, 2, industry="retail")
    answer = office.client.post("/companies/export/?columns=name,industry&sort=name")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert text.splitlines()[1:] == ["Firm 000,Retail", "Firm 001,Retail"]
    assert b"".join(office.client.post("/companies/export/?q=Firm+001&columns=name").streaming_content).split()[1:] == [
        b"Firm",
        b"001",
    ]
    assert 'action="/companies/export/?q=Firm"' in get(office.client, "/companies/", q="Firm")
    outsider = client_of(f.user("Tom", rights={"company": {"export": "none"}}))
    assert outsider.post("/companies/export/").status_code == 403
    assert office.client.get("/companies/export/").status_code == 405
