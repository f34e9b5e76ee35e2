"""`rapport doctor`."""

from __future__ import annotations

import sys

import click

from rapport.config.cli import use_django


@click.command()
def doctor() -> None:
    """Check configuration, database, mail, storage and worker; say what is wrong and what to do. Exit 1 if any is."""
    use_django()
    from rapport.config import checks
    from rapport.registry.extensions import Check, all_of

    failed = 0
    for check in {check.name: check for check in (*checks.CHECKS, *all_of(Check))}.values():
        result = checks.perform(check)
        failed += not result.ok
        click.echo(f"{'ok ' if result.ok else 'BAD'}  {check.name}: {result.saw}")
        if result.todo:
            click.echo(f"     {'note' if result.ok else 'do'}: {result.todo}")
    if failed:
        click.echo(f"{failed} of the checks failed.")
        sys.exit(1)
    click.echo("All is well.")
