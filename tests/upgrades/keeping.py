"""Keeps a database of today, with records of every object, for later versions to upgrade.

    python -m tests.upgrades.keeping 0.1.0

writes `tests/upgrades/kept/0.1.0-sqlite.tar.gz` and, where PostgreSQL answers (RAPPORT_TEST_POSTGRES),
`…-postgresql.tar.gz`: backups as `rapport backup` makes them. What was kept is never made again: it is how it was.
"""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path

from tests.config.deployment import Deployment, postgres_database

ROOT = Path(__file__).parents[2]
KEPT = Path(__file__).parent / "kept"
FILL = "from tests.stories.office import fill; fill()"


def keep(target: Path, server: str = "") -> None:
    """A backup of a small organisation; on PostgreSQL in a database of its own on `server`."""
    with tempfile.TemporaryDirectory() as folder, postgres_database(server) if server else nullcontext("") as url:
        deployment = Deployment(Path(folder) / "data", url, {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"})
        deployment.must("manage", "migrate", "--verbosity=0")
        deployment.must("manage", "shell", "--no-imports", "-c", FILL)
        deployment.must("backup", str(target))


def main(version: str) -> None:
    """Keep both; refuse to replace what was kept before."""
    KEPT.mkdir(exist_ok=True)
    servers = {"sqlite": "", "postgresql": os.environ.get("RAPPORT_TEST_POSTGRES", "")}
    for kind, server in servers.items():
        target = KEPT / f"{version}-{kind}.tar.gz"
        if target.exists():
            sys.exit(f"{target} exists: what was kept stays as it is. Name another version.")
        if kind == "sqlite" or server:
            keep(target, server)
            print(f"{target.relative_to(ROOT)}: {target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
