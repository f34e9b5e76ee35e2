"""`python -m benchmarks.duplicates DATABASE`: the nightly pass over imported people whose duplicates are known.

Pairwise precision, recall and F1 by threshold, and the seconds of a pass over 100,000 generated people.
"""

from __future__ import annotations

import csv
import json
import random
import sys
import threading
import time
from itertools import combinations
from pathlib import Path
from typing import Any

from benchmarks.places import ROOT, Place
from benchmarks.shapes import FIRST, LAST

PEOPLE = 100_000
TWICE = 0.1
"""Share of the generated people who come twice."""
SETS = (("febrl3", lambda custom: custom["source_record"].split("-")[1]), ("fake_1000", lambda c: c["source_cluster"]))
AIMS = {"febrl3": "F1 ≥ 0.99", "fake_1000": "precision ≥ 0.99, recall ≥ 0.75"}


class _Context:
    """What a job is given, as far as the pass asks for it."""

    stop = threading.Event()

    def progress(self, done: int, total: int | None = None) -> None:
        """Nobody watches."""


def main(arguments: list[str]) -> None:
    """Measure each set in a database of its own."""
    import os

    for name, cluster in SETS:
        _in_own(arguments[0], name, lambda place, name=name, cluster=cluster: _known(name, cluster))
    _in_own(arguments[0], "people", lambda place: _generated(place.folder / "people.csv"))
    print(f"  load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def _in_own(database: str, name: str, act: Any) -> None:
    """In a process of its own, since Django has one database."""
    import multiprocessing

    process = multiprocessing.get_context("fork").Process(target=_run, args=(Place(database, 0, f"pairs_{name}"), act))
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(process.exitcode)


def _run(place: Place, act: Any) -> None:
    import os

    import django
    from django.core.management import call_command

    os.environ.update(place.environment())
    place.remove()
    place.folder.mkdir(parents=True)
    place.create_database()
    django.setup()
    try:
        call_command("migrate", verbosity=0)
        act(place)
    finally:
        from django.db import connection

        connection.close()
        place.remove()


def _import(path: Path, wanted: Any) -> None:
    from rapport.features.transfer import importing, mapping
    from rapport.records.accounts import caller as callers
    from rapport.records.accounts import directory

    directory.found_organisation(name="Bench", country="AU", currency="AUD", zone="Australia/Sydney")
    importing.import_file(callers.system("import"), "person", path, mapping.from_json({**wanted, "duplicates": "make"}))


def _pass() -> dict[str, Any]:
    from rapport.features.duplicates.nightly import passing
    from rapport.registry import catalog

    return passing.look_at(catalog.current()["person"], _Context())


def _known(name: str, cluster: Any) -> None:
    from rapport.apps.customers.models import Person
    from rapport.features.duplicates import trade
    from rapport.features.duplicates.models import DuplicatePair
    from rapport.features.duplicates.nightly import passing
    from rapport.records.customising import sync
    from rapport.records.customising.models import CustomField

    _import(ROOT / "tests" / "data" / f"{name}.csv", json.loads((ROOT / "examples" / f"{name}.json").read_text()))
    CustomField.objects.filter(key="social_security_number").update(options={"matching": True})
    sync.refresh()
    from rapport.registry import catalog

    catalog.install(None)
    numbers = _pass()
    clusters: dict[str, list[int]] = {}
    for key, custom in Person.objects.order_by("pk").values_list("pk", "custom"):
        clusters.setdefault(cluster(custom), []).append(key)
    true = {pair for ids in clusters.values() for pair in combinations(ids, 2)}
    scored = list(DuplicatePair.objects.values_list("first_id", "second_id", "score"))
    print(
        f"  {name}: {numbers['records']} records, {numbers['seconds']} s; {AIMS[name]} at {passing.THRESHOLD:g}",
        flush=True,
    )
    for threshold in trade.SHOWN:
        found = {(first, second) for first, second, score in scored if score >= threshold}
        right = len(found & true)
        precision, recall = right / max(1, len(found)), right / len(true)
        f1 = 2 * right / (len(found) + len(true))
        print(f"    from {threshold:g}: precision {precision:.4f}, recall {recall:.4f}, F1 {f1:.4f}", flush=True)


def _generated(path: Path) -> None:
    columns = {
        "first_name": "first_name", "last_name": "last_name", "email": "emails", "phone": "phones",
        "street": "addresses:home.street", "city": "addresses:home.city", "postcode": "addresses:home.postcode",
        "birthday": "birthday",
    }  # fmt: skip
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(columns)
        out.writerows(_people())
    _import(path, {"columns": columns})
    started = time.perf_counter()
    numbers = _pass()
    took = time.perf_counter() - started
    print(f"  {numbers['records']:,} people: {took:.1f} s (< 60), {numbers['candidates']:,} pairs compared", flush=True)


def _people() -> list[list[str]]:
    chance, rows = random.Random("pairs"), list[list[str]]()
    while len(rows) < PEOPLE:
        number = len(rows)
        first, last = chance.choice(FIRST), chance.choice(LAST)
        row = [
            first, last, f"{first}.{last}{number}@c{number % 997}.example".lower().encode("ascii", "ignore").decode(),
            f"+4930{10_000_000 + number}", f"{chance.choice(LAST)} Street {chance.randrange(1, 150)}",
            f"City {int(chance.random() ** 2 * 400)}", str(10_000 + chance.randrange(6_000)),
            f"{chance.randrange(1940, 2008)}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}",
        ]  # fmt: skip
        rows.append(row)
        if chance.random() < TWICE and len(rows) < PEOPLE:
            at = chance.randrange(len(last) - 1)
            turned = last[:at] + last[at + 1] + last[at] + last[at + 2 :]
            rows.append([first, turned, f"x{row[2]}", "", *row[4:]])
    return rows


if __name__ == "__main__":
    main(sys.argv[1:])
