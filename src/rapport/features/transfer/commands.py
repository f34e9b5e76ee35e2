"""`rapport import OBJECT FILE`."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

UNDO = "undo"
_READABLE = click.Path(exists=True, dir_okay=False, path_type=Path)


def _file(context: click.Context, argument: click.Parameter, text: str) -> str:
    """The path of a file that is there; behind `undo` the number of an import."""
    return text if context.params.get("object_key") == UNDO else str(_READABLE.convert(text, argument, context))


@click.command(name="import")
@click.argument("object_key", metavar="OBJECT")
@click.argument("file", callback=_file)
@click.option(
    "--mapping",
    "mapping_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A JSON file that says which column goes where.",
)
@click.option("--map", "maps", multiple=True, metavar="COLUMN=FIELD", help="One column; may be said several times.")
@click.option("--custom", multiple=True, metavar="COLUMN=KEY:TYPE", help="Make a custom field for a column.")
@click.option("--create-missing", multiple=True, metavar="FIELD", help="Create records that this field names.")
@click.option(
    "--duplicates",
    type=click.Choice(["ask", "skip", "fill", "overwrite", "make"]),
    default=None,
    help="Rows about records that are there: keep them until you decide on the page of the import (ask), leave "
    "them out, fill what is empty, replace what is there, or make another record. Else: ask.",
)
@click.option("--match", multiple=True, metavar="FIELD", help="Compare by this field; else by all that tell records.")
@click.option("--format", "format_key", default="", help="Of the file: csv, xlsx, jsonl or vcard; else recognised.")
@click.option("--sheet", default="", help="Of a workbook; else the first that has cells.")
@click.option("--encoding", default="", help="Of the file; else recognised.")
@click.option("--delimiter", default="", help="Of the file; else recognised.")
@click.option("--header/--no-header", default=None, help="Whether the first row names the columns; else recognised.")
@click.option("--as", "email", default="", metavar="EMAIL", help="Who imports; else the first administrator.")
@click.option("--again", is_flag=True, help="Import a file that was imported before.")
@click.option("--dry-run", is_flag=True, help="Say what would happen; write nothing.")
@click.option("--rejected", "rejected_file", type=click.Path(dir_okay=False, path_type=Path),
              help="Where refused rows go; else beside FILE.")  # fmt: skip
def import_(object_key: str, file: str, rejected_file: Path | None, email: str, **options: Any) -> None:
    """Import the rows of FILE as records of OBJECT, such as: rapport import person people.csv

    A file is CSV, an Excel workbook (XLSX), JSON lines or vCard.

    Columns are recognised by their names. An interrupted import goes on where it was when called again. Rows that
    can't be imported are written to a file with the reason of each.

    rapport import undo NUMBER takes a whole import back, as far as nobody changed or uses what it wrote.
    """
    from rapport.features.transfer import importing
    from rapport.records.customising import sync
    from rapport.records.errors import RecordsError

    sync.refresh()
    caller = acting(email)
    try:
        if object_key == UNDO:
            _undo(caller, file)
            return
        wanted = _mapping(caller, object_key, Path(file), options)
        report = importing.import_file(
            caller, object_key, Path(file), wanted, dry_run=options["dry_run"], again=options["again"],
            progress=_progress, **_reading(options),
        )  # fmt: skip
    except RecordsError as error:
        raise click.ClickException(in_words(error)) from error
    _tell(report, Path(file), rejected_file, dry_run=options["dry_run"])
    if report.rejected and not (report.created or report.updated or report.skipped or report.waiting):
        sys.exit(1)


def acting(email: str) -> Any:
    """The caller for a command: this user, or the first administrator. Raises ClickException where there is none."""
    from rapport.records.accounts import caller as callers
    from rapport.records.accounts.models import User

    users = User.objects.filter(is_active=True)
    user = users.filter(email__iexact=email).first() if email else users.filter(is_admin=True).order_by("id").first()
    found = callers.of_user(user.pk) if user else None
    if found is None:
        raise click.ClickException(
            f"There is no active user {email}." if email else "There is no administrator yet. Run `rapport up` first."
        )
    return found


def _mapping(caller: Any, object_key: str, file: Path, options: dict[str, Any]) -> Any:
    """The mapping of the file, or the recognised one, with what the options say on top."""
    from rapport.features.transfer import importing, mapping

    if options["mapping_file"]:
        try:
            raw = json.loads(options["mapping_file"].read_text(encoding="utf-8"))
        except ValueError as error:
            raise click.ClickException(f"{options['mapping_file']} is no JSON: {error}") from error
        wanted = mapping.from_json(raw)
    else:
        wanted = importing.propose(caller, object_key, file, **_reading(options))
    wanted = wanted.with_columns(mapping.given(options["maps"], options["custom"]))
    wanted = replace(wanted, match=options["match"] or wanted.match)
    return replace(wanted, duplicates=options["duplicates"] or wanted.duplicates).creating(options["create_missing"])


def _undo(caller: Any, number: str) -> None:
    from rapport.features.transfer import undoing

    run = undoing.begin(caller, int(number) if number.isdecimal() and len(number) < 19 else 0)
    kept = undoing.perform(caller, run, _progress)
    if sys.stderr.isatty():
        click.echo(err=True)
    click.echo(f"Import {run.pk} of {run.name} is undone: {run.undone:,} changes taken back, {kept:,} kept.")
    if kept:
        click.echo(f"What stays and why is on the page of the import: /imports/{run.pk}/")


def _reading(options: dict[str, Any]) -> dict[str, Any]:
    delimiter = {"\\t": "\t", "tab": "\t"}.get(options["delimiter"], options["delimiter"])
    told = {name: options[name] for name in ("encoding", "header", "sheet")}
    return {**told, "delimiter": delimiter, "format": options["format_key"]}


def _progress(done: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{done:,} rows", nl=False, err=True)


def in_words(error: Any) -> str:
    """Messages of all fields in one sentence each."""
    errors = getattr(error, "errors", {})
    return " ".join(str(text) for texts in errors.values() for text in texts) or str(error)


def _tell(report: Any, file: Path, rejected_file: Path | None, *, dry_run: bool) -> None:
    if sys.stderr.isatty():
        click.echo(err=True)
    if report.resumed_at:
        click.echo(f"Went on after row {report.resumed_at:,}.")
    rate = (report.rows - report.resumed_at) / report.seconds if report.seconds else 0
    verb = "would be imported" if dry_run else "imported"
    click.echo(f"{report.rows:,} rows: {report.created:,} {verb}, {report.rejected:,} rejected ({rate:,.0f} rows/s).")
    if report.updated or report.skipped or report.waiting:
        click.echo(
            f"Of records that were there: {report.updated:,} changed, {report.skipped:,} left as they are, "
            f"{report.waiting:,} wait for your answer."
        )
    if report.run_id:
        click.echo(f"This is import {report.run_id}; its page is /imports/{report.run_id}/")
    if dry_run:
        for line, reasons in report.issues:
            click.echo(f"  line {line}: {reasons}")
        return
    if report.rejected:
        target = rejected_file or file.with_name(f"{file.stem}.rejected.csv")
        _write(report.run_id, target, imported=False)
        click.echo(f"Rejected rows with reasons: {target}")
    if report.noted:
        target = file.with_name(f"{file.stem}.notes.csv")
        _write(report.run_id, target, imported=True)
        click.echo(f"{report.noted:,} rows were imported without a value that can't be; they are in {target}")


def _write(run_id: int, target: Path, *, imported: bool) -> None:
    from rapport.features.transfer import runs

    with target.open("wb") as out:
        out.writelines(runs.issues_csv(run_id, imported=imported))
