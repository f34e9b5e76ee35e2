"""Merged and taken back, the database is the one before, but for history, versions and stamps."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests import factories as f
from tests.database import snapshot

from rapport.apps.collaboration.models import Follower
from rapport.lib import json
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid, NotFound
from rapport.records.models import Share

pytestmark = pytest.mark.django_db

HISTORY = ("records_change", "records_outboxentry", "records_merge")
APPENDED = {"customers_lifecyclechange", "sales_stagechange"}
"""Tables of what happened, which a merge adds to."""
STAMPS = {"version", "updated_at", "updated_by_id"}
VALUES = {"records_link", "records_uniquevalue"}
"""Tables whose rows are values of a record, written anew when they change: their own keys say nothing."""
PEOPLE, COMPANIES = 4, 3


def state() -> dict[str, list[Any]]:
    """The database without history, versions and stamps; JSON read, since key order and blanks say nothing."""
    found: dict[str, list[Any]] = {}
    with connection.cursor() as cursor:
        for table, rows in snapshot(*HISTORY).items():
            names = [c.name for c in connection.introspection.get_table_description(cursor, table)]
            keep = [n for n, name in enumerate(names) if name not in STAMPS and (name != "id" or table not in VALUES)]
            found[table] = [tuple(_plain(names[n], row[n]) for n in keep) for row in rows]
    return found


def _plain(name: str, value: Any) -> Any:
    return json.column(value) if name == "custom" else value


def same(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> None:
    for table, rows in before.items():
        now = [row for row in after[table] if table not in APPENDED or row in rows]
        assert sorted(now, key=repr) == sorted(rows, key=repr), table


index = st.integers(0, 9)
few = st.lists(index, max_size=3)
words = st.sampled_from(["", "x", "Ray", "Grün"])
person = st.fixed_dictionaries(
    {"first_name": words, "job": words, "emails": few, "phones": few, "company": st.none() | index, "tags": few,
     "lifecycle": st.sampled_from(["lead", "customer"]), "c_twin": st.none() | index, "c_all": few,
     "c_unique": st.booleans()}
)  # fmt: skip
company = st.fixed_dictionaries({"website": st.sampled_from(["", "https://x.example"]), "parent": st.none() | index})
row = st.tuples(
    st.sampled_from(["employment", "personrelation", "task", "deal", "interaction", "comment", "follow", "share",
                     "household"]),
    index, index, few,
)  # fmt: skip
acts = st.lists(st.tuples(st.sampled_from(["person", "company"]), index, few, st.booleans()), min_size=1, max_size=4)


class World:
    """People, companies and what lies between them."""

    def __init__(self, people: list[Any], companies: list[Any], rows: list[Any]) -> None:
        self.ada = f.admin()
        self.bob = f.user("Bob")
        f.custom_field("person", "c_twin", "reference", target="person")
        f.custom_field("person", "c_all", "references", target="person")
        f.custom_field("person", "c_unique", "text", unique=True)
        f.custom_field("task", "c_firm", "reference", target="company")
        self.tags = [write.create(self.ada, "tag", {"name": f"T{n}"}) for n in range(3)]
        self.ids: dict[str, list[int]] = {"person": [], "company": []}
        for given_ in companies:
            values = {"name": f"C{len(self.ids['company'])}", "website": given_["website"]}
            if given_["parent"] is not None and self.ids["company"]:
                values["parent"] = self.one("company", given_["parent"])
            self.ids["company"].append(write.create(self.ada, "company", values))
        for n, given_ in enumerate(people):
            self.ids["person"].append(write.create(self.ada, "person", self.person(n, given_)))
        for kind, *rest in rows:
            self.row(kind, *rest)

    def one(self, key: str, at: int) -> int:
        return self.ids[key][at % len(self.ids[key])]

    def some(self, key: str, at: list[int]) -> list[int]:
        return sorted({self.one(key, n) for n in at})

    def person(self, n: int, given_: dict[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = {
            "last_name": f"P{n}", "first_name": given_["first_name"], "job": given_["job"],
            "emails": [f"m{e}@example.com" for e in dict.fromkeys(given_["emails"])],
            "phones": [f"+49301234{e:03d}" for e in dict.fromkeys(given_["phones"])],
            "tags": sorted({self.tags[t % 3] for t in given_["tags"]}), "lifecycle": given_["lifecycle"],
            "c_unique": f"U{n}" if given_["c_unique"] else "",
        }  # fmt: skip
        if given_["company"] is not None:
            made["company"] = self.one("company", given_["company"])
        if self.ids["person"]:
            made["c_all"] = self.some("person", given_["c_all"])
            made["c_twin"] = None if given_["c_twin"] is None else self.one("person", given_["c_twin"])
        return made

    def row(self, kind: str, one: int, two: int, many: list[int]) -> None:
        ada, person, firm = self.ada, self.one("person", one), self.one("company", two)
        other = self.one("person", two)
        match kind:
            case "employment":
                write.create(ada, "employment", {"person": person, "company": firm, "role": "R" * (len(many) % 2)})
            case "personrelation" if person != other:
                write.create(ada, "personrelation", {"person": person, "other": other, "kind": "spouse"})
            case "task":
                write.create(ada, "task", {"subject": "T", "person": person, "company": firm, "c_firm": firm})
            case "deal":
                made = f.make(ada, "deal", company=firm, person=person, people=self.some("person", many))
                write.create(ada, "buying_group_member", {"deal": made, "person": other})
            case "interaction":
                write.create(ada, "interaction", {"subject": "I", "people": self.some("person", many), "company": firm})
            case "comment":
                write.create(ada, "comment", {"body": "B", "object_key": "person", "record_id": person})
            case "follow":
                Follower.objects.get_or_create(object_key="person", record_id=person, user_id=ada.user_id)
            case "share":
                Share.objects.get_or_create(object_key="company", record_id=firm, user_id=self.bob.user_id)
            case "household":
                write.create(ada, "household", {"name": "H", "members": self.some("person", many)})


def _merge(ada: Caller, world: World, key: str, at: int, others: list[int], choose: bool) -> int | None:
    survivor = world.one(key, at)
    rest = [i for i in world.some(key, others) if i != survivor]
    chosen = {"owner": rest[-1], **({"job": rest[-1]} if key == "person" else {})} if choose and rest else {}
    try:
        return write.merge(ada, key, survivor, rest, chosen).pk if rest else None
    except NotFound:  # one of them stands in another one by now
        return None


def _unmerge(ada: Caller, key: str, made: int) -> str | None:
    """What was said against it."""
    try:
        write.unmerge(ada, key, made)
    except Invalid as refused:
        return str(refused)
    return None


@settings(
    max_examples=12,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
@given(
    people=st.lists(person, min_size=2, max_size=PEOPLE), companies=st.lists(company, min_size=2, max_size=COMPANIES),
    rows=st.lists(row, max_size=10), acts=acts, order=st.randoms(use_true_random=False),
)  # fmt: skip
def test_merges_taken_back_in_any_order_leave_no_trace(
    people: list[Any], companies: list[Any], rows: list[Any], acts: list[Any], order: Any
) -> None:
    with transaction.atomic():
        world = World(people, companies, rows)
        before = state()
        done = [(key, made) for key, *how in acts if (made := _merge(world.ada, world, key, *how)) is not None]
        while done:
            waiting = list(done)
            order.shuffle(waiting)
            done = []
            for key, made in waiting:
                if (message := _unmerge(world.ada, key, made)) is not None:
                    assert "Take that merge back first" in message
                    done.append((key, made))
            assert len(done) < len(waiting), "one of them can always be taken back"
        same(before, state())
        transaction.set_rollback(True)
    from rapport.records.accounts import caller
    from rapport.registry import catalog

    caller.forget()
    catalog.install(None)


def test_a_link_that_a_survivor_lost_is_known_to_the_merge_before(db: None) -> None:
    ada = f.admin()
    f.custom_field("person", "c_all", "references", target="person")
    one = f.make(ada, "person", last_name="One")
    two = f.make(ada, "person", last_name="Two", c_all=[one])
    three = f.make(ada, "person", last_name="Three")
    before = state()
    first = write.merge(ada, "person", three, [one]).pk
    second = write.merge(ada, "person", two, [three]).pk
    assert _unmerge(ada, "person", second) is None
    assert _unmerge(ada, "person", first) is None
    same(before, state())
