"""`python -m benchmarks`: fills, measures, writes `docs/performance.md`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

import click

from benchmarks import places, report
from benchmarks.measuring import PARTS
from benchmarks.places import BUILD, DATABASES, Place, Unusable

START, DUPLICATES = "start", "duplicates"
APART = {START, DUPLICATES}
"""Parts with databases of their own."""
ALL = (*PARTS, START, DUPLICATES)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--sizes", default="10000 100000", show_default=True, help="Numbers of people.")
@click.option("--databases", default=" ".join(DATABASES), show_default=True)
@click.option(
    "--only", default="", help=f"Parts ({', '.join((*PARTS, START, DUPLICATES))}) or single actions by their keys."
)
@click.option("--report-only", is_flag=True, help="Write the page from what was measured before.")
def main(sizes: str, databases: str, only: str, report_only: bool) -> None:
    """Measure speed, memory and payload on this machine, and write docs/performance.md."""
    BUILD.mkdir(parents=True, exist_ok=True)
    try:
        if not report_only:
            _measure(places.sizes(sizes), _databases(databases), only.replace(",", " ").split())
        click.echo(f"Written: {report.write().relative_to(places.ROOT)}")
    except Unusable as error:
        raise click.ClickException(str(error)) from error


def _databases(text: str) -> list[str]:
    named = text.replace(",", " ").split()
    if unknown := set(named) - set(DATABASES):
        raise Unusable(f"There is no database {min(unknown)!r}, but {' and '.join(DATABASES)}.")
    return [name for name in named if places.reachable(name)]


def _measure(sizes: Sequence[int], databases: Sequence[str], only: Sequence[str]) -> None:
    for size in sizes if not only or set(only) - APART else ():
        for database in databases:
            place = Place(database, size)
            click.echo(f"{database}, {size:,} people")
            _process("benchmarks.fill", database, str(size), place=place)
            _process("benchmarks.measuring", database, str(size), *(o for o in only if o not in APART), place=place)
    if not only or START in only:
        for database in databases:
            click.echo(f"{database}: start and memory")
            _process("benchmarks.starting", database, place=Place(database, 0, START))
    if not only or DUPLICATES in only:
        for database in databases:
            click.echo(f"{database}: duplicates")
            _process("benchmarks.duplicates", database, place=Place(database, 0, DUPLICATES))


def _process(module: str, *arguments: str, place: Place) -> None:
    """In a process of its own, with the settings of the place. Raises Unusable when it fails."""
    done = subprocess.run([sys.executable, "-m", module, *arguments], env=place.environment(), check=False)
    if done.returncode != 0:
        raise Unusable(f"{module} {' '.join(arguments)} failed; the reason is above.")


if __name__ == "__main__":
    main()
