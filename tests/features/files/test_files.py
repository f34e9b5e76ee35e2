"""Files: kept once, typed by their bytes, seen by whoever sees their record, gone when their record is."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from tests import factories as f
from tests.database import snapshot

from rapport.features.files import cleaning, names
from rapport.features.files.storing import files_of, open_file, store
from rapport.records import write
from rapport.records.errors import Forbidden, Invalid, NotFound
from rapport.records.read import visible

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40
CONTEXT = SimpleNamespace(progress=lambda done, total=None: None)


@pytest.fixture
def storage(settings: Any, tmp_path: Path) -> Path:
    """A file storage of the test's own."""
    default = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = {**settings.STORAGES, "default": default}
    return tmp_path


def upload(content: bytes = b"hello", name: str = "note.txt") -> ContentFile[bytes]:
    return ContentFile(content, name=name)


def bytes_in(storage: Path) -> list[Path]:
    return [p for p in storage.rglob("*") if p.is_file()]


def raw_path(file_id: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT path FROM files_file WHERE id = %s", [file_id])
        return str(cursor.fetchone()[0])


@pytest.mark.django_db
def test_what_is_stored_comes_back_with_safe_headers(storage: Path) -> None:
    admin = f.admin()
    owner = f.make(admin, "person")
    html = b"<html><script>alert(1)</script>"
    found = open_file(admin, store(admin, upload(html, "../../evil\u202egnp.html"), "person", owner))
    assert found.stream.read() == html
    assert (found.name, found.content_type, found.size) == ("evilgnp.html", "text/plain", len(html))
    assert found.headers["Content-Disposition"] == "attachment; filename*=UTF-8''evilgnp.html"
    assert found.headers["X-Content-Type-Options"] == "nosniff"
    picture = open_file(admin, store(admin, upload(PNG, "a.html")))
    assert (picture.content_type, picture.headers["Content-Disposition"][:6]) == ("image/png", "inline")


@pytest.mark.django_db
def test_equal_bytes_are_kept_once_and_an_interrupted_upload_is_mended(storage: Path) -> None:
    admin = f.admin()
    first = store(admin, upload(b"same" * 100))
    store(admin, upload(b"same" * 100, "other.txt"))
    assert len(bytes_in(storage)) == 1
    bytes_in(storage)[0].write_bytes(b"sam")
    third = store(admin, upload(b"same" * 100))
    assert open_file(admin, third).stream.read() == open_file(admin, first).stream.read() == b"same" * 100


@pytest.mark.django_db
def test_refused_uploads_leave_nothing(storage: Path, settings: Any) -> None:
    admin, reader = f.admin(), f.user(rights={"person": {"read": "all", "edit": "none"}})
    nobody = f.user(rights={"*": {"read": "none", "edit": "none"}})
    owner = f.make(admin, "person")
    settings.UPLOAD_BYTES = 10
    before = snapshot()
    with pytest.raises(Invalid):
        store(admin, upload(b"x" * 11))
    with pytest.raises(Invalid):
        store(admin, upload(b""))
    with pytest.raises(Forbidden):
        store(reader, upload(), "person", owner)
    with pytest.raises(NotFound):
        store(nobody, upload(), "person", owner)
    with pytest.raises(NotFound):
        store(admin, upload(), "person", owner + 1)
    with pytest.raises(Invalid):
        write.create(admin, "file", {"name": "without bytes"})
    for values in ({"name": "a", "path": "../x"}, {"name": "a", "size": 5}, {"name": "a", "object_key": "person"}):
        with pytest.raises(Invalid):
            write.create(admin, "file", values)
    assert snapshot() == before
    assert bytes_in(storage) == []


@pytest.mark.django_db
def test_v8_2_rights_of_the_record_hold_at_each_download(storage: Path) -> None:
    admin = f.admin()
    own = {"read": "own", "edit": "own", "delete": "own"}
    ann, ben = f.user("Ann", rights={"person": own}), f.user("Ben", rights={"person": own})
    anns = f.make(ann, "person", owner=ann.user_id)
    attached, private = store(ann, upload(b"a"), "person", anns), store(ann, upload(b"b"))
    for file_id in (attached, private):
        assert open_file(ann, file_id).size == 1
        assert open_file(admin, file_id).size == 1
        with pytest.raises(NotFound):
            open_file(ben, file_id)
        with pytest.raises(NotFound):
            write.update(ben, "file", file_id, {"name": "taken.txt"})
    assert visible(ben, "file").page().rows == []
    assert [x["id"] for x in files_of(ann, "person", anns)] == [attached]
    with pytest.raises(NotFound):
        files_of(ben, "person", anns)
    write.delete(ann, "person", [anns])
    with pytest.raises(NotFound):
        open_file(ann, attached)


@pytest.mark.django_db
def test_reading_a_record_does_not_allow_changing_its_files(storage: Path) -> None:
    admin, reader = f.admin(), f.user(rights={"person": {"read": "all", "edit": "none"}})
    file_id = store(admin, upload(), "person", f.make(admin, "person"))
    assert open_file(reader, file_id).size == 5
    with pytest.raises(Forbidden):
        write.update(reader, "file", file_id, {"name": "x"})
    with pytest.raises(Forbidden):
        write.delete(reader, "file", [file_id])


@pytest.mark.django_db(transaction=True)
def test_erasing_a_record_erases_its_files_and_their_bytes_but_not_shared_ones(storage: Path) -> None:
    admin = f.admin()
    first, second = f.make(admin, "person"), f.make(admin, "person")
    gone = store(admin, upload(b"only here"), "person", first)
    store(admin, upload(b"both"), "person", first)
    kept = store(admin, upload(b"both"), "person", second)
    write.erase(admin, "person", [first])
    with pytest.raises(NotFound):
        visible(admin, "file").get(gone)
    assert [p.read_bytes() for p in bytes_in(storage)] == [b"both"]
    assert open_file(admin, kept).stream.read() == b"both"


@pytest.mark.django_db(transaction=True)
def test_the_daily_cleaning_removes_what_nobody_refers_to(storage: Path) -> None:
    admin = f.admin()
    record = f.make(admin, "person")
    kept, lost = store(admin, upload(b"kept")), store(admin, upload(b"lost"), "person", record)
    write.delete(admin, "person", [record])
    write.purge("person", ids=[record])
    orphan, fresh, foreign = "ab/" + "ab" * 32, "cd/" + "cd" * 32, "readme.txt"
    for path in (orphan, fresh, foreign):
        default_storage.save(path, ContentFile(b"x"))
    old = (dt.datetime.now() - dt.timedelta(days=2)).timestamp()
    for path in (orphan, foreign, raw_path(kept)):
        os.utime(storage / path, (old, old))
    lost_path = raw_path(lost)
    assert cleaning.clean(CONTEXT) == {"files": 1, "bytes": 1}
    assert not default_storage.exists(orphan)
    assert not default_storage.exists(lost_path)
    assert default_storage.exists(fresh)
    assert default_storage.exists(foreign)
    assert open_file(admin, kept).stream.read() == b"kept"


@pytest.mark.parametrize(
    ("raw", "safe"),
    [
        ("report.pdf", "report.pdf"), ("C:\\temp\\a.txt", "a.txt"), ("../../etc/passwd", "passwd"), ("", "file"),
        ("...", "file"), ("a\x00b\r\n.txt", "ab.txt"), ("e\u0301.txt", "é.txt"),
        ("x" * 300 + ".docx", "x" * 195 + ".docx"),
        ("\ud800.txt", "txt"), ("a/", "file"),
    ],
)  # fmt: skip
def test_names(raw: str, safe: str) -> None:
    assert names.safe_name(raw) == safe


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"%PDF-1.7", "application/pdf"), (b"<svg onload=x>", "text/plain"), (b"a,b\n1,2", "text/plain"),
        ("ä".encode() * 10, "text/plain"), (("a" + "ä" * 5000).encode()[:8192], "text/plain"),
        (b"\xff\xfe\x00", "application/octet-stream"), (b"a\x00b", "application/octet-stream"),
    ],
)  # fmt: skip
def test_types_are_told_from_bytes(head: bytes, kind: str) -> None:
    assert names.type_of(head) == kind


