"""Archives that are damaged, foreign or made to do harm, and targets that are not empty: refused, nothing changed."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests import factories as f
from tests.database import snapshot
from tests.features.archive.copying import brought_in, packed, wiped

from rapport.features.archive import opening
from rapport.features.archive.manifest import ArchiveError
from rapport.features.files.storing import store

pytestmark = pytest.mark.django_db
Members = dict[str, bytes]


@pytest.fixture
def members(tmp_path: Path) -> Members:
    """What an archive holds of an organisation with a person and a file; the database is empty then."""
    ada = f.admin()
    store(ada, ContentFile(b"some bytes", name="a.txt"), "person", f.make(ada, "person"))
    packed(tmp_path / "good.zip", secrets=True)
    wiped()
    with zipfile.ZipFile(tmp_path / "good.zip") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def written(path: Path, members: Members) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def said(members: Members, change: Callable[[dict[str, Any]], object]) -> None:
    """Change what the manifest says."""
    found = json.loads(members["manifest.json"])
    change(found)
    members["manifest.json"] = json.dumps(found).encode()


def part(found: dict[str, Any], table: str) -> dict[str, Any]:
    return next(p for p in found["tables"] if p["table"] == table)


def rewritten(members: Members, table: str, old: bytes, new: bytes) -> None:
    """Change the lines of a table, and the manifest with them."""
    name = f"tables/{table}.jsonl"
    assert old in members[name]
    members[name] = members[name].replace(old, new)
    sum_ = hashlib.sha256(members[name]).hexdigest()
    said(members, lambda m: part(m, table).update(sha256=sum_))


def refused(path: Path, *words: str) -> None:
    before = snapshot()
    with pytest.raises(ArchiveError) as error:
        brought_in(path)
    assert all(word in str(error.value) for word in words), str(error.value)
    assert snapshot() == before


PERSON = "customers_person"
LINES = f"tables/{PERSON}.jsonl"
CHANGES: dict[str, tuple[Callable[[Members], object], tuple[str, ...]]] = {
    "no manifest": (lambda m: m.pop("manifest.json"), ("no manifest",)),
    "manifest is no JSON": (lambda m: m.update({"manifest.json": b"{"}), ("manifest can't be read",)),
    "manifest is a list": (lambda m: m.update({"manifest.json": b"[]"}), ("manifest can't be read",)),
    "newer format": (lambda m: said(m, lambda x: x.update(format=2)), ("newer Rapport",)),
    "newer tables": (lambda m: said(m, lambda x: x["migrations"].append("records.9999_x")), ("newer", "9999_x")),
    "older tables": (lambda m: said(m, lambda x: x["migrations"].pop()), ("older Rapport",)),
    "another sum": (lambda m: m.update({LINES: m[LINES] + b"\n"}), ("damaged", PERSON)),
    "another file": (lambda m: m.update({name_of_file(m): b"other bytes"}), ("damaged", "files/")),
    "file is missing": (lambda m: m.pop(name_of_file(m)), ("Files are missing",)),
    "table is missing": (lambda m: m.pop(LINES), ("differ", PERSON)),
    "something more": (lambda m: m.update({"more.txt": b"x"}), ("differ", "more.txt")),
    "a way out": (lambda m: m.update({"../../etc/x": b"x"}), ("differ", "../")),
    "unknown table": (
        lambda m: said(m, lambda x: x["tables"].append({**part(x, PERSON), "table": "a_table"})),
        ("a_table", "does not know"),
    ),
    "table not told": (lambda m: said(m, lambda x: x["tables"].remove(part(x, PERSON))), ("not in the archive",)),
    "table twice": (lambda m: said(m, lambda x: x["tables"].append(part(x, PERSON))), ("twice",)),
    "other columns": (
        lambda m: said(m, lambda x: part(x, PERSON)["columns"].update(shoe="integer")),
        ("columns", PERSON, "shoe"),
    ),
    "fewer rows": (lambda m: said(m, lambda x: part(x, PERSON).update(rows=7)), ("has 1 rows", "says 7")),
    "no row": (lambda m: rewritten(m, PERSON, b'"version":1', b'"version":"one"'), ("can't be read", PERSON)),
    "a column more": (lambda m: rewritten(m, PERSON, b'"version":1', b'"version":1,"x":2'), ("can't be read",)),
    "too large a number": (
        lambda m: rewritten(m, PERSON, b'"version":1', b'"version":99999999999999999999'), (PERSON,)
    ),
    "no company": (lambda m: rewritten(m, PERSON, b'"company_id":null', b'"company_id":77'), ("points nowhere",)),
    "path leads out": (lambda m: rewritten(m, "files_file", *outward(m)), ("path", "..")),
    "bytes of nobody": (
        lambda m: rewritten(m, "files_file", name_of_file(m).encode()[6:], b"0" * 64), ("not in the archive",)
    ),
}  # fmt: skip


def name_of_file(members: Members) -> str:
    return next(name for name in members if name.startswith("files/"))


def outward(members: Members) -> tuple[bytes, bytes]:
    sha256 = name_of_file(members)[6:]
    path = f'"path":"{sha256[:2]}/'.encode()
    return path, b'"path":"../../'


@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_archive_is_refused(what: str, members: Members, tmp_path: Path) -> None:
    change, words = CHANGES[what]
    change(members)
    refused(written(tmp_path / "bad.zip", members), *words)


def test_a_bomb_is_refused_before_it_is_unpacked(
    members: Members, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "SMALL", 1024)
    members[LINES] = b"\n" * 50_000_000
    refused(written(tmp_path / "bomb.zip", members), "times its size")


def test_an_endless_line_is_refused(members: Members, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "MOST_LINE", 2000)
    rewritten(members, PERSON, b'"version":1', b'"version":' + b" " * 3_000_000 + b"1")
    refused(written(tmp_path / "bad.zip", members), "too long")


def test_the_same_member_twice_is_refused(members: Members, tmp_path: Path) -> None:
    path = written(tmp_path / "bad.zip", members)
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr(LINES, members[LINES])
    refused(path, "twice")


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    refused(tmp_path / "none.zip", "There is no file")
    (tmp_path / "text.zip").write_text("hello")
    refused(tmp_path / "text.zip", "damaged, or no archive")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_flipped_byte_is_noticed_or_changes_nothing(members: Members, tmp_path: Path, data: Any) -> None:
    path = written(tmp_path / "good2.zip", members)
    raw = bytearray(path.read_bytes())
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    (tmp_path / "flipped.zip").write_bytes(raw)
    try:
        with opening.opened(tmp_path / "flipped.zip") as archive:
            archive.verify()
            same = {name: b"".join(archive.chunks(name)) for name in archive.members}
    except ArchiveError:
        return
    assert same == members


def test_a_target_that_is_not_empty_is_refused(members: Members, tmp_path: Path) -> None:
    f.organisation()
    refused(written(tmp_path / "good.zip", members), "not empty", "records_organisation")


def test_what_an_interrupted_import_left_is_made_whole(members: Members, tmp_path: Path) -> None:
    sha256 = name_of_file(members)[6:]
    path = f"{sha256[:2]}/{sha256}"
    default_storage.delete(path)
    default_storage.save(path, ContentFile(b"some"))
    brought_in(written(tmp_path / "good.zip", members))
    assert default_storage.open(path).read() == b"some bytes"
