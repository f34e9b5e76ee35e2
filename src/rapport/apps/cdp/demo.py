"""Demo data: the website of the demo company, and what some of its customers looked at."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterator
from typing import Any

from rapport.apps.cdp.sources import MINUTE, MINUTES
from rapport.apps.cdp.storing import ANONYMOUS, COLUMNS, IDENTITIES, TABLE
from rapport.features.demo.context import DemoContext, Made
from rapport.lib import json
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.registry.extensions import Demo

PEOPLE, VISITS = 30, 4
SITE = "https://www.kestrel.example"
PAGES = (
    ("/", "Fleet tracking for delivery"), ("/products/tracker", "Tracker"), ("/products/dispatch", "Dispatch"),
    ("/prices", "Prices"), ("/customers", "What customers say"), ("/help/depots", "Help: depots"),
)  # fmt: skip
TRACKS = (
    ("Product Viewed", {"product": "Tracker Pro", "price": 249, "currency": "EUR"}),
    ("Demo Requested", {"product": "Dispatch"}),
    ("Price List Downloaded", {"name": "Prices 2026"}),
)
Seen = tuple[dt.datetime, str, str, dict[str, Any], dict[str, Any]]
"""Moment, kind, name, properties and context."""


def load(context: DemoContext) -> None:
    """A source, and visits of people with mail addresses in the last weeks."""
    chance = context.chance("cdp")
    lead = context.group("lead")[0]
    values = {"name": "kestrel.example", "kind": "website", "origins": SITE, "owner": lead.user_id}
    (source,) = context.create("event_source", [(values, context.now - dt.timedelta(days=90), {})])
    people = [p for p in context.made["person"] if p.values["emails"] and p.at < context.now - dt.timedelta(days=60)]
    chosen = chance.sample(people, min(PEOPLE, len(people)))
    identities = _identities(chosen)
    rows = []
    for person in chosen:
        for number, (at, kind, name, own, around) in enumerate(_seen(context, person)):
            key = (
                int(at.timestamp()).to_bytes(4, "big")
                + hashlib.blake2b(f"{person.id} {number} {at}".encode(), digest_size=16).digest()
            )
            texts = [json.dumps(part) if part else "" for part in (own, {}, around)]
            moment = db.dialect().moment(at)
            rows.append((key, source.id, identities[person.id], kind, name, moment, moment, *texts, ""))
    db.insert_many(TABLE, COLUMNS, sorted(rows))
    minutes = Counter(int.from_bytes(row[0][:4], "big") // MINUTE for row in rows)
    counted = [(source.id, minute, count, 0, "") for minute, count in sorted(minutes.items())]
    db.insert_many(MINUTES, ("source_id", "minute", "taken", "refused", "reason"), counted)


def _identities(people: list[Made]) -> dict[int, int]:
    names = {person.id: hashlib.blake2b(f"demo {person.id}".encode(), digest_size=8).hexdigest() for person in people}
    rows = [(key, ANONYMOUS, name) for key, name in names.items()]
    db.insert_missing(IDENTITIES, ("person_id", "kind", "value"), rows, unique=("kind", "value"))
    text = f"SELECT person_id, id FROM {IDENTITIES} WHERE kind = %s AND value IN ({db.marks(rows)})"
    return dict(db.rows(Sql(text, (ANONYMOUS, *names.values()))))


def _seen(context: DemoContext, person: Made) -> Iterator[Seen]:
    """A few visits of somebody, some of which end with more than looking."""
    chance = context.chance(f"cdp {person.id}")
    for _visit in range(chance.randrange(1, VISITS + 1)):
        at = context.moment(chance, 45, 0.2)
        for path, title in chance.sample(PAGES, chance.randrange(1, 5)):
            yield at, "page", "", {}, {"page": {"path": path, "title": title, "url": SITE + path}}
            at = min(at + dt.timedelta(seconds=chance.randrange(20, 200)), context.now)
        if chance.random() < 0.4:
            name, own = chance.choice(TRACKS)
            yield at, "track", name, own, {"page": {"path": "/prices", "url": f"{SITE}/prices"}}


DEMO = Demo(name="events", load=load, after=("customers",))
