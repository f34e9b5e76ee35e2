"""PostgreSQL: pg_dump and pg_restore where they fit the server, else a dump of our own by COPY (`postgres_copy`)."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from django.db import connection

from rapport.config.backup.manifest import BackupError

MEMBER = "database.pgdump"
_SCRIPT = "restore.sql"
_CLEAR = "DROP SCHEMA public CASCADE; CREATE SCHEMA public"


def environment() -> dict[str, str]:
    """Connection of the configured database for PostgreSQL's own programs; the password is not on a command line."""
    settings = connection.settings_dict
    values = {
        "PGHOST": settings["HOST"],
        "PGPORT": str(settings["PORT"] or ""),
        "PGUSER": settings["USER"],
        "PGPASSWORD": settings["PASSWORD"],
        "PGDATABASE": settings["NAME"],
        "PGSSLMODE": settings["OPTIONS"].get("sslmode", ""),
        "PGCONNECT_TIMEOUT": "10",
    }
    return {**os.environ, **{name: value for name, value in values.items() if value}}


def can_dump() -> bool:
    """Whether pg_dump is here and not older than the server, which it would refuse."""
    if not shutil.which("pg_dump"):
        return False
    said = subprocess.run(["pg_dump", "--version"], capture_output=True, text=True, check=False).stdout
    version = re.search(r"(\d+)", said)
    connection.ensure_connection()
    return version is not None and int(version[1]) >= connection.connection.info.server_version // 10_000


def dump(folder: Path) -> list[Path]:
    """One file in pg_dump's custom format; the archive compresses it."""
    target = folder / MEMBER
    command = ["pg_dump", "--format=custom", "--compress=0", "--no-owner", "--no-privileges", f"--file={target}"]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BackupError(f"pg_dump failed: {done.stderr.strip()}")
    return [target]


def is_empty() -> bool:
    """Whether the database has no table of ours."""
    return not connection.introspection.table_names()


def verify(folder: Path) -> None:
    """Raises BackupError unless pg_restore can read the whole dump; leaves its script beside it."""
    for program in ("pg_restore", "psql"):
        if not shutil.which(program):
            raise BackupError(
                f"{program} is needed for this backup. Install it (Debian: apt install postgresql-client)."
            )
    command = ["pg_restore", "--no-owner", "--no-privileges", f"--file={folder / _SCRIPT}", str(folder / MEMBER)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BackupError(f"The database in the backup can't be read: {done.stderr.strip()}")


def place(folder: Path, _kept: Path, _applied: list[str]) -> None:
    """Replace all that the database holds by the dump, in one transaction: a failure leaves it as it was."""
    connection.close()
    command = ["psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"]
    command += ["--output=/dev/null", f"--command={_CLEAR}", f"--file={folder / _SCRIPT}"]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BackupError(f"The database was left as it was; PostgreSQL said: {done.stderr.strip()}")
