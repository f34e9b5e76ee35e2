"""Actions at the read and the write door, in the process that measures: what every page stands on."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from typing import Any

from benchmarks.actions import Action
from benchmarks.samples import Samples

RECORD, LIST, CREATE, SEARCH, DUPLICATES = 1.0, 2.0, 1.5, 5.0, 20.0
"""Budgets of architecture.md in milliseconds."""
_made = itertools.count(1)


def reads(samples: Samples) -> list[Action]:
    """Records, lists, totals, timelines."""
    from rapport.features.duplicates.finding import find
    from rapport.features.timeline.gathering import gather
    from rapport.records.read import visible

    def see(user: int, key: str = "person") -> Any:
        return visible(samples.caller(user), key)

    def listing(user: int, key: str = "person", **how: Any) -> Callable[[int], object]:
        return lambda _n: see(user, key).page(**how)

    def timeline(key: str, record: int) -> Callable[[int], object]:
        def call(_n: int) -> object:
            caller = samples.caller(ada)
            return gather(caller, visible(caller, key).obj, record)

        return call

    ada, member, people = samples.administrator, samples.member, samples.people
    theirs, numbers, companies = samples.theirs, samples.numbers, samples.companies
    named = {"field": "company.name", "op": "contains", "value": "berg"}
    deals = {"field": "deals", "op": "has", "value": {"field": "outcome", "op": "is", "value": "open"}}

    def by_number(n: int) -> object:
        return see(ada).page(filter={"field": "customer_no", "op": "is", "value": numbers[n % len(numbers)]})

    def record(user: int, keys: list[int]) -> Callable[[int], object]:
        return lambda n: see(user).get(keys[n % len(keys)])

    def alike(n: int) -> object:
        caller = samples.caller(ada)
        return find(caller, visible(caller, "person").obj, samples.alike[n % len(samples.alike)])

    def where(field: str, value: Any) -> dict[str, Any]:
        return {"field": field, "op": "is", "value": value}

    return [
        Action(
            "record", "record of a person", record(ada, people), budget=RECORD, bare="record", indexed=True, calls=600
        ),
        Action(
            "record_team",
            "the same, who sees a team only",
            record(member, theirs),
            budget=RECORD,
            bare="record",
            indexed=True,
            calls=600,
        ),
        Action(
            "list", "list of 50 people, newest first", listing(ada), budget=LIST, bare="list", indexed=True, calls=300
        ),
        Action(
            "list_team", "the same, who sees a team only", listing(member), budget=LIST, bare="list_team", indexed=True
        ),
        Action(
            "list_name", "list of 50, by name", listing(ada, sort="name"), budget=LIST, bare="list_name", indexed=True
        ),
        Action("list_name_team", "the same, who sees a team only", listing(member, sort="name"), bare="list_name_team"),
        Action(
            "list_choice",
            "list of 50, filtered by a choice",
            listing(ada, filter=where("lifecycle", "former")),
            bare="list_choice",
        ),
        Action(
            "list_indexed",
            "list of 50, by an indexed custom field",
            listing(ada, sort="-points"),
            budget=LIST,
            bare="list_indexed",
            indexed=True,
        ),
        Action(
            "find_indexed",
            "one person by an indexed custom field",
            by_number,
            budget=RECORD,
            bare="find_indexed",
            indexed=True,
        ),
        Action("list_plain", "list of 50, by a custom field without an index", listing(ada, sort="-shoe_size")),
        Action(
            "find_plain",
            "list of 50, filtered by a custom field without an index",
            listing(ada, filter=where("shoe_size", 40)),
        ),
        Action("list_company", "list of 50, filtered by the name of the company", listing(ada, filter=named)),
        Action("list_deals", "list of 50, those with an open deal", listing(ada, filter=deals)),
        Action("list_none", "list that nothing matches", listing(ada, filter=where("remark", "no such remark"))),
        Action("count", "total, counted to 1,000+", lambda _n: see(ada).count(where("lifecycle", "lead"))),
        Action(
            "duplicates",
            "people who may be the one that is entered",
            alike,
            budget=DUPLICATES,
            bare="duplicates",
        ),
        Action(
            "stages",
            "deals: count and sum of each stage",
            lambda _n: see(ada, "deal").groups("stage", total="amount"),
            bare="stages",
        ),
        Action(
            "timeline",
            "timeline of a person, 30 newest",
            lambda n: timeline("person", people[n % len(people)])(n),
            bare="timeline",
        ),
        Action(
            "timeline_busy",
            "timeline of the person with a tenth of all entries",
            timeline("person", samples.busy),
            bare="timeline_busy",
            indexed=True,
        ),
        Action(
            "timeline_firm",
            "timeline of a company and its people",
            lambda n: timeline("company", companies[n % len(companies)])(n),
            indexed=True,
        ),
        Action(
            "timeline_company",
            "timeline of the largest company, with twelve times as many people at 1,000,000",
            timeline("company", samples.big),
        ),
    ]


def searches(samples: Samples) -> list[Action]:
    """Words, parts, numbers, typos, over everything that the caller may see."""
    from rapport.features.search.finding import search

    def find(texts: list[str], user: int) -> Callable[[int], object]:
        return lambda n: search(samples.caller(user), texts[n % len(texts)])

    ada, member, names = samples.administrator, samples.member, samples.last_names
    middles = [name[2:] for name in names if len(name) >= 7]
    typos = [name[:2] + name[3:] for name in names if len(name) >= 6]
    phones = [str(10_000_000 + n)[-6:] for n in range(300)]
    words = ["delivery price", "invoice", "repair season", "contract", "budget approval"]
    budget: dict[str, Any] = {"budget": SEARCH, "counts": "web95"}
    return [
        Action("search_name", "a whole name", find(samples.names, ada), bare="search", **budget),
        Action("search_word", "a last name", find(names, ada), bare="search_word", **budget),
        Action("search_team", "the same, who sees a team only", find(names, member), **budget),
        Action("search_start", "the first three letters", find([n[:3] for n in names], ada), **budget),
        Action("search_part", "letters from the middle", find(middles, ada), **budget),
        Action("search_typo", "a name with a letter missing", find(typos, ada), **budget),
        Action("search_phone", "the last six digits of a phone number", find(phones, ada), **budget),
        Action("search_text", "common words of notes and mails", find(words, ada), **budget),
    ]


def writes(samples: Samples) -> list[Action]:
    """Create with identities, change row, event and search entry; update; 1,000 at once."""
    from rapport.records import write

    ada, people = samples.administrator, samples.people

    def create(_n: int) -> object:
        return write.create(samples.caller(ada), "person", new_person())

    def update(n: int) -> object:
        return write.update(samples.caller(ada), "person", people[n % len(people)], {"job": f"Buyer {next(_made)}"})

    def contact(n: int) -> object:
        values = {"kind": "call", "people": [people[n % len(people)]], "body": f"Talked about the offer {n}"}
        return write.create(samples.caller(ada), "interaction", values)

    def many(n: int) -> object:
        return write.update_many(samples.caller(ada), "person", people[:1000], {"source": ("web", "event")[n % 2]})

    return [
        Action("create", "new person", create, budget=CREATE, bare="create", indexed=True),
        Action("contact", "new call with a person", contact, budget=CREATE, indexed=True),
        Action("update", "one field of a person", update, budget=CREATE, bare="update", indexed=True),
        Action("bulk", "one field of 1,000 people", many, calls=9, warm=2, bare="bulk", indexed=True),
    ]


def documents(samples: Samples) -> list[Action]:
    """What is set as PDF, as a download does it."""
    from rapport.apps.commerce import pdf

    ada, quote = samples.administrator, samples.quote
    return [Action("pdf", "quote of 10 lines", lambda _n: pdf.render(samples.caller(ada), "quote", quote), calls=60)]


def new_person() -> dict[str, Any]:
    """A person whom nobody knows yet: two identities besides the own one, a company, custom values."""
    unique = f"{os.getpid()}{next(_made):06}"
    return {
        "first_name": "Nova", "last_name": "Lindqvist", "job": "Buyer", "emails": f"nova.{unique}@new.example",
        "phones": f"+4940{int(unique) % 10_000_000:07}", "customer_no": f"N{unique}", "points": 7, "shoe_size": 40,
    }  # fmt: skip
