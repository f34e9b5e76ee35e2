"""A deployment on the database of the run, with an administrator."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.config.deployment import Deployment, postgres_database
from tests.faults.killing import run

ADMIN = "from tests import factories as f; f.user('Ada', admin=True)"


def prepared(folder: Path, url: str = "") -> Deployment:
    made = Deployment(folder, url)
    made.must("manage", "migrate", "--verbosity=0")
    run(made, ADMIN)
    return made


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with a migrated SQLite database, to copy."""
    return prepared(tmp_path_factory.mktemp("faults") / "data").folder


@pytest.fixture
def deployment(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Deployment]:
    """A Rapport of its own with an administrator and nothing else."""
    if url := os.environ.get("RAPPORT_DATABASE_URL", ""):
        with postgres_database(f"{url.rpartition('/')[0]}/postgres") as own:
            yield prepared(tmp_path / "data", own)
        return
    shutil.copytree(request.getfixturevalue("template"), tmp_path / "data")
    yield Deployment(tmp_path / "data")
