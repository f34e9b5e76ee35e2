"""Archives are unpacked within bounds: nothing outside their folder, no bombs, and a reason for what is refused."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest

from rapport.apps.migration import archives
from rapport.records.errors import Invalid


def archive(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return path


def test_names_never_lead_outside(tmp_path: Path) -> None:
    """ASVS 5.3.2"""
    path = archive(tmp_path / "x.zip", {"../../evil.csv": b"a", "/etc/evil.csv": b"b", "C:\\data\\c.csv": b"c"})
    before = {p.name for p in tmp_path.parent.iterdir()}
    with archives.opened(path) as members:
        folders = {member.parent for member in members.values()}
        assert set(members) == {"evil.csv", "etc/evil.csv", "C:/data/c.csv"}
        assert len(folders) == 1
    assert not next(iter(folders)).exists()
    assert {p.name for p in tmp_path.parent.iterdir()} == before


def test_zips_within_are_unpacked_once_and_hidden_files_stay(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as made:
        made.writestr("Contacts.csv", "Id\n1\n")
    path = archive(tmp_path / "x.zip", {"Data.zip": inner.getvalue(), "__MACOSX/._a": b"x", ".DS_Store": b"x"})
    with archives.opened(path) as members:
        assert list(members) == ["Data/Contacts.csv"]
        assert members["Data/Contacts.csv"].read_text() == "Id\n1\n"


def test_bombs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ASVS 5.2.3"""
    path = archive(tmp_path / "x.zip", {"contacts.csv": b"0" * 4_000_000})
    monkeypatch.setattr(archives, "DENSE_FROM", 1_000_000)
    with pytest.raises(Invalid, match="more densely"), archives.opened(path):
        pass
    monkeypatch.undo()
    monkeypatch.setattr(archives, "MOST_BYTES", 1_000_000)
    with pytest.raises(Invalid, match="too large"), archives.opened(path):
        pass
    monkeypatch.undo()
    monkeypatch.setattr(archives, "MOST_FILES", 1)
    with pytest.raises(Invalid, match="at most 1"), archives.opened(archive(path, {"a.csv": b"1", "b.csv": b"2"})):
        pass


def test_broken_and_locked_archives_say_what_to_do(tmp_path: Path) -> None:
    path = archive(tmp_path / "x.zip", {"contacts.csv": os.urandom(5000)})
    content = bytearray(path.read_bytes())
    content[200:260] = b"\0" * 60
    path.write_bytes(bytes(content))
    with pytest.raises(Invalid, match="Make it anew"), archives.opened(path):
        pass
    path = archive(tmp_path / "y.zip", {"contacts.csv": b"a"})
    content = bytearray(path.read_bytes())
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1
    path.write_bytes(bytes(content))
    with pytest.raises(Invalid, match="password"), archives.opened(path):
        pass


def test_links_of_a_folder_are_not_followed_outside(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("Id\n1\n")
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "contacts.csv").write_text("Id\n1\n")
    (folder / "link.csv").symlink_to(tmp_path / "secret.csv")
    with archives.opened(folder) as members:
        assert list(members) == ["contacts.csv"]
