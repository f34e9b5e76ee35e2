"""Companies, people and who works where."""

from __future__ import annotations

import datetime as dt
import random
import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from rapport.apps.customers.demo import companies as words
from rapport.apps.customers.demo.countries import COUNTRIES, Country
from rapport.features.demo.context import DemoContext, Made

COMPANIES, PEOPLE = 400, 2000
STAGES = (("customer", 30), ("qualified", 22), ("lead", 30), ("former", 6), ("subscriber", 8), ("visitor", 4))
SOURCES = (
    ("web", 22), ("form", 14), ("referral", 18), ("event", 14), ("phone", 8), ("mail", 8), ("social", 6),
    ("advert", 5), ("partner", 5),
)  # fmt: skip
PATH = {
    "customer": ("lead", "qualified", "customer"),
    "qualified": ("lead", "qualified"),
    "former": ("lead", "customer", "former"),
}


def pick(chance: random.Random, weighted: Any) -> Any:
    """One of `(value, weight)` pairs."""
    values, weights = zip(*weighted, strict=True)
    return chance.choices(values, weights)[0]


def slug(text: str) -> str:
    """A name as it stands in a mail address or a domain."""
    special = text.lower().translate({ord("ß"): "ss", ord("ø"): "o", ord("ł"): "l", ord("æ"): "ae"})
    plain = unicodedata.normalize("NFKD", special).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def digits(chance: random.Random, pattern: str) -> str:
    """A pattern with `#` replaced by digits."""
    return "".join(str(chance.randrange(10)) if c == "#" else c for c in pattern)


def address(chance: random.Random, country: Country) -> dict[str, str]:
    """A postal address in the country."""
    town, code = chance.choice(country.towns)
    street = chance.choice(country.streets).format(n=chance.randrange(1, 140))
    return {"street": street, "city": town, "postcode": digits(chance, code), "country": country.name}


def load_records(context: DemoContext) -> None:
    """Companies first, the people of each, people of none, and who worked where before."""
    chance = context.chance("customers")
    companies = _companies(context, chance)
    people = _people(context, chance, companies)
    _employments(context, chance, companies, people)


def _companies(context: DemoContext, chance: random.Random) -> list[Made]:
    owners = context.group("lead", "sales")
    rows: list[tuple[dict[str, Any], dt.datetime, dict[str, Any]]] = []
    names: set[str] = set()
    while len(rows) < COMPANIES:
        industry = pick(chance, words.WEIGHTS.items())
        base = f"{chance.choice(words.PREFIXES)} {chance.choice(words.SUFFIXES[industry])}"
        if base in names:
            continue
        names.add(base)
        country = pick(chance, [(c, c.weight) for c in COUNTRIES])
        domain, number = f"{slug(base)}.example", len(rows)
        place, stage = address(chance, country), pick(chance, STAGES)
        about = chance.choice(words.ABOUT)
        values = {
            "name": f"{base} {chance.choice(country.legal)}".strip(), "domains": domain,
            "website": f"https://www.{domain}", "industry": industry, "size": pick(chance, words.SIZES),
            "phone": country.phone.format(n=f"{number:04d}"), "address": place, "lifecycle": stage,
            "owner": chance.choice(owners).user_id,
            "description": about.format(n=chance.randrange(8, 400), sites=chance.randrange(2, 30), town=place["city"])
            if chance.random() < 0.4 else "",
            "tags": _tags(context, chance, stage),
        }  # fmt: skip
        age = (1400, 260) if stage in {"customer", "former"} else (900, 30)
        rows.append((values, context.moment(chance, *age), {"country": country, "domain": domain, "base": base}))
    made = context.create("company", rows)
    _parents(context, chance, made)
    return made


def _parents(context: DemoContext, chance: random.Random, made: list[Made]) -> None:
    """Some companies belong to a larger one that is as old or older."""
    large = [m for m in made[:150] if m.values["size"] in {"201-1000", "1001+"}]
    small = [m for m in made[200:] if m.values["size"] in {"11-50", "51-200"}]
    if large:
        context.update("company", [(m, {"parent": chance.choice(large).id}, m.at) for m in chance.sample(small, 25)])


def _tags(context: DemoContext, chance: random.Random, stage: str) -> list[int]:
    found = []
    for tag in context.made.get("tag", ()):
        share = {"VIP": 0.12 if stage == "customer" else 0.0, "Key account": 0.1 if stage == "customer" else 0.01}
        if chance.random() < share.get(tag.values["name"], 0.05):
            found.append(tag.id)
    return found


def _people(context: DemoContext, chance: random.Random, companies: list[Made]) -> list[Made]:
    staff = {"1": 1, "2-10": 3, "11-50": 4, "51-200": 5, "201-1000": 7, "1001+": 10}
    places: list[Made | None] = [c for c in companies for _n in range(staff[c.values["size"]])]
    chance.shuffle(places)
    places = [*companies, *places][: PEOPLE - 170]
    rows, taken = [], set[str]()
    for number in range(PEOPLE):
        employer = places[number] if number < len(places) else None
        rows.append(_person(context, chance, employer, number, taken))
    made = context.create("person", rows)
    _follow_path(context, chance, made)
    return made


