"""Fills a database through the write door, so that it holds what real work leaves: identities, changes, search entries.

What the worker would do afterwards (last contacts, next steps) is done by one statement each. A filled database is kept
and used again until the tables of Rapport or the shape of the data change.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
import sys
import time
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from benchmarks.places import ROOT, Place
from benchmarks.shapes import Row, Shapes

SHAPE = 2
"""Raised when the data changes, so that kept databases are filled anew."""
CHUNK = 5_000
TEAMS = ("Sales", "North", "South", "Key accounts", "Service", "Projects")
USERS = 30
STAGES = (("New", 10, "open"), ("Qualified", 25, "open"), ("Offer", 50, "open"), ("Deal", 80, "open"))
ENDS = (("Won", 100, "won"), ("Lost", 0, "lost"))
ADMINISTRATOR, MEMBER = "ada@bench.example", "user29@bench.example"
"""Who sees all, and who sees the records of one small team only."""


def ensure(place: Place) -> bool:
    """The filled database, migrated; answers whether it was filled now. Run before Django is set up."""
    note = place.folder / "filled.json"
    kept = json.loads(note.read_text()) if note.is_file() else {}
    migrations = _migrations()
    if kept.get("shape") == SHAPE and kept["migrations"].items() <= migrations.items():
        place.create_database()
        _django()
        _migrate()
        if kept["migrations"] != migrations:
            _statistics(place)
        note.write_text(json.dumps({**kept, "migrations": migrations}))
        return False
    shutil.rmtree(place.folder, ignore_errors=True)
    place.folder.mkdir(parents=True)
    place.drop_database()
    place.create_database()
    _django()
    started = time.monotonic()
    counts = _fill(place)
    seconds = round(time.monotonic() - started)
    note.write_text(json.dumps({"shape": SHAPE, "counts": counts, "seconds": seconds, "migrations": migrations}))
    return True


def _migrations() -> dict[str, str]:
    """Each migration with what it says: those that a kept database has been through must be the same today."""
    paths = sorted((ROOT / "src").rglob("migrations/*.py"))
    return {str(path.relative_to(ROOT)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def _migrate() -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    from rapport.records.customising import sync

    sync.refresh()


def _django() -> None:
    import django

    django.setup()


def _fill(place: Place) -> dict[str, int]:
    from django.db import connection

    _migrate()
    if place.database == "sqlite":
        with connection.cursor() as cursor:
            for pragma in ("synchronous=OFF", "cache_size=-400000", "wal_autocheckpoint=50000"):
                cursor.execute(f"PRAGMA {pragma}")
    owners = _accounts()
    caller = _caller()
    _custom_fields(caller)
    counts = _records(caller, place.people, owners)
    _follow()
    _statistics(place)
    connection.close()
    return counts


def _statistics(place: Place) -> None:
    """What the server does by itself, or the product each night."""
    from django.db import connection

    from rapport.features.search.backends import back_end
    from rapport.records import indexing

    indexing.look_again()
    back_end().tend()
    if place.database == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM (ANALYZE)")


def _accounts() -> list[tuple[int, int]]:
    """Organisation, a tree of teams, an administrator, members with a role each; (user, team), the busiest first."""
    from rapport.records.accounts import directory, roles, teams

    system = _caller()
    directory.found_organisation(name="Bench", country="DE", currency="EUR", zone="Europe/Berlin")
    made: list[Any] = []
    for number, name in enumerate(TEAMS):
        made.append(teams.create(system, name=name, parent_id=made[0].pk if 0 < number < 4 else None))
    levels = {}
    for level in ("all", "team"):
        levels[level] = roles.create(system, name=f"Sees {level}")
        rights = {"*": dict.fromkeys(("create", "read", "edit"), level)}
        roles.update(system, levels[level].pk, name=f"Sees {level}", description="", rights=rights)
    directory.create_user(ADMINISTRATOR, "Ada Admin", is_admin=True, zone="Europe/Berlin", teams=[made[0]])
    owners = []
    for number in range(USERS):
        last = number == USERS - 1
        team = made[-1] if last else made[number % (len(made) - 1)]
        role = levels["team" if last or number % 3 else "all"]
        email, name = f"user{number}@bench.example", f"User {number}"
        user = directory.create_user(email, name, zone="Europe/Berlin", teams=[team], roles=[role])
        owners.append((user.pk, team.pk))
    # The last member's team holds about a twentieth of all records.
    return [owners[0], owners[1], owners[-1], *owners[2:-1]]


def _caller() -> Any:
    from rapport.records.accounts.caller import system

    return system("import", batch="fill")


def _custom_fields(caller: Any) -> None:
    from rapport.records.customising.actions import add_field
    from rapport.records.customising.definitions import FieldDefinition as Field

    colours = [{"label": c} for c in ("red", "green", "blue")]
    for key, type_, wanted in (
        ("customer_no", "text", Field(label="Customer number", indexed=True)),
        ("points", "number", Field(label="Points", indexed=True)),
        ("shoe_size", "number", Field(label="Shoe size")),
        ("colour", "choice", Field(label="Colour", choices=colours)),
        ("remark", "text", Field(label="Remark", options={"searchable": False})),
    ):
        add_field(caller, "person", type_, wanted, key=key)


def _records(caller: Any, size: int, owners: Sequence[tuple[int, int]]) -> dict[str, int]:
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    tags = _create(caller, "tag", ({"name": f"Tag {n}"} for n in range(20)), [now] * 20)
    shapes = Shapes(size, owners, tags, now)
    companies = _create(caller, "company", shapes.company_rows(), shapes.moments("companies", shapes.companies))
    people = _create(caller, "person", shapes.person_rows(companies), shapes.moments("people", size))
    (pipeline,) = _create(caller, "pipeline", [{"name": "Sales"}], [now])
    stages = [
        {"pipeline": pipeline, "name": name, "position": position, "probability": probability, "outcome": outcome}
        for position, (name, probability, outcome) in enumerate((*STAGES, *ENDS))
    ]
    made = _create(caller, "stage", stages, [now] * len(stages))
    deals = _create(caller, "deal", shapes.deal_rows(people, companies, made), shapes.moments("deals", size // 10))
    _create(caller, "task", shapes.task_rows(people), shapes.moments("tasks", size // 10))
    moments = shapes.moments("interactions", shapes.interactions)
    contacts = _create(caller, "interaction", shapes.interaction_rows(people, companies), moments)
    return {
        "person": len(people), "company": len(companies), "deal": len(deals), "task": size // 10,
        "interaction": len(contacts),
    }  # fmt: skip


def _create(caller: Any, key: str, rows: Iterable[Row], moments: Sequence[dt.datetime]) -> list[int]:
    from rapport.records import indexing
    from rapport.records.write import create_many

    rows, started = iter(rows), time.monotonic()
    ids: list[int] = []
    while part := list(islice(rows, CHUNK)):
        created = create_many(caller, key, part, at=moments[len(ids) : len(ids) + len(part)])
        if created.errors:
            raise RuntimeError(f"generated {key} refused: {next(iter(created.errors.values()))}")
        ids += [i for i in created.ids if i is not None]
        if len(ids) in {CHUNK, 20 * CHUNK}:
            indexing.look_again()
    if len(ids) >= CHUNK:
        indexing.look_again()
    seconds = time.monotonic() - started
    print(f"  {len(ids):>9,} {key}: {len(ids) / seconds:,.0f} a second", flush=True)
    return ids


def _follow() -> None:
    """Last contacts and next steps, as the followers of events would leave them; then nothing waits in the outbox."""
    from rapport.lib.sql import Sql
    from rapport.records import db

    contacts = (
        "SELECT i.person_id AS key, MAX(p.at) AS at FROM customers_participant p "
        "JOIN customers_identity i ON i.id = p.identity_id GROUP BY i.person_id"
    )
    steps = "SELECT {0}_id AS key, MIN(due_at) AS at FROM collaboration_task WHERE status <> 'done' GROUP BY {0}_id"
    companies = "SELECT company_id AS key, MAX(at) AS at FROM customers_interaction GROUP BY company_id"
    for table, column, source in (
        ("customers_person", "last_contact_at", contacts),
        ("customers_company", "last_contact_at", companies),
        ("customers_person", "next_step_at", steps.format("person")),
    ):
        db.execute(Sql(f'UPDATE "{table}" SET "{column}" = s.at FROM ({source}) s WHERE s.key = "{table}".id'))
    db.execute(Sql("DELETE FROM records_outboxentry"))
    _keys()


def _keys() -> None:
    """The blocking keys of duplicates, as the job makes them after an import."""
    from rapport.features.duplicates import comparing
    from rapport.records.jobs.worker import Context

    class Waiting(Context):
        """A job without a row, which gives way to nobody."""

        def progress(self, done: int, total: int | None = None) -> None:
            pass

    work = Waiting(None, None)  # type: ignore[arg-type]
    work.stop.set()
    started = time.monotonic()
    comparing.follow(work)
    done = comparing.look(work)["records"]
    print(f"  {done:>9,} under keys: {done / (time.monotonic() - started):,.0f} a second", flush=True)


def main(arguments: list[str]) -> None:
    """The command line of the process that fills."""
    place = Place(arguments[0], int(arguments[1]))
    if ensure(place):
        print(f"  filled in {json.loads((place.folder / 'filled.json').read_text())['seconds']} s")


if __name__ == "__main__":
    main(sys.argv[1:])
