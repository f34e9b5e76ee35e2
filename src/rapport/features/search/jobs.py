"""Background work and the command of the index."""

from __future__ import annotations

import datetime as dt
from typing import Any

import click
from django.utils.translation import gettext_lazy as _

from rapport.features.search import maintenance
from rapport.features.search.backends import back_end
from rapport.records.customising import sync
from rapport.registry import catalog, extensions


def reindex(context: Any) -> dict[str, int]:
    """Of the object that the argument `object` names, or of all."""
    key = context.arguments.get("object")
    if key and key not in catalog.current().objects:
        return {"entries": 0}
    done = maintenance.reindex(key, context.progress) if key else maintenance.rebuild(context.progress)
    return {"entries": done}


def follow(context: Any) -> dict[str, list[str]]:
    """Now and then: custom fields and objects come back, or are searched from now on."""
    return {"objects": maintenance.follow(context.progress)}


def tidy(context: Any) -> dict[str, int]:
    """Daily."""
    return maintenance.tidy()


def scrub(context: Any) -> None:
    """After records were erased."""
    back_end().scrub()


@click.group()
def search() -> None:
    """Look after the search index."""


@search.command()
@click.option("--object", "key", default="", help="Of one object only, by its key.")
def rebuild(key: str) -> None:
    """Make the search index anew. Rapport may keep running."""
    objects = sync.refresh().objects
    if key and key not in objects:
        raise click.BadParameter(f"There is no object {key!r}. There are: {', '.join(objects)}.", param_hint="--object")
    done = maintenance.reindex(key) if key else maintenance.rebuild()
    click.echo(f"{done} entries are in the search index.")


REINDEX = extensions.Job(name="search-reindex", run=reindex, label=_("Search index"))
FOLLOW = extensions.Job(
    name="search-follow", run=follow, label=_("Search what is searchable now"), every=dt.timedelta(minutes=15)
)
TIDY = extensions.Job(name="search-tidy", run=tidy, label=_("Tidy the search index"), every=dt.timedelta(days=1))
SCRUB = extensions.Job(name=maintenance.SCRUB, run=scrub, label=_("Take erased words out of the search index"))
COMMAND = extensions.Command(name="search", callback=search)
