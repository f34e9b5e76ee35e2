"""An archive into an empty deployment, in one transaction: all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _

from rapport.features.archive import stored
from rapport.features.archive.exporting import Progress, fingerprint, silent
from rapport.features.archive.manifest import ArchiveError, Manifest, Part
from rapport.features.archive.opening import Archive
from rapport.features.archive.source import Source
from rapport.features.archive.tables import Plan, Row, Table
from rapport.lib.sql import Sql
from rapport.records import db, indexing
from rapport.records.accounts import audit, epochs
from rapport.records.accounts import caller as callers
from rapport.records.customising import indexes, sync
from rapport.registry.extensions import ArchiveRule, all_of

BATCH = 1000


def load(archive: Archive, wanted: Plan, progress: Progress = silent) -> Manifest:
    """Bring an archive in whose `verify` gave `wanted`; `progress(rows, all)` is told of each step.

    Keys stay as they are. What is made of records, such as the search index, is made anew. Raises ArchiveError for an
    archive that can't be imported here and for a deployment that is not empty; then it is as it was.
    """
    with transaction.atomic():
        require_empty(wanted)
        fill(archive, wanted, progress)
    indexing.look_again()
    return archive.manifest


def require_empty(wanted: Plan) -> None:
    """Raises ArchiveError where any table that an archive fills has a row."""
    for table in wanted.tables:
        if db.row(Sql(f'SELECT 1 FROM "{table.name}" LIMIT 1')):
            raise ArchiveError(
                _("This Rapport is not empty: %(table)s has rows. Name another RAPPORT_DATA_DIR or database.")
                % {"table": table.name}
            )


def fill(archive: Archive, wanted: Plan, progress: Progress = silent) -> None:
    """Bring a verified archive in, in the transaction at hand. Raises ArchiveError."""
    parts = {part.table: part for part in archive.manifest.tables}
    total, done = sum(part.rows for part in parts.values()), 0
    foreign = archive.manifest.key != fingerprint()
    for table in wanted.tables:
        part, rows = parts[table.name], 0
        for batch in _rows(archive, table, wanted.sealed[table.name] if foreign else frozenset()):
            _insert(table, batch)
            rows += len(batch)
            progress(done + rows, total)
        if rows != part.rows:
            raise ArchiveError(
                _("%(table)s has %(found)d rows, its manifest says %(said)d.")
                % {"table": table.name, "found": rows, "said": part.rows}
            )
        done += rows
    _check_references()
    stored.place(archive, Source(connection), wanted)
    _make_anew()
    for table in wanted.tables:
        _count_on(table, parts[table.name])
    audit.record(
        "archive imported", subject=archive.path.name, detail={"records": done, "by": archive.manifest.rapport}
    )


def _rows(archive: Archive, table: Table, unreadable: frozenset[str]) -> Iterator[list[Row]]:
    decode = table.decoder(connection.vendor, unreadable)
    for lines in archive.lines(table.member):
        try:
            found = decode(lines)
        except (msgspec.MsgspecError, UnicodeError, OverflowError) as error:
            raise ArchiveError(
                _("A line of %(table)s can't be read: %(why)s") % {"table": table.name, "why": error}
            ) from error
        for start in range(0, len(found), BATCH):
            yield found[start : start + BATCH]


def _insert(table: Table, rows: list[Row]) -> None:
    try:
        db.insert_many(table.name, table.names, rows)
    except (DatabaseError, ValueError, OverflowError) as error:
        said = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ArchiveError(
            _("The database refused rows of %(table)s: %(why)s") % {"table": table.name, "why": said}
        ) from error


def _check_references() -> None:
    try:
        connection.check_constraints()
    except DatabaseError as error:
        said = str(error).strip().splitlines()[0]
        raise ArchiveError(_("A row of the archive points nowhere: %(why)s") % {"why": said}) from error


def _make_anew() -> None:
    """What follows from the rows: objects and fields of the organisation, their indexes, search."""
    epochs.raise_(epochs.RIGHTS)
    epochs.raise_(epochs.REGISTRY)
    callers.forget()
    sync.refresh()
    indexes.repair()
    for rule in all_of(ArchiveRule):
        if rule.remake is not None:
            rule.remake()


def _count_on(table: Table, part: Part) -> None:
    """Let the table go on counting keys behind the last that it had, also where those rows are gone."""
    if not table.key:
        return
    last = max(part.last, int((db.row(Sql(f'SELECT MAX("{table.key}") FROM "{table.name}"')) or (0,))[0] or 0))
    if connection.vendor == "sqlite":
        db.execute(Sql("DELETE FROM sqlite_sequence WHERE name = %s", (table.name,)))
        db.execute(Sql("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", (table.name, last)))
        return
    name: tuple[Any, ...] = (f'"{table.name}"', table.key)
    db.row(Sql("SELECT setval(pg_get_serial_sequence(%s, %s), %s, %s)", (*name, max(last, 1), last > 0)))
