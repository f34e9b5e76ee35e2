"""Kinds of relations: added, renamed and retired by administrators, both ways, in forms, panels and charts."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation
from tests import factories as f
from tests.apps.customers.test_relations import person, relate, told
from tests.contract.conftest import signed_in
from tests.database import snapshot

from rapport.apps.customers import kinds, organisation
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.customising import sync
from rapport.records.errors import Invalid
from rapport.records.read import visible
from rapport.registry import catalog

pytestmark = pytest.mark.django_db
PAGE = "/settings/relation-kinds/"


@pytest.fixture
def ada(db: None) -> Caller:
    return f.admin()


def added(caller: Caller, **values: Any) -> str:
    """The code of an added kind."""
    key = write.create(caller, "relation_kind", {"name": "is a mentor of", "inverse": "learns from", **values})
    sync.refresh()
    return str(visible(caller, "relation_kind").get(key).values["code"])


def test_an_added_kind_reads_both_ways_and_is_offered(ada: Caller) -> None:
    code = added(ada)
    same = added(ada, name="went to school with", inverse="")
    ann, ben = person(ada, "Ann"), person(ada, "Ben")
    key = relate(ada, ann, code, ben)
    relate(ada, ben, same, ann)
    assert told(ada, ann) == [("is a mentor of", "Ben"), ("went to school with", "Ben")]
    assert told(ada, ben) == [("learns from", "Ann"), ("went to school with", "Ann")]
    client = signed_in(ada)
    form = client.get("/relations/new/").content.decode()
    assert "is a mentor of" in form
    assert "is married to" in form  # beside the usual ones
    assert "is a mentor of" in client.get(f"/relations/{key}/").content.decode()
    found = visible(ada, "personrelation").ids({"field": "kind", "op": "is", "value": code})
    assert found == [key]


def test_renaming_renames_what_is_there(ada: Caller) -> None:
    code = added(ada)
    ann, ben = person(ada, "Ann"), person(ada, "Ben")
    key = relate(ada, ann, code, ben)
    client = signed_in(ada)
    answer = client.post(f"{PAGE}{code}/", {"name": "coaches", "inverse": "is coached by"})
    assert answer.status_code == 303
    sync.refresh()
    assert told(ada, ben) == [("is coached by", "Ann")]
    values = visible(ada, "personrelation").get(key).values
    assert (values["kind"], values["name"], values["inverse"]) == (code, "coaches", "is coached by")


def test_a_usual_kind_may_be_renamed_and_stays_the_same_kind(ada: Caller) -> None:
    ann, ben = person(ada, "Ann"), person(ada, "Ben")
    relate(ada, ann, "spouse", ben)
    client = signed_in(ada)
    client.post(f"{PAGE}spouse/", {"name": "is the partner of"})
    sync.refresh()
    assert told(ada, ann) == [("is the partner of", "Ben")]
    assert told(ada, ben) == [("is the partner of", "Ann")]
    client.post(f"{PAGE}spouse/", {"name": "lives with"})
    assert visible(ada, "relation_kind").count() == 1  # the row that stands in for it is changed, not another one made


def test_a_usual_kind_that_keeps_its_words_keeps_its_translations(ada: Caller) -> None:
    with translation.override("de"):
        german = str(kinds.every()["parent"].name)
    client = signed_in(ada)
    client.post(f"{PAGE}parent/", {"name": "is a parent of", "inverse": "is a child of", "chart": "on"})
    assert kinds.every()["parent"].chart
    with translation.override("de"):
        assert str(kinds.every()["parent"].name) == german
    client.post(PAGE, {"kind": "parent", "act": "retire"})
    with translation.override("de"):
        assert str(kinds.every()["parent"].name) == german
        assert kinds.every()["parent"].retired


def test_a_retired_kind_stays_where_it_is_and_is_offered_no_more(ada: Caller) -> None:
    ann, ben, cyd = person(ada, "Ann"), person(ada, "Ben"), person(ada, "Cyd")
    key = relate(ada, ann, "referred", ben)
    client = signed_in(ada)
    client.post(PAGE, {"kind": "referred", "act": "retire"})
    sync.refresh()
    assert told(ada, ann) == [("was referred by", "Ben")]
    assert "was referred by" not in client.get("/relations/new/").content.decode()
    assert "was referred by" in client.get(f"/relations/{key}/edit/").content.decode()
    write.update(ada, "personrelation", key, {"other": cyd})
    before = snapshot()
    with pytest.raises(Invalid) as refused:
        relate(ada, ben, "referred", cyd)
    assert refused.value.errors.keys() == {"kind"}
    assert snapshot() == before
    client.post(PAGE, {"kind": "referred", "act": "use"})
    sync.refresh()
    relate(ada, ben, "referred", cyd)


def test_kinds_draw_in_the_chart_as_they_say(ada: Caller) -> None:
    code = added(ada, name="works for", inverse="employs", chart=True)
    company = f.make(ada, "company")
    boss, lea = (person(ada, name, company=company) for name in ("Boss", "Lea"))
    record = visible(ada, "company").get(company)
    relate(ada, lea, code, boss)
    found = organisation.chart(ada, record)
    assert found is not None
    assert [(tree.title, tree.count) for tree in found["trees"]] == [("Boss", 1)]
    with pytest.raises(Invalid) as refused:  # no circles, whichever of the kinds make them
        relate(ada, boss, "reports", lea)
    assert refused.value.errors.keys() == {"other"}
    signed_in(ada).post(f"{PAGE}{code}/", {"name": "works for", "inverse": "employs"})
    assert organisation.chart(ada, record) is None
    relate(ada, boss, "reports", lea)


def test_a_kind_in_use_is_not_deleted(ada: Caller) -> None:
    code = added(ada)
    (row,) = visible(ada, "relation_kind").ids()
    key = relate(ada, person(ada, "Ann"), code, person(ada, "Ben"))
    with pytest.raises(Invalid, match="Retire it instead"):
        write.delete(ada, "relation_kind", [row])
    write.delete(ada, "personrelation", [key])
    write.delete(ada, "relation_kind", [row])
    sync.refresh()
    assert catalog.current()["personrelation"].fields["kind"].choice(code) is None


def test_the_pages(ada: Caller) -> None:
    client = signed_in(ada)
    page = client.get(PAGE).content.decode()
    assert "is married to" in page
    assert "the same both ways" in page
    assert "the other way round: is a child of" in page
    assert client.post(f"{PAGE}new/", {"name": ""}).status_code == 422
    assert client.post(f"{PAGE}new/", {"name": "sings with"}).status_code == 303
    assert "sings with" in client.get(PAGE).content.decode()
    assert client.get(f"{PAGE}nonsense/").status_code == 404
    assert client.post(PAGE, {"kind": "other", "act": "retire"}).status_code == 404
    stranger = signed_in(f.user("Ben"))
    before = snapshot()
    for url in (PAGE, f"{PAGE}new/", f"{PAGE}spouse/"):
        assert stranger.get(url).status_code == 403
        assert stranger.post(url, {"name": "mine", "kind": "spouse", "act": "retire"}).status_code == 403
    assert snapshot() == before
