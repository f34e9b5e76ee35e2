"""Deployments of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.config.deployment import Deployment, postgres_database

DATABASES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


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