@pytest.mark.django_db
def test_the_same_name_on_a_record_is_a_new_version(storage: Path) -> None:
    admin = f.admin()
    owner, other = f.make(admin, "person"), f.make(admin, "person")
    first = store(admin, upload(b"one", "Offer.txt"), "person", owner)
    assert store(admin, upload(b"three", "offer.TXT"), "person", owner) == first
    assert store(admin, upload(b"three", "Offer.txt"), "person", owner) == first
    assert store(admin, upload(b"one", "Offer.txt"), "person", other) != first
    assert store(admin, upload(b"four!", "Offer.txt"), "person", owner) == first
    found = files_of(admin, "person", owner)
    assert [(x["id"], x["revision"], x["size"]) for x in found] == [(first, 3, 5)]
    assert [(v["revision"], v["size"]) for v in found[0]["older"]] == [(2, 5), (1, 3)]
    for revision, content in ((None, b"four!"), (3, b"four!"), (2, b"three"), (1, b"one")):
        assert open_file(admin, first, revision).stream.read() == content, revision
    with pytest.raises(NotFound):
        open_file(admin, first, 4)
    eve = f.user("Eve", rights={"*": {"read": "all"}, "person": {"read": "none"}})
    with pytest.raises(NotFound):
        open_file(eve, first, 1)


@pytest.mark.django_db(transaction=True)
def test_bytes_of_older_versions_stay_until_the_file_is_erased(storage: Path) -> None:
    admin = f.admin()
    owner = f.make(admin, "person")
    key = store(admin, upload(b"one"), "person", owner)
    store(admin, upload(b"two"), "person", owner)
    for path in bytes_in(storage):
        os.utime(path, (0, 0))
    cleaning.clean(CONTEXT)
    assert len(bytes_in(storage)) == 2
    write.erase(admin, "file", [key])
    assert bytes_in(storage) == []
