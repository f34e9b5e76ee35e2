"""`rapport rates FILE`: exchange rates from a file."""

from __future__ import annotations

from typing import TextIO

import click


@click.command()
@click.argument("file", type=click.File(encoding="utf-8-sig"))
def rates(file: TextIO) -> None:
    """Keep the exchange rates of FILE, a CSV of the European Central Bank (Date,USD,JPY,…); - reads standard input."""
    from rapport.features.rates import keeping
    from rapport.records.accounts import caller as callers
    from rapport.records.errors import Invalid

    try:
        count = keeping.read_file(callers.system("command"), file)
    except Invalid as error:
        raise click.ClickException("; ".join(str(t) for texts in error.errors.values() for t in texts)) from error
    click.echo(f"{count} rates kept.")
