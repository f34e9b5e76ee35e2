"""`rapport backup` and `rapport restore`."""

from __future__ import annotations

from pathlib import Path

import click

from rapport.config import variables
from rapport.config.cli import use_django


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--without-files", is_flag=True, help="Only the database; keep a copy of the files yourself.")
def backup(file: Path, without_files: bool) -> None:
    """Write database and files to FILE (a .tar.gz). Rapport may keep running. Keep it safe: it holds all secrets."""
    use_django()
    from rapport.config.backup import service

    manifest = service.make(file, files=not without_files)
    count = sum(name.startswith("files/") for name in manifest.members)
    click.echo(f"{file}: {file.stat().st_size / 1e6:,.1f} MB, the database ({manifest.database}) and {count} files.")
    if variables.is_given("RAPPORT_FILES_URL"):
        click.echo("Files are in object storage (RAPPORT_FILES_URL) and not in this backup; back up the bucket too.")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Replace the data that is there; it is kept in a folder beside.")
def restore(file: Path, replace: bool) -> None:
    """Verify FILE wholly, then put it in place. Rapport must be stopped. Nothing changes when it is refused."""
    use_django()
    from rapport.config.backup import service

    done = service.restore(file, replace=replace)
    manifest = done.manifest
    count = sum(name.startswith("files/") for name in manifest.members)
    click.echo(
        f"Verified and restored: backup of {manifest.made:%Y-%m-%d %H:%M} UTC, made by Rapport {manifest.rapport}."
    )
    click.echo(
        f"Database: {manifest.database}. Files: {count if manifest.files else 'not in this backup, left alone'}."
    )
    if done.kept:
        click.echo(f"What was there before is in {done.kept}; remove it when all is well.")
    if done.pending:
        click.echo(f"{len(done.pending)} migrations follow at the next `rapport up`.")
