"""The command `rapport`. Its own commands are loaded when called; those that apps register need Django first."""

from __future__ import annotations

import gc
import importlib
import os
import sys

import click

from rapport import __version__
from rapport.config.variables import ConfigurationError

# Name → file and attribute in `commands/`, and what it does, so that help needs to load nothing.
# Without a file: a feature registers it.
OWN: dict[str, tuple[str, str]] = {
    "up": ("up:up", "Run Rapport: web and worker processes; prepares and migrates the database."),
    "init": ("accounts:init", "Prepare an empty Rapport unattended, with its first administrator."),
    "doctor": ("doctor:doctor", "Check configuration, database, mail, storage and worker."),
    "backup": ("backup:backup", "Write database and files to one archive."),
    "restore": ("backup:restore", "Verify a backup and put it in place."),
    "export-archive": ("archive:export_archive", "Write the whole organisation to one archive that anyone can read."),
    "import-archive": ("archive:import_archive", "Bring such an archive into an empty Rapport, on either database."),
    "user": ("accounts:user", "Create users, or a sign-in link for one."),
    "token": ("token:token", "Make, list or revoke tokens for the API."),
    "mcp": ("", "Serve the tools for agents to one client on this machine, over stdio."),
    "import": ("", "Import a CSV file into an object."),
    "migrate-from": ("", "Bring the export of another CRM over."),
    "demo": ("", "Load or remove the demo organisation."),
    "settings": ("settings:settings", "List the RAPPORT_* variables."),
    "worker": ("processes:worker", "Run one worker process (`up` does this for you)."),
    "web": ("processes:web", "Run the web process alone (`up` does this for you)."),
    "manage": ("manage:manage", "Run a management command of Django."),
}


def use_django() -> None:
    """Load settings and apps, once."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rapport.config.settings")
    import django
    from django.apps import apps

    if apps.ready:
        return
    gc.disable()  # what loads stays: looking for what it could give back takes a tenth of the start
    try:
        django.setup()
    finally:
        gc.freeze()
        gc.enable()


class Commands(click.Group):
    """Own commands first, then those registered by apps and features (`rapport.registry.extensions.Command`)."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Own commands; asking apps for theirs would load all of Django for `--help`."""
        return list(OWN)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load the one command that is called."""
        if OWN.get(cmd_name, ("", ""))[0]:
            file, _, attribute = OWN[cmd_name][0].partition(":")
            module = importlib.import_module(f"rapport.config.commands.{file}")
            command: click.Command = getattr(module, attribute)
            return command
        use_django()
        from rapport.registry.extensions import Command, named

        found = named(Command, cmd_name)
        return found.callback if found else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table of own commands, without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in OWN.items()])


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="Rapport", message="%(prog)s %(version)s")
def rapport() -> None:
    """Rapport, an open-source CRM."""


def main(arguments: list[str] | None = None) -> None:
    """Entry point: expected failures end with a sentence that says what to do, and exit code 1."""
    try:
        rapport.main(args=arguments, prog_name="rapport", standalone_mode=True)
    except Exception as error:
        if not (sentence := expected(error)) or os.environ.get("RAPPORT_LOG_LEVEL") == "DEBUG":
            raise
        click.echo(f"Error: {sentence}", err=True)
        sys.exit(1)


def expected(error: Exception) -> str:
    """What to tell about an error that is no mistake of the program; empty for any other."""
    if isinstance(error, click.ClickException):
        return error.format_message()
    if isinstance(error, ConfigurationError):
        return str(error)
    if "django.db" not in sys.modules:
        return ""
    from django.db import DatabaseError, OperationalError

    if not isinstance(error, DatabaseError):
        return ""
    said = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    if "no such table" in said or ("does not exist" in said and "relation" in said):
        return "The database is not prepared yet. Run `rapport up`, or `rapport manage migrate`."
    if isinstance(error, OperationalError):
        return f"The database does not answer: {said}. Check RAPPORT_DATABASE_URL; `rapport doctor` tells more."
    return ""


if __name__ == "__main__":
    main()
