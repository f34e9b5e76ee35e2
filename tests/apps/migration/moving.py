"""What tests of migrations share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests import factories as f

from rapport.apps.migration import running
from rapport.apps.migration.models import Migration, MigrationStep
from rapport.records.accounts import directory
from rapport.records.accounts.caller import Caller
from rapport.records.read import visible

DATA = Path(__file__).parents[2] / "data" / "migration"


def colleague(name: str, email: str) -> int:
    """A user whom exports name."""
    f.organisation()
    return int(directory.create_user(email, name, zone="Europe/Berlin").pk)


def bring(caller: Caller, vendor: str, path: Path, **options: Any) -> Migration:
    """A whole migration, here and now."""
    migration = running.begin(caller, vendor, str(path), path.name, stored=False)
    running.look(caller, migration)
    running.start(caller, migration, options)
    running.perform(caller, migration)
    return migration


def rows(caller: Caller, key: str, sort: str = "id") -> list[Any]:
    """All records of an object, with every field."""
    seen = visible(caller, key)
    columns = tuple(caller.visible_fields(seen.obj))
    return list(seen.page(columns=columns, sort=sort, size=500).rows)


def by_title(caller: Caller, key: str) -> dict[str, Any]:
    """The records of an object by what they are called."""
    return {row.title: row for row in rows(caller, key)}


def only(caller: Caller, key: str) -> Any:
    """The one record of an object."""
    (found,) = rows(caller, key)
    return found


def prices(caller: Caller) -> list[tuple[str, bool, str, str]]:
    """List, whether it is the usual one, product and amount of all prices."""
    lists = {row.id: row.values for row in rows(caller, "pricelist")}
    found = [(lists[row.values["price_list"]], row) for row in rows(caller, "price")]
    return [
        (
            told["name"],
            bool(told["is_default"]),
            row.labels["product"],
            f"{row.values['amount'].major} {told['currency']}",
        )
        for told, row in found
    ]


def step(migration: Migration, kind: str, *, late: bool = False) -> MigrationStep:
    """How a kind of rows came over."""
    return MigrationStep.objects.get(migration=migration, kind=kind, late=late)


def counts(migration: Migration) -> dict[str, tuple[int, int]]:
    """How many rows of each kind were made, and refused."""
    found: dict[str, tuple[int, int]] = {}
    for step in MigrationStep.objects.filter(migration=migration, late=False).order_by("place"):
        made, refused = found.get(step.kind, (0, 0))
        found[step.kind] = (made + step.created, refused + step.rejected)
    return found


def stages_of(caller: Caller, pipeline: str) -> list[tuple[str, str, int]]:
    """Name, outcome and probability of the stages of a pipeline, in their order."""
    key = by_title(caller, "pipeline")[pipeline].id
    found = [row for row in rows(caller, "stage", sort="position") if row.values["pipeline"] == key]
    return [(row.title, row.values["outcome"], row.values["probability"]) for row in found]
