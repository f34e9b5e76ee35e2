"""Making an archive: every table as of one moment, then the bytes of the files that its rows name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from rapport import __version__
from rapport.features.archive import stored
from rapport.features.archive.manifest import FORMAT, Manifest, Part
from rapport.features.archive.packing import Packer, packing
from rapport.features.archive.source import Source, snapshot
from rapport.features.archive.tables import Plan, Table, plan
from rapport.records.accounts import audit
from rapport.records.accounts.caller import Caller
from rapport.records.customising import sync

Progress = Callable[[int, int | None], object]


def silent(done: int, total: int | None) -> None:
    """Progress that nobody watches."""


def export(
    target: Path, *, caller: Caller | None = None, secrets: bool = False, progress: Progress = silent
) -> Manifest:
    """Write the whole organisation to `target`, which must not exist; `progress(rows, all)` may raise to stop it.

    Without `secrets` nobody can sign in with what is in it. It is in the audit log before anything is read. Others may
    read and write meanwhile. Raises ArchiveError where `target` can't be.
    """
    sync.refresh()
    audit.record("archive made", caller=caller, subject=target.name, detail={"secrets": secrets})
    with packing(target) as packer, snapshot() as source:
        wanted = plan(secrets=secrets)
        parts = list(_tables(packer, source, wanted, progress))
        files, missing = stored.pack(packer, source, wanted)
        made = Manifest(
            format=FORMAT,
            rapport=__version__,
            made=timezone.now(),
            organisation=source.value("SELECT name FROM records_organisation ORDER BY id LIMIT 1") or "",
            database=source.vendor,
            secrets=secrets,
            key=fingerprint(),
            tables=parts,
            files=files,
            missing=missing,
            left_out=wanted.out,
            migrations=applied(source),
        )
        packer.finish(made)
    return made


def fingerprint() -> str:
    """What tells the secret key of this deployment from others, and gives nothing of it away."""
    return HKDF(hashes.SHA256(), 8, None, b"rapport archive").derive(settings.SECRET_KEY.encode()).hex()


def applied(source: Source) -> list[str]:
    """`app.name` of each migration of the database, sorted."""
    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(source.wrapper).applied_migrations())


def _tables(packer: Packer, source: Source, wanted: Plan, progress: Progress) -> Iterator[Part]:
    counts = {table.name: source.value(f'SELECT COUNT(*) FROM "{table.name}"') for table in wanted.tables}
    done, total = 0, sum(counts.values())
    for table in wanted.tables:
        before = done

        def lines(table: Table = table, before: int = before) -> Iterator[bytes]:
            encode, rows = table.encoder(source.vendor), 0
            for batch in source.rows(table.select(source.vendor)):
                rows += len(batch)
                yield encode(batch)
                progress(before + rows, total)

        written = packer.add(table.member, lines())
        done += counts[table.name]
        yield Part(
            table=table.name,
            model=table.model,
            object=table.object,
            file=table.member,
            rows=counts[table.name],
            last=source.last(table),
            size=written.size,
            sha256=written.sha256,
            columns=table.kinds,
        )
