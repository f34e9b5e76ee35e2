"""`rapport demo load` and `rapport demo remove`."""

from __future__ import annotations

import time

import click


@click.group()
def demo() -> None:
    """Load or remove the demo organisation."""


@demo.command()
def load() -> None:
    """Load a plausible organisation: companies, people, deals, a year of conversations, tasks, users and teams."""
    from rapport.features.demo import service

    started = time.monotonic()
    try:
        made = service.load()
    except service.DemoError as error:
        raise click.ClickException(str(error)) from error
    click.echo(", ".join(f"{count} × {key}" for key, count in made.items()))
    click.echo(
        f"The demo organisation is loaded ({time.monotonic() - started:.1f} s). Administrator: {_administrator()}"
    )


@demo.command()
def remove() -> None:
    """Remove the demo organisation; what users made stays. Removing what is not there is no error."""
    from rapport.features.demo import service

    try:
        done = service.remove()
    except service.DemoError as error:
        click.echo(str(error))
        return
    click.echo(f"Removed {done['records']} records, {done['users']} users.")
    for sentence in done["kept"]:
        click.echo(sentence)


def _administrator() -> str:
    from rapport.features.demo.accounts import ADMINISTRATOR

    return ADMINISTRATOR
