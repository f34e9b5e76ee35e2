"""`rapport export-archive` and `rapport import-archive`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from rapport.config import variables
from rapport.config.cli import use_django


@click.command(name="export-archive")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--with-secrets", is_flag=True, help="With password hashes, second factors and sealed secrets.")
def export_archive(file: Path, with_secrets: bool) -> None:
    """Write the whole organisation to FILE (a .zip), to be read by anyone or imported elsewhere.

    Rapport may keep running. Without --with-secrets, nobody can sign in with what is in it.
    """
    use_django()
    from rapport.features.archive.exporting import export
    from rapport.records.errors import RecordsError

    try:
        made = export(file, secrets=with_secrets, progress=_progress)
    except RecordsError as error:
        raise click.ClickException(str(error)) from error
    rows = sum(part.rows for part in made.tables)
    click.echo(f"{file}: {file.stat().st_size / 1e6:,.1f} MB, {rows:,} rows of {len(made.tables)} tables.")
    click.echo(f"{made.files:,} files.")
    if made.missing:
        click.echo(f"The bytes of {len(made.missing)} files were lost before; the manifest names them.")
    click.echo("Keep it safe: it holds secrets." if with_secrets else "Passwords and other secrets are not in it.")


@click.command(name="import-archive")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def import_archive(file: Path) -> None:
    """Verify FILE wholly, then bring it into an empty Rapport, on SQLite or PostgreSQL. Rapport must be stopped.

    Either all of it is imported or nothing.
    """
    use_django()
    from django.conf import settings

    from rapport.config import first_steps, prepare, running
    from rapport.features.archive import importing
    from rapport.features.archive.opening import opened
    from rapport.records.errors import RecordsError
    from rapport.records.models import User

    try:
        with running.exclusively(variables.data_dir(), "import-archive"), opened(file) as archive:
            wanted = archive.verify()
            prepare.database()
            made = importing.load(archive, wanted, _progress)
    except RecordsError as error:
        raise click.ClickException(str(error)) from error
    rows = sum(part.rows for part in made.tables)
    click.echo(f"Verified and imported: {rows:,} rows of {len(made.tables)} tables, {made.files:,} files.")
    user = User.objects.filter(is_active=True, is_admin=True).order_by("id").first()
    if user is not None and not made.secrets:
        click.echo("Passwords were not in it. Once Rapport runs, this link signs in once, within 15 minutes:")
        click.echo(f"{settings.BASE_URL}{first_steps.sign_in_path(user)}")
        click.echo("Later, and for others: rapport user link EMAIL")


def _progress(done: int, total: int | None) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{done:,} of {total or done:,} rows", nl=done == total, err=True)
