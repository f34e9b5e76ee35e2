"""Relations between people, households, and the organisation chart of a company."""

from __future__ import annotations

import pytest
from tests import factories as f
from tests.contract.conftest import signed_in

from rapport.apps.customers import organisation, relations
from rapport.apps.customers.organisation import Node
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid
from rapport.records.read import visible

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(db: None) -> Caller:
    return f.admin()


def person(caller: Caller, name: str, **values: object) -> int:
    return write.create(caller, "person", {"first_name": name, **values})


def relate(caller: Caller, who: int, kind: str, whom: int, **values: object) -> int:
    return write.create(caller, "personrelation", {"person": who, "kind": kind, "other": whom, **values})


def told(caller: Caller, key: int) -> list[tuple[str, str]]:
    """What the panel of a person's page says: words and whom."""
    found = relations.panel(caller, visible(caller, "person").get(key))
    return [(item["words"], item["title"]) for item in (found or {"items": []})["items"]]


def test_a_relation_reads_both_ways(ada: Caller) -> None:
    ann, ben, cyd = person(ada, "Ann"), person(ada, "Ben"), person(ada, "Cyd")
    relate(ada, ann, "parent", ben)
    relate(ada, cyd, "referred", ann)
    relate(ada, ann, "other", cyd, name="is the architect of", inverse="builds with")
    assert told(ada, ann) == [
        ("is the architect of", "Cyd"), ("is a parent of", "Ben"), ("referred", "Cyd"),
    ]  # fmt: skip
    assert told(ada, ben) == [("is a child of", "Ann")]
    assert told(ada, cyd) == [("builds with", "Ann"), ("was referred by", "Ann")]


def test_what_makes_no_sense_is_refused(ada: Caller) -> None:
    ann, ben, cyd = person(ada, "Ann"), person(ada, "Ben"), person(ada, "Cyd")
    relate(ada, ann, "spouse", ben)
    relate(ada, ann, "reports", ben)
    key = relate(ada, ben, "reports", cyd)
    for who, kind, whom, field in (
        (ann, "reports", ann, "other"),
        (cyd, "reports", ann, "other"),
        (ben, "other", cyd, "name"),
    ):
        with pytest.raises(Invalid) as refused:
            relate(ada, who, kind, whom)
        assert field in refused.value.errors, (who, kind, whom)
    write.update(ada, "personrelation", key, {"kind": "parent"})
    assert told(ada, ben)[0] == ("is a parent of", "Cyd")
    relate(ada, cyd, "reports", ann)


def test_households_show_who_else_lives_there(ada: Caller) -> None:
    ann, ben = person(ada, "Ann"), person(ada, "Ben")
    write.create(ada, "household", {"name": "Garden Road 4", "members": [ann, ben]})
    shown = signed_in(ada).get(f"/people/{ann}/").content.decode()
    assert "Garden Road 4" in shown
    assert "with Ben" in shown


def test_whom_one_may_not_see_is_not_named(ada: Caller) -> None:
    eve = f.user("Eve", rights={"*": {"read": "all"}, "person": {"read": "own"}})
    mine, hidden = person(ada, "Mine", owner=eve.user_id), person(ada, "Hidden")
    relate(ada, mine, "spouse", hidden)
    relate(ada, hidden, "referred", mine)
    assert told(eve, mine) == []
    assert ("is married to", "Hidden") in told(ada, mine)


def drawn(nodes: list[Node]) -> list[object]:
    return [(node.title, node.count, drawn(node.below)) for node in nodes]


def test_the_chart_of_a_company(ada: Caller) -> None:
    company = f.make(ada, "company")
    boss = person(ada, "Boss")
    lea, max_, noa, _tim = (person(ada, name, company=company) for name in ("Lea", "Max", "Noa", "Tim"))
    record = visible(ada, "company").get(company)
    assert organisation.chart(ada, record) is None
    relate(ada, lea, "reports", boss)
    relate(ada, max_, "reports", lea)
    relate(ada, noa, "reports", lea)
    found = organisation.chart(ada, record)
    assert found is not None
    below: list[object] = [("Max", 0, []), ("Noa", 0, [])]
    assert drawn(found["trees"]) == [("Tim", 0, []), ("Boss", 3, [("Lea", 2, below)])]
    shown = signed_in(ada).get(f"/companies/{company}/").content.decode()
    assert "Below Lea" in shown
    assert "1 other person" in shown
    eve = f.user("Eve", rights={"*": {"read": "all"}, "personrelation": {"read": "none"}})
    assert organisation.chart(eve, record) is None
