"""`rapport migrate-from VENDOR PATH`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click


@click.command(name="migrate-from")
@click.argument("vendor")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would happen; write nothing.")
@click.option("--look", is_flag=True, help="Say only what the files are.")
@click.option("--owner", "owners", multiple=True, metavar="NAME=EMAIL", help="Whose records become whose.")
@click.option(
    "--unknown-owners", type=click.Choice(("me", "empty", "create")), default="me",
    help="What becomes of records of people who are no users: yours, nobody's, or those of users made for them.",
)  # fmt: skip
@click.option("--leave", multiple=True, metavar="FILE:COLUMN", help="A column that becomes no custom field.")
@click.option("--zone", default="", help="Of times without one, such as Europe/Berlin; else yours.")
@click.option("--as", "email", default="", metavar="EMAIL", help="Who brings it over; else the first administrator.")
def migrate_from(vendor: str, path: Path, email: str, **options: Any) -> None:
    """Bring the export of another CRM over, such as: rapport migrate-from hubspot export.zip

    VENDOR is hubspot, salesforce, pipedrive, zoho or zendesk; PATH a folder or a zip of its exports. What came over
    before is left as it is, so that it can be called again.
    """
    from rapport.apps.migration import running
    from rapport.features.transfer.commands import acting, in_words
    from rapport.records.customising import sync
    from rapport.records.errors import RecordsError

    sync.refresh()
    caller = acting(email)
    try:
        migration = running.begin(caller, vendor.lower(), str(path.resolve()), path.name, stored=False)
        running.look(caller, migration)
        _tell_plan(migration.plan)
        if options["look"]:
            return
        chosen = {
            "unknown": options["unknown_owners"], "left": list(options["leave"]), "zone": options["zone"],
            "owners": _owners(options["owners"]),
        }  # fmt: skip
        if options["dry_run"]:
            steps = running.attempt(caller, migration, chosen)
        else:
            running.start(caller, migration, chosen)
            running.perform(caller, migration, _progress)
            steps = running.steps_of(migration)
    except RecordsError as error:
        raise click.ClickException(in_words(error)) from error
    _tell(migration, steps, dry_run=options["dry_run"])


def _owners(pairs: tuple[str, ...]) -> dict[str, int]:
    from rapport.records.accounts.models import User

    found = {}
    for pair in pairs:
        name, _equals, email = pair.rpartition("=")
        user = User.objects.filter(email__iexact=email.strip(), is_active=True).first()
        if user is None:
            raise click.ClickException(f"There is no active user {email.strip()}.")
        found[name.strip()] = user.pk
    return found


def _progress(done: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{done:,} rows", nl=False, err=True)


def _tell_plan(plan: dict[str, Any]) -> None:
    for entry in plan["files"]:
        new = sum(not f["there"] for f in entry["fields"].values())
        more = f", {new} new fields" if new else ""
        click.echo(f"{entry['name']}: {entry['kind']}, {entry['total']:,} rows{more}")
    for left in plan["left"]:
        click.echo(f"{left['name']}: left out. {left['why']}")
    unknown = [o for o in plan["owners"] if o["user"] is None]
    if unknown:
        click.echo("Owners who are no users: " + ", ".join(f"{o['name']} ({o['count']:,})" for o in unknown))


def _tell(migration: Any, steps: list[Any], *, dry_run: bool) -> None:
    from rapport.apps.migration import reporting

    if sys.stderr.isatty():
        click.echo(err=True)
    verb = "would be made" if dry_run else "made"
    for step in steps:
        if not step.late:
            click.echo(
                f"{step.file}: {step.created:,} {verb}, {step.known:,} known already, {step.rejected:,} refused, "
                f"{step.noted:,} without a value"
            )
    for problem in migration.made.get("problems", ()):
        click.echo(problem)
    if not dry_run and any(step.rejected or step.noted for step in steps):
        target = Path(f"migration-{migration.pk}-issues.csv")
        target.write_bytes(b"".join(reporting.issues_csv(migration.pk)))
        click.echo(f"Rows that were refused or lack a value, with reasons: {target}")
