"""A deployment on the database of the run, prepared once for a test."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.faults.deployment import Deployment


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database with all tables, to copy."""
    folder = tmp_path_factory.mktemp("template")
    Deployment(folder, "").run("from django.core.management import call_command\ncall_command('migrate', verbosity=0)")
    return folder


@pytest.fixture
def deployment(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Deployment]:
    """An empty Rapport with an administrator."""
    folder = tmp_path / "data"
    url = os.environ.get("RAPPORT_DATABASE_URL", "")
    if url:
        name = f"rapport_fault_{secrets.token_hex(4)}"
        server, _slash, _database = url.rpartition("/")
        with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        folder.mkdir()
        made = Deployment(folder, f"{server}/{name}")
        made.run("from django.core.management import call_command\ncall_command('migrate', verbosity=0)")
    else:
        shutil.copytree(request.getfixturevalue("template"), folder)
        made = Deployment(folder, "")
    made.run("from tests import factories as f; f.user('Ada', admin=True)")
    yield made
    if url:
        with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