def _name(chance: random.Random, given: Sequence[str], surnames: Sequence[str], taken: set[str]) -> tuple[str, str]:
    """A name that few share: most namesakes of a company are one person entered twice, and here nobody is."""
    for _again in range(20):
        first, last = chance.choice(given), chance.choice(surnames)
        if f"{first} {last}" not in taken:
            break
    taken.add(f"{first} {last}")
    return first, last


def _person(
    context: DemoContext, chance: random.Random, employer: Made | None, number: int, taken: set[str]
) -> tuple[dict[str, Any], dt.datetime, dict[str, Any]]:
    country: Country = employer.extra["country"] if employer else pick(chance, [(c, c.weight) for c in COUNTRIES])
    woman = chance.random() < 0.5
    first, last = _name(chance, country.women if woman else country.men, country.surnames, taken)
    stage = employer.values["lifecycle"] if employer and chance.random() < 0.85 else pick(chance, STAGES)
    domain = employer.extra["domain"] if employer else "mail.example"
    email = f"{slug(first)}.{slug(last)}@{domain}"
    if email in taken:
        email = f"{slug(first)}.{slug(last)}{number}@{domain}"
    taken.add(email)
    stages = PATH.get(stage, (stage,))
    values: dict[str, Any] = {
        "first_name": first, "last_name": last, "job": pick(chance, words.JOBS) if employer else "",
        "salutation": ("Ms" if woman else "Mr") if chance.random() < 0.6 else "", "lifecycle": stages[0],
        "company": employer.id if employer else None, "emails": [{"value": email, "label": "work"}],
        "language": country.language, "zone": country.zone, "source": pick(chance, SOURCES),
        "owner": employer.values["owner"] if employer else chance.choice(context.group("lead", "sales")).user_id,
        "phones": _phones(chance, country, number), "tags": _tags(context, chance, stage),
    }  # fmt: skip
    if chance.random() < 0.35:
        values["addresses"] = [{**address(chance, country), "label": "work" if employer else "home"}]
    if chance.random() < 0.4:
        values["birthday"] = context.today - dt.timedelta(days=chance.randrange(22 * 365, 63 * 365))
    if chance.random() < 0.25:
        values["handles"] = [{"value": f"{slug(first)}-{slug(last)}-{number}", "label": "linkedin"}]
    for name, texts in (("preferences", words.PREFERENCES), ("likes", words.LIKES), ("dislikes", words.DISLIKES)):
        if chance.random() < 0.08:
            values[name] = chance.choice(texts)
    earliest = max((context.now - employer.at).days if employer else 700, 2)
    latest = 0 if stage in {"lead", "visitor", "subscriber"} else earliest * 0.3
    at = context.moment(chance, earliest, latest)
    return values, max(at, employer.at if employer else at), {"path": stages[1:], "stage": stage}


def _phones(chance: random.Random, country: Country, number: int) -> list[dict[str, Any]]:
    found = []
    if chance.random() < 0.7:
        found.append({"value": country.phone.format(n=f"{5000 + number:04d}"), "label": "work"})
    if chance.random() < 0.4:
        found.append({"value": country.mobile.format(n=f"{number:04d}"), "label": "mobile"})
    return found


def _follow_path(context: DemoContext, chance: random.Random, people: list[Made]) -> None:
    """Move each person along to the stage where they are today."""
    walks = {p.id: context.walk(chance, p.at, [chance.uniform(4, 80) for _s in p.extra["path"]]) for p in people}
    for step in range(2):
        moved = [p for p in people if step < len(p.extra["path"])]
        context.update("person", [(p, {"lifecycle": p.extra["path"][step]}, walks[p.id][step + 1]) for p in moved])


def _employments(context: DemoContext, chance: random.Random, companies: list[Made], people: list[Made]) -> None:
    rows: list[tuple[dict[str, Any], dt.datetime, dict[str, Any]]] = []
    for person in people:
        if person.values["company"] is None:
            continue
        started = person.at.date() - dt.timedelta(days=chance.randrange(30, 4000))
        now = {
            "person": person.id, "company": person.values["company"], "role": person.values["job"],
            "started_on": started, "owner": person.values["owner"],
        }  # fmt: skip
        rows.append((now, person.at, {}))
        if chance.random() < 0.08:
            other = chance.choice(companies)
            before = {
                **now, "company": other.id, "role": pick(chance, words.JOBS),
                "started_on": started - dt.timedelta(days=chance.randrange(400, 2500)), "ended_on": started,
            }  # fmt: skip
            rows.append((before, person.at, {}))
    context.create("employment", rows)
