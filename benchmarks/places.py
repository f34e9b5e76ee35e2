"""Where a benchmark runs: one database of one size, in a folder under `build/bench` that is kept and used again."""

from __future__ import annotations

import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "build" / "bench"
SQLITE, POSTGRESQL = "sqlite", "postgresql"
DATABASES = (SQLITE, POSTGRESQL)
SERVER = "RAPPORT_BENCH_POSTGRES"
DEFAULT_SERVER = "postgresql://postgres@127.0.0.1:5432/postgres"
_SIZE = re.compile(r"[1-9][0-9]{0,7}")


class Unusable(Exception):
    """Why a benchmark can't run here, and what to do."""


@dataclass(frozen=True, slots=True)
class Place:
    """One database with `people` people. `name` tells it from others of the same size (`empty`, for one)."""

    database: str
    people: int
    name: str = ""

    @property
    def label(self) -> str:
        """`sqlite-10000`."""
        return f"{self.database}-{self.name or self.people}"

    @property
    def folder(self) -> Path:
        """The data directory."""
        return BUILD / self.label

    @property
    def results(self) -> Path:
        """What was measured here."""
        return BUILD / f"{self.label}.json"

    @property
    def url(self) -> str:
        """For RAPPORT_DATABASE_URL; empty for SQLite."""
        if self.database == SQLITE:
            return ""
        parts = urlsplit(os.environ.get(SERVER, DEFAULT_SERVER))
        return urlunsplit((parts.scheme, parts.netloc, f"/rapport_bench_{self.name or self.people}", parts.query, ""))

    def environment(self, **more: str) -> dict[str, str]:
        """For the processes of Rapport that work here."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("RAPPORT_") or k == SERVER}
        own = {
            "PYTHONDONTWRITEBYTECODE": "",  # compiled once, as wherever Rapport runs
            "RAPPORT_DATA_DIR": str(self.folder),
            "RAPPORT_DATABASE_URL": self.url,
            "RAPPORT_LOG_LEVEL": "WARNING",
            "DJANGO_SETTINGS_MODULE": "rapport.config.settings",
            "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT))),
        }
        return {**kept, **own, **more}

    def create_database(self) -> None:
        """Make the database of PostgreSQL where it is not there yet."""
        if self.database == SQLITE:
            return
        import psycopg

        name = _name(self)
        with psycopg.connect(_server(), autocommit=True) as server:
            if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
                server.execute(f'CREATE DATABASE "{name}"'.encode())

    def copy_of(self, source: Place) -> None:
        """Become a copy of another place, database and folder."""
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(source.folder, self.folder)
        if self.database == SQLITE:
            return
        import psycopg

        self.drop_database()
        with psycopg.connect(_server(), autocommit=True) as server:
            server.execute(f'CREATE DATABASE "{_name(self)}" TEMPLATE "{_name(source)}"'.encode())

    def remove(self) -> None:
        """Drop database and folder."""
        self.drop_database()
        shutil.rmtree(self.folder, ignore_errors=True)

    def drop_database(self) -> None:
        """Remove the database, whatever it holds; that of SQLite goes with its folder."""
        if self.database == SQLITE:
            return
        import psycopg

        with psycopg.connect(_server(), autocommit=True) as server:
            server.execute(f'DROP DATABASE IF EXISTS "{_name(self)}" WITH (FORCE)'.encode())


def _name(place: Place) -> str:
    return urlsplit(place.url).path[1:]


def _server() -> str:
    return os.environ.get(SERVER, DEFAULT_SERVER)


def reachable(database: str) -> bool:
    """Whether the database can be measured: PostgreSQL only on this machine, where its processes can be seen."""
    if database == SQLITE:
        return True
    import psycopg

    if urlsplit(_server()).hostname not in {None, "localhost", "127.0.0.1", "::1"}:
        raise Unusable(f"{SERVER} must name a server on this machine: the CPU of its processes is measured.")
    try:
        psycopg.connect(_server(), connect_timeout=3).close()
    except psycopg.OperationalError as error:
        print(f"PostgreSQL is left out: {str(error).splitlines()[0]} ({SERVER} names another).", file=sys.stderr)
        return False
    return True


def sizes(text: str) -> list[int]:
    """`10000 100000` as numbers. Raises Unusable."""
    parts = text.replace(",", " ").replace("_", "").split()
    if not parts or not all(_SIZE.fullmatch(part) and 1_000 <= int(part) <= 10_000_000 for part in parts):
        raise Unusable(f"SIZES are numbers of people from 1000 to 10000000, not {text!r}.")
    return [int(part) for part in parts]
