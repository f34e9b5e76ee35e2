"""Backup and restore: whole, verified, refused with nothing changed, on both databases."""

from __future__ import annotations

import io
import json
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.config.deployment import Deployment, postgres_database

from rapport.config.backup.archive import unpack
from rapport.config.backup.manifest import BackupError
from rapport.config.running import exclusively

pytestmark = pytest.mark.once
SESSION = "INSERT INTO django_session (session_key, session_data, expire_date) VALUES (%s, %s, '2099-01-01')"


def fill(deployment: Deployment) -> None:
    """Rows that are easy to tell in a migrated database, and two files."""
    for n in range(50):
        deployment.query(SESSION, f"key{n}", "tab\there, \\N, line\nend, “ü”, ''")
    files = deployment.folder / "files" / "2026"
    files.mkdir(parents=True)
    (files / "offer.pdf").write_bytes(bytes(range(256)) * 50)
    (files / "empty.txt").write_bytes(b"")


def change(deployment: Deployment) -> None:
    """Rows changed, removed and added; files too."""
    deployment.query("DELETE FROM django_session WHERE session_key = 'key1'")
    deployment.query("UPDATE django_session SET session_data = 'changed' WHERE session_key = 'key2'")
    deployment.query(SESSION, "later", "x")
    (deployment.folder / "files" / "2026" / "offer.pdf").write_bytes(b"changed")
    (deployment.folder / "files" / "later.txt").write_bytes(b"later")


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgres", marks=pytest.mark.postgres),
        pytest.param("postgres without pg_dump", marks=pytest.mark.postgres),
    ]
)
def filled(request: pytest.FixtureRequest, tmp_path: Path, postgres_url: str) -> Iterator[Deployment]:
    """A filled deployment for each way in which a database is dumped."""
    if request.param == "sqlite":
        made = request.getfixturevalue("migrated")
        fill(made)
        yield made
        return
    environment = {"PATH": str(tmp_path)} if "without" in request.param else {}
    with postgres_database(postgres_url, request.getfixturevalue("migrated_url")) as url:
        made = Deployment(tmp_path / "data", url, environment)
        fill(made)
        yield made


def test_a_restore_brings_back_everything_and_keeps_what_was_there(filled: Deployment, tmp_path: Path) -> None:
    before = filled.contents()
    archive = tmp_path / "backup.tar.gz"
    filled.must("backup", str(archive))
    assert archive.stat().st_mode & 0o077 == 0
    change(filled)
    changed = filled.contents()

    refused = filled.run("restore", str(archive))
    assert refused.returncode == 1
    assert "--replace" in refused.stderr
    assert filled.contents() == changed

    said = filled.must("restore", str(archive), "--replace")
    assert "Verified and restored" in said
    assert filled.contents() == before
    kept = [p.name for p in filled.folder.glob("replaced-*/**/*") if p.is_file()]
    assert {"offer.pdf", "later.txt"} <= set(kept)
    assert {"rapport.sqlite3", "before-restore.tar.gz"} & set(kept)
    assert not list(filled.folder.glob(".backup-*"))


def test_the_next_numbers_follow_those_restored(filled: Deployment, tmp_path: Path) -> None:
    filled.must("backup", str(tmp_path / "backup.tar.gz"))
    filled.must("restore", str(tmp_path / "backup.tar.gz"), "--replace")
    newest = filled.query("SELECT MAX(id) FROM django_content_type")[0][0]
    filled.query("INSERT INTO django_content_type (app_label, model) VALUES ('a', 'b')")
    assert filled.query("SELECT id FROM django_content_type WHERE app_label = 'a'")[0][0] > newest


def test_a_backup_fills_an_empty_deployment(filled: Deployment, tmp_path: Path, postgres_url: str) -> None:
    archive = tmp_path / "backup.tar.gz"
    filled.must("backup", str(archive))
    if not filled.url:
        fresh = Deployment(tmp_path / "fresh")
        fresh.must("restore", str(archive))
        assert fresh.contents() == filled.contents()
        assert (fresh.folder / "secret_key").read_text() == (filled.folder / "secret_key").read_text()
        return
    with postgres_database(postgres_url) as url:
        fresh = Deployment(tmp_path / "fresh", url, filled.environment)
        fresh.must("restore", str(archive))
        assert fresh.contents() == filled.contents()


