"""The same work by the database alone: plain statements through `sqlite3` or `psycopg`, nothing around them.

No rights and no registry: what is left is what no program can avoid.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import itertools
import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from typing import Any

from benchmarks import events
from benchmarks.actions import Action
from benchmarks.places import SQLITE, Place
from benchmarks.samples import Samples

_PRAGMAS = (
    "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-32000", "temp_store=MEMORY",
    "mmap_size=268435456",
)  # fmt: skip
_made = itertools.count(1)
Statement = tuple[str, tuple[Any, ...]]


class Bare:
    """A connection without anything around it. Statements are written with `%s` for values."""

    def __init__(self, place: Place) -> None:
        self.sqlite = place.database == SQLITE
        self.connection: Any
        if self.sqlite:
            self.connection = sqlite3.connect(place.folder / "rapport.sqlite3", timeout=30, isolation_level=None)
            for pragma in _PRAGMAS:
                self.connection.execute(f"PRAGMA {pragma}")
            # The product's own function: statements of pages that are asked again may call it.
            self.connection.create_function("rapport_fold", 1, lambda t: t and t.lower(), deterministic=True)
        else:
            import psycopg

            self.connection = psycopg.connect(place.url, autocommit=True)

    def rows(self, text: str, *values: Any) -> list[Any]:
        """Rows of a statement."""
        found: list[Any] = self.connection.execute(self.say(text), values).fetchall()
        return found

    def walk(self, text: str) -> int:
        """Fetch every row of a statement and keep none; how many there were."""
        count = 0
        named = {} if self.sqlite else {"name": "walk", "withhold": True}
        with closing(self.connection.cursor(**named)) as cursor:
            cursor.execute(text)
            while found := cursor.fetchmany(2000):
                count += len(found)
        return count

    def run(self, text: str, *values: Any) -> Any:
        """Run a statement; its first row, if it returns any."""
        cursor = self.connection.execute(self.say(text), values)
        return cursor.fetchone() if cursor.description else None

    def many(self, text: str, values: Iterable[Sequence[Any]]) -> None:
        """Run a statement for each set of values."""
        with closing(self.connection.cursor()) as cursor:
            cursor.executemany(self.say(text), values)

    def copy(self, table: str, columns: str, values: Sequence[Sequence[Any]]) -> None:
        """Insert rows: COPY on PostgreSQL."""
        if self.sqlite:
            marks = ", ".join("?" * len(values[0]))
            self.many(f"INSERT INTO {table} ({columns}) VALUES ({marks})", values)
            return
        with self.connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            for value in values:
                copy.write_row(value)

    def say(self, text: str) -> str:
        """The statement with the placeholders of this driver."""
        return text.replace("%s", "?") if self.sqlite else text

    def begin(self) -> None:
        """Open a transaction that will write."""
        self.connection.execute("BEGIN IMMEDIATE" if self.sqlite else "BEGIN")

    def commit(self) -> None:
        """Make it last."""
        self.connection.execute("COMMIT")

    def close(self) -> None:
        """Give the connection back."""
        self.connection.close()


def replay(bare: Bare, each: Sequence[Sequence[Statement]]) -> Callable[[int], object]:
    """What pages ask of the database, without the pages: the reading statements of one after the other."""
    reads = [
        [(text, values) for text, values in page if text.lstrip("( ").startswith(("SELECT", "WITH"))] for page in each
    ]

    def call(n: int) -> object:
        return [bare.rows(text, *values) for text, values in reads[n % len(reads)]]

    return call


_CARD = (
    "SELECT t.id, t.version, t.name, t.company_id, c.name, t.emails, t.phones, t.lifecycle, t.last_contact_at, "
    "t.owner_id, o.name, t.updated_at FROM customers_person t LEFT JOIN customers_company c ON c.id = t.company_id "
    "LEFT JOIN records_user o ON o.id = t.owner_id WHERE t.deleted_at IS NULL"
)


def actions(bare: Bare, samples: Samples, wanted: Callable[[str], bool]) -> list[Action]:
    """The plain twins of the actions at the doors, by the key that those name."""
    found: dict[str, Callable[[int], object]] = {**_reads(bare, samples), **_writes(bare, samples)}
    calls = {"bulk": 9, "create_many": 9, "export": 30, "list_choice": 60, "stages": 60}
    return [Action(key, key, call, calls=calls.get(key, 200)) for key, call in found.items() if wanted(key)]


def _reads(bare: Bare, samples: Samples) -> dict[str, Callable[[int], object]]:
    people, numbers, names = samples.people, samples.numbers, samples.last_names
    teams = ", ".join(map(str, samples.caller(samples.member).teams))
    member = samples.member
    # The expressions that the product's own indexes hold.
    if bare.sqlite:
        number, by_number = (
            "json_extract(t.custom, '$.points')",
            "json_extract(t.custom, '$.customer_no') COLLATE NOCASE = %s",
        )
    else:
        number = "((t.custom #>> '{points}')::numeric)"
        by_number = "lower((t.custom #>> '{customer_no}') COLLATE \"und-x-icu\") = lower(%s)"
    by_name = "t.name COLLATE NOCASE" if bare.sqlite else 't.name COLLATE "und-x-icu"'

    def record(n: int) -> object:
        key = people[n % len(people)]
        bare.rows(
            "SELECT t.*, c.name, o.name, m.name FROM customers_person t "
            "LEFT JOIN customers_company c ON c.id = t.company_id LEFT JOIN records_user o ON o.id = t.owner_id "
            "LEFT JOIN records_team m ON m.id = t.team_id WHERE t.id = %s AND t.deleted_at IS NULL",
            key,
        )
        return bare.rows(
            "SELECT g.id, g.name FROM records_link l JOIN collaboration_tag g ON g.id = l.target_id "
            "WHERE l.object_key = 'person' AND l.field = 'tags' AND l.record_id = %s",
            key,
        )

    def listing(rest: str, *values: Any) -> Callable[[int], object]:
        return lambda _n: bare.rows(f"{_CARD} {rest} LIMIT 51", *values)

    def team(column: str, direction: str) -> Callable[[int], object]:
        scope = f"(t.owner_id = %s OR t.team_id IN ({teams}))"
        return listing(f"AND {scope} ORDER BY {column} {direction}, t.id {direction}", member)

    def timeline(key: Callable[[int], int]) -> Callable[[int], object]:
        text = (
            "SELECT x.id, x.kind, x.at, x.subject, x.body, x.owner_id FROM customers_participant p "
            "JOIN customers_interaction x ON x.id = p.interaction_id "
            "WHERE p.identity_id = (SELECT id FROM customers_identity WHERE kind = 'self' AND person_id = %s) "
            "AND x.deleted_at IS NULL ORDER BY p.at DESC, p.interaction_id DESC LIMIT 31"
        )
        return lambda n: bare.rows(text, key(n))

    def search(texts: list[str]) -> Callable[[int], object]:
        text = (
            "SELECT e.id, e.text FROM search_words w JOIN search_entry e ON e.id = w.rowid "
            "WHERE w.search_words MATCH %s ORDER BY w.rowid DESC LIMIT 20"
        )
        return lambda n: bare.rows(text, " AND ".join(f'"{w}"' for w in texts[n % len(texts)].lower().split()))

    def export(_n: int) -> object:
        file = io.StringIO()
        csv.writer(file).writerows(
            bare.rows(f"{_CARD} AND t.lifecycle = 'former' ORDER BY t.updated_at DESC, t.id DESC")
        )
        return file.getvalue().encode()

    # On PostgreSQL words are indexed by object in a form of the product's own: no plain statement does the same.
    searches = {"search": search(samples.names), "search_word": search(names)} if bare.sqlite else {}
    return {
        "record": record,
        "list": listing("ORDER BY t.updated_at DESC, t.id DESC"),
        "list_team": team("t.updated_at", "DESC"),
        "list_name": listing(f"AND t.name > '' ORDER BY {by_name}, t.id"),
        "list_name_team": team(by_name, ""),
        "list_choice": listing("AND t.lifecycle = 'former' ORDER BY t.updated_at DESC, t.id DESC"),
        "list_indexed": listing(f"AND {number} IS NOT NULL ORDER BY {number} DESC, t.id DESC"),
        "find_indexed": lambda n: bare.rows(f"{_CARD} AND {by_number}", numbers[n % len(numbers)]),
        "stages": lambda _n: bare.rows(
            "SELECT stage_id, amount_currency, COUNT(*), SUM(amount) FROM sales_deal WHERE deleted_at IS NULL "
            "GROUP BY stage_id, amount_currency"
        ),
        "duplicates": _alike(bare, samples),
        "timeline": timeline(lambda n: people[n % len(people)]),
        "timeline_busy": timeline(lambda _n: samples.busy),
        "export": export,
        **searches,
    }  # fmt: skip


def _alike(bare: Bare, samples: Samples) -> Callable[[int], object]:
    """Records under the same keys, and the newest of them."""
    from rapport.features.duplicates import facts, keys
    from rapport.registry import catalog

    obj = catalog.current()["person"]
    each = [list(keys.asked(obj, facts.facts_of(obj.matching, one.get))) for one in samples.alike]
    one = "SELECT * FROM (SELECT record_id FROM duplicates_key WHERE key = %s ORDER BY record_id DESC LIMIT 300) k"

    def call(n: int) -> object:
        asked = each[n % len(each)]
        found = bare.rows(" UNION ALL ".join([one] * len(asked)), *asked)
        near = [key for (key,) in found[:60]] or [0]
        return bare.rows(f"{_CARD} AND t.id IN ({', '.join(['%s'] * len(near))})", *near)

    return call


def _writes(bare: Bare, samples: Samples) -> dict[str, Callable[[int], object]]:
    people, actor = samples.people, samples.administrator

    def change(record: int, action: str, version: int, diff: Any, at: str) -> tuple[Any, ...]:
        return (at, actor, "bare", "person", record, action, version, json.dumps(diff), "")

    def event(action: str, ids: list[int], at: str) -> None:
        # Told to nobody: an event of this name has no subscriber.
        bare.run(
            "INSERT INTO records_outboxentry (event, ids, fields, actor_id, at) VALUES (%s, %s, %s, %s, %s)",
            f"bare.{action}", json.dumps(ids), "[]", actor, at,
        )  # fmt: skip

    def update(n: int) -> None:
        key, at = people[n % len(people)], _now()
        bare.begin()
        bare.run(f"SELECT t.* FROM customers_person t WHERE id = %s {'' if bare.sqlite else 'FOR UPDATE'}", key)
        (version,) = bare.run(
            "UPDATE customers_person SET job = %s, updated_at = %s, updated_by_id = %s, version = version + 1 "
            "WHERE id = %s RETURNING version",
            f"Seller {next(_made)}", at, actor, key,
        )  # fmt: skip
        bare.run(
            f"INSERT INTO records_change ({_CHANGE}) VALUES ({_marks(9)})",
            *change(key, "update", version, {"job": ["", "x"]}, at),
        )
        event("update", [key], at)
        bare.commit()

    def bulk(n: int) -> None:
        at, part = _now(), people[:1000]
        marks = _marks(len(part))
        bare.begin()
        bare.run(
            f"UPDATE customers_person SET source = %s, updated_at = %s, version = version + 1 WHERE id IN ({marks})",
            ("web", "event")[n % 2], at, *part,
        )  # fmt: skip
        rows = [change(key, "update", 1, {"source": ["web", "event"]}, at) for key in part]
        bare.copy("records_change", _CHANGE, rows)
        event("update", part, at)
        bare.commit()

    return {
        "events": lambda _n: insert_events(bare),
        "create": lambda _n: insert_people(bare, actor, [next(_made)]),
        "create_many": lambda _n: insert_people(bare, actor, [next(_made) for _ in range(10_000)]),
        "update": update,
        "bulk": bulk,
    }


_CHANGE = "at, actor_id, door, object_key, record_id, action, version, diff, batch"
_PERSON = (
    "name, salutation, first_name, last_name, job, emails, phones, addresses, handles, language, zone, source, "
    "preferences, likes, dislikes, lifecycle, owner_id, created_at, updated_at, version, custom"
)


_EVENT = "key, source_id, identity_id, kind, name, at, received_at, properties, traits, context, resolution"


def insert_events(bare: Bare) -> None:
    """The events of a batch in one transaction: rows alone, of visitors who are there."""
    at, number = _now(), next(_made)
    (source,) = bare.rows("SELECT MAX(id) FROM cdp_eventsource")[0]
    visitors = [key for (key,) in bare.rows("SELECT id FROM customers_identity ORDER BY id DESC LIMIT 25")]
    second = int(dt.datetime.now(dt.UTC).timestamp()).to_bytes(4, "big")
    rows = []
    for n, one in enumerate(events.batch(number)):
        key = second + hashlib.blake2b(f"{at} {number} {n}".encode(), digest_size=16).digest()
        texts = [json.dumps(one["properties"]), "", json.dumps(one["context"])]
        rows.append((key, source, visitors[n % len(visitors)], one["type"], one["name"], at, at, *texts, ""))
    bare.begin()
    bare.many(f"INSERT INTO cdp_event ({_EVENT}) VALUES ({_marks(11)})", rows)
    bare.commit()


def insert_people(bare: Bare, actor: int, numbers: Sequence[int]) -> None:
    """New people in one transaction: rows, identities, life-cycle, changes, an event, search entries."""
    at, sign = _now(), dt.datetime.now(dt.UTC).strftime("%H%M%S%f")
    people = [_person(f"{sign}{number}", actor, at) for number in numbers]
    bare.begin()
    if len(people) == 1:
        keys = [bare.run(f"INSERT INTO customers_person ({_PERSON}) VALUES ({_marks(21)}) RETURNING id", *people[0])[0]]
    else:
        keys = _reserve(bare, len(people))
        bare.copy("customers_person", f"id, {_PERSON}", [(k, *p) for k, p in zip(keys, people, strict=True)])
    each = list(zip(keys, people, strict=True))
    identities = [(key, "self", str(key)) for key in keys]
    identities += [(key, "email", json.loads(p[5])[0]["value"]) for key, p in each]
    identities += [(key, "phone", json.loads(p[6])[0]["value"]) for key, p in each]
    changes = [
        (at, actor, "bare", "person", key, "create", 1, json.dumps({"name": [None, p[0]]}), "") for key, p in each
    ]
    docs = [(key + (9 << 42), f"{p[0].lower()} nova {sign} new example") for key, p in each]
    bare.many(
        "INSERT INTO customers_identity (person_id, kind, value) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING", identities
    )
    stages = [(key, at, "lead", "", actor) for key in keys]
    bare.copy("customers_lifecyclechange", "person_id, at, stage, before, actor_id", stages)
    bare.copy("records_change", _CHANGE, changes)
    bare.copy("search_entry", "id, text", docs)
    if bare.sqlite:
        bare.many("INSERT INTO search_words (rowid, text) VALUES (%s, %s)", docs)
    bare.run(
        "INSERT INTO records_outboxentry (event, ids, fields, actor_id, at) VALUES (%s, %s, %s, %s, %s)",
        "bare.create", json.dumps(keys), "[]", actor, at,
    )  # fmt: skip
    bare.commit()


def _person(sign: str, actor: int, at: str) -> tuple[Any, ...]:
    emails = json.dumps([{"value": f"bare.{sign}@bare.example", "label": "work"}])
    phones = json.dumps([{"value": f"+4941{sign}", "label": "work"}])
    custom = json.dumps({"customer_no": f"B{sign}", "points": 7, "shoe_size": 40})
    return (
        "Nova Bare", "", "Nova", "Bare", "Buyer", emails, phones, "[]", "[]", "", "", "", "", "", "", "lead", actor, at,
        at, 1, custom,
    )  # fmt: skip


def _reserve(bare: Bare, count: int) -> list[int]:
    if not bare.sqlite:
        text = "SELECT nextval(pg_get_serial_sequence('customers_person', 'id')) FROM generate_series(1, %s)"
        return [row[0] for row in bare.rows(text, count)]
    (last,) = bare.run("UPDATE sqlite_sequence SET seq = seq + %s WHERE name = 'customers_person' RETURNING seq", count)
    return list(range(last - count + 1, last + 1))


def _marks(count: int) -> str:
    return ", ".join(["%s"] * count)


def _now() -> str:
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
