"""Converts CDNOW_master.txt (Fader and Hardie) into two CSV files that `rapport import` takes.

    python examples/cdnow.py CDNOW_master.txt FOLDER
    rapport import person FOLDER/people.csv
    rapport import order FOLDER/orders.csv

The data set is not part of Rapport. Each of its lines is a purchase: customer, day (yyyymmdd), number of CDs, dollars.
Customers have no names there: they are called by their numbers.
"""

from __future__ import annotations

import csv
import datetime as dt
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

PEOPLE = ("first_name", "last_name", "lifecycle", "source")
ORDERS = ("number", "person", "ordered_on", "amount", "status", "note")


class Purchase(NamedTuple):
    """A line of the file; `dollars` as it stands there."""

    customer: str
    day: dt.date
    discs: int
    dollars: str


def purchases(lines: Iterable[str]) -> Iterator[Purchase]:
    """The purchases of the file. Raises ValueError for a line that is none."""
    for number, line in enumerate(lines, 1):
        parts = line.split()
        if not parts or parts[0] == "customer_id":
            continue
        if len(parts) != 4:
            raise ValueError(f"line {number}: four columns are expected, not {len(parts)}")
        customer, day, discs, dollars = parts
        yield Purchase(customer, dt.datetime.strptime(day, "%Y%m%d").replace(tzinfo=dt.UTC).date(), int(discs), dollars)


def convert(source: Path, folder: Path) -> tuple[int, int]:
    """Write people.csv and orders.csv; how many people and orders."""
    folder.mkdir(parents=True, exist_ok=True)
    customers: dict[str, None] = {}
    count = 0
    with (
        source.open(encoding="utf-8") as lines,
        (folder / "orders.csv").open("w", encoding="utf-8", newline="") as target,
    ):
        orders = csv.writer(target)
        orders.writerow(ORDERS)
        for count, made in enumerate(purchases(lines), 1):
            customers[made.customer] = None
            discs = f"{made.discs} CD" if made.discs == 1 else f"{made.discs} CDs"
            orders.writerow(
                (f"CDNOW-{count:06d}", f"Customer {made.customer}", made.day, f"{made.dollars} USD", "fulfilled", discs)
            )
    with (folder / "people.csv").open("w", encoding="utf-8", newline="") as target:
        people = csv.writer(target)
        people.writerow(PEOPLE)
        people.writerows(("Customer", customer, "customer", "web") for customer in customers)
    return len(customers), count


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    print("{} people, {} orders".format(*convert(Path(sys.argv[1]), Path(sys.argv[2]))))