FIELD = """
from rapport.records.accounts.caller import system
from rapport.records.customising import actions
from rapport.records.customising.definitions import FieldDefinition
actions.add_field(system(), "person", "text", FieldDefinition(label="Rank", indexed=True))
"""


def indexed(deployment: Deployment) -> set[str]:
    """The indexes of custom fields."""
    table = "sqlite_master WHERE type = 'index' AND name" if not deployment.url else "pg_indexes WHERE indexname"
    rows = deployment.query(f"SELECT {'indexname' if deployment.url else 'name'} FROM {table} LIKE 'custom_person%%'")
    return {name for (name,) in rows}


def test_indexes_of_custom_fields_are_there_after_a_restore(filled: Deployment, tmp_path: Path) -> None:
    filled.must("manage", "shell", "--no-imports", "-c", FIELD)
    before = indexed(filled)
    assert "custom_person_rank" in before
    filled.must("backup", str(tmp_path / "whole.tar.gz"))
    filled.query("DROP INDEX custom_person_rank")
    filled.must("backup", str(tmp_path / "lacking.tar.gz"))
    for name in ("whole.tar.gz", "lacking.tar.gz"):
        filled.must("restore", str(tmp_path / name), "--replace")
        assert indexed(filled) == before


def damaged(archive: Path) -> Iterator[tuple[str, bytes]]:
    """What may have become of an archive."""
    whole = archive.read_bytes()
    yield "nothing", b""
    yield "half of it", whole[: len(whole) // 2]
    yield "without its end", whole[:-400]
    yield "not an archive", b"PK\x03\x04" + whole
    yield from rewritten(whole)


def rewritten(whole: bytes) -> Iterator[tuple[str, bytes]]:
    """Archives that are sound as archives, and still no backups."""
    with tarfile.open(fileobj=io.BytesIO(whole)) as tar:
        members = [(info.name, tar.extractfile(info).read()) for info in tar]  # type: ignore[union-attr]

    def pack(changed: list[tuple[str, bytes]]) -> bytes:
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w:gz") as tar:
            for name, data in changed:
                info = tarfile.TarInfo(name)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
        return out.getvalue()

    body, manifest = members[:-1], json.loads(members[-1][1])
    yield "without manifest", pack(body)
    yield "with another file", pack([*body, ("files/more", b"x"), members[-1]])
    yield "writing outside", pack([("../outside", b"x"), *members])
    yield "writing to the root", pack([("/tmp/rapport-outside", b"x"), *members])
    yield "with a file less", pack([m for m in members if not m[0].startswith("files/")])
    future = json.dumps({**manifest, "format": 99}).encode()
    yield "of a later format", pack([*body, ("manifest.json", future)])
    yield "with a broken manifest", pack([*body, ("manifest.json", b"{}")])


def test_every_damage_is_found_while_unpacking(migrated: Deployment, tmp_path: Path) -> None:
    fill(migrated)
    archive = tmp_path / "backup.tar.gz"
    migrated.must("backup", str(archive))
    for n, (what, data) in enumerate(damaged(archive)):
        bad = tmp_path / "bad.tar.gz"
        bad.write_bytes(data)
        with pytest.raises(BackupError):
            unpack(bad, tmp_path / f"unpacked{n}")
            pytest.fail(f"not noticed: {what}")
    assert not (tmp_path / "outside").exists()
    assert not Path("/tmp/rapport-outside").exists()
    assert "database.sqlite3" in unpack(archive, tmp_path / "sound").members


def flipped(whole: bytes, place: int) -> bytes:
    return whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_flipped_bit_is_found_or_means_the_same(migrated: Deployment, tmp_path: Path) -> None:
    """Some bits of a compressed stream say nothing (fillers, codes that no byte uses): what they pack is unchanged."""
    fill(migrated)
    archive, bad = tmp_path / "backup.tar.gz", tmp_path / "bad.tar.gz"
    migrated.must("backup", str(archive))
    unpack(archive, tmp_path / "sound")
    sound, whole, found, places = contents(tmp_path / "sound"), archive.read_bytes(), 0, 40
    for n in range(places):
        bad.write_bytes(flipped(whole, len(whole) * n // places))
        try:
            unpack(bad, tmp_path / f"unpacked{n}")
        except BackupError:
            found += 1
        else:
            assert contents(tmp_path / f"unpacked{n}") == sound
    assert found > places // 2


def test_a_refused_backup_changes_nothing(migrated: Deployment, tmp_path: Path) -> None:
    fill(migrated)
    migrated.query("INSERT INTO django_migrations (app, name, applied) VALUES ('sessions', '9999_later', '2026-01-01')")
    archive = tmp_path / "newer.tar.gz"
    migrated.must("backup", str(archive))
    migrated.query("DELETE FROM django_migrations WHERE name = '9999_later'")
    half = tmp_path / "half.tar.gz"
    half.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2])
    change(migrated)
    changed = migrated.contents()
    for bad, reason in ((archive, "newer Rapport"), (half, "damaged"), (tmp_path / "none", "There is no file")):
        done = migrated.run("restore", str(bad), "--replace")
        assert done.returncode == 1
        assert done.stderr.startswith("Error: ")
        assert reason in done.stderr
        assert migrated.contents() == changed
        assert not list(migrated.folder.glob("replaced-*"))
        assert not list(migrated.folder.glob(".backup-*"))


def test_a_database_with_rows_that_point_nowhere_is_refused(migrated: Deployment, tmp_path: Path) -> None:
    fill(migrated)
    migrated.query("INSERT INTO django_content_type (id, app_label, model) VALUES (999, 'a', 'b')")
    migrated.query("INSERT INTO auth_permission (content_type_id, codename, name) VALUES (999, 'c', 'd')")
    migrated.query("DELETE FROM django_content_type WHERE id = 999")  # SQLite checks only where it is told to
    migrated.must("backup", str(tmp_path / "backup.tar.gz"))
    fresh = Deployment(tmp_path / "fresh")
    done = fresh.run("restore", str(tmp_path / "backup.tar.gz"))
    assert done.returncode == 1
    assert "points nowhere" in done.stderr
    assert not (fresh.folder / "rapport.sqlite3").exists()


def test_a_backup_taken_while_others_write_is_of_one_moment(migrated: Deployment, tmp_path: Path) -> None:
    fill(migrated)
    stop = threading.Event()

    def write() -> None:
        import sqlite3

        database = sqlite3.connect(migrated.folder / "rapport.sqlite3", timeout=30)
        n = 0
        while not stop.is_set():
            with database:
                for half in "ab":
                    database.execute(SESSION.replace("%s", "?"), (f"pair{n}{half}", "x" * 500))
            n += 1
        database.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for n in range(3):
            migrated.must("backup", str(tmp_path / f"{n}.tar.gz"))
    finally:
        stop.set()
        writer.join()
    for n in range(3):
        restored = Deployment(tmp_path / f"restored{n}")
        restored.must("restore", str(tmp_path / f"{n}.tar.gz"))
        count = restored.query("SELECT COUNT(*) FROM django_session WHERE session_key LIKE 'pair%'")[0][0]
        assert count % 2 == 0
    assert count > 0


def test_a_restore_waits_for_nobody_who_uses_the_data(migrated: Deployment, tmp_path: Path) -> None:
    fill(migrated)
    migrated.must("backup", str(tmp_path / "backup.tar.gz"))
    with exclusively(migrated.folder, "up at http://127.0.0.1:8000"):
        done = migrated.run("restore", str(tmp_path / "backup.tar.gz"), "--replace")
    assert done.returncode == 1
    assert "in use" in done.stderr
    assert "Stop it first" in done.stderr


def test_backup_overwrites_nothing(migrated: Deployment, tmp_path: Path) -> None:
    fill(migrated)
    there = tmp_path / "backup.tar.gz"
    there.write_text("mine")
    done = migrated.run("backup", str(there))
    assert done.returncode == 1
    assert there.read_text() == "mine"
    assert migrated.run("backup", str(tmp_path / "no" / "folder.tar.gz")).returncode == 1


@pytest.mark.postgres
def test_a_backup_of_another_kind_of_database_is_refused(
    migrated: Deployment, tmp_path: Path, postgres_url: str
) -> None:
    fill(migrated)
    migrated.must("backup", str(tmp_path / "backup.tar.gz"))
    with postgres_database(postgres_url) as url:
        second = Deployment(tmp_path / "second", url)
        done = second.run("restore", str(tmp_path / "backup.tar.gz"))
        assert done.returncode == 1
        assert "sqlite" in done.stderr
        assert second.contents() == {}
