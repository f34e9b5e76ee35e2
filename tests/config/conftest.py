"""Deployments of their own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.config.deployment import Deployment, postgres_database

DATABASES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(scope="session")
def migrated_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with a migrated SQLite database, to be copied."""
    made = Deployment(tmp_path_factory.mktemp("migrated") / "data")
    made.must("manage", "migrate", "--verbosity=0")
    return made.folder


@pytest.fixture(scope="session")
def migrated_url(tmp_path_factory: pytest.TempPathFactory, postgres_url: str) -> Iterator[str]:
    """A migrated PostgreSQL database, to be copied."""
    with postgres_database(postgres_url) as url:
        Deployment(tmp_path_factory.mktemp("migrated") / "data", url).must("manage", "migrate", "--verbosity=0")
        yield url


@pytest.fixture
def migrated(migrated_folder: Path, tmp_path: Path) -> Deployment:
    """A migrated Rapport without users, on SQLite."""
    shutil.copytree(migrated_folder, tmp_path / "data")
    return Deployment(tmp_path / "data")


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    """An empty Rapport on SQLite; nothing is prepared."""
    return Deployment(tmp_path / "data")


@pytest.fixture(params=DATABASES)
def on_each_database(request: pytest.FixtureRequest, tmp_path: Path, postgres_url: str) -> Iterator[Deployment]:
    """An empty Rapport on SQLite, then one on PostgreSQL."""
    if request.param == "sqlite":
        yield Deployment(tmp_path / "data")
        return
    with postgres_database(postgres_url) as url:
        yield Deployment(tmp_path / "data", url)
