"""`rapport manage …`: Django's own management commands."""

from __future__ import annotations

import click

from rapport.config.cli import use_django


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Run a management command of Django, such as `migrate` or `check`."""
    use_django()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["rapport manage", *arguments])
