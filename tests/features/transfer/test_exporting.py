"""Exports: what the caller may see and export, harmless in spreadsheets, and the same again when imported."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from tests import factories as f
from tests.database import snapshot

from rapport.features.transfer import importing
from rapport.features.transfer.exporting import export_csv
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Forbidden, Invalid
from rapport.records.models import AuditEntry
from rapport.records.read import visible

pytestmark = pytest.mark.django_db
COLUMNS = (
    "first_name", "last_name", "emails", "phones", "addresses", "company", "tags", "birthday", "lifecycle", "likes",
)  # fmt: skip


def exported(caller: Caller, key: str = "person", *args: object, **options: object) -> list[list[str]]:
    text = b"".join(export_csv(caller, key, *args, **options)).decode("utf-8-sig")  # type: ignore[arg-type]
    return list(csv.reader(text.splitlines(keepends=True)))


def test_v1_2_10_an_export_is_harmless_and_comes_back_unchanged(tmp_path: Path) -> None:
    admin = f.admin()
    company, tag = f.make(admin, "company", name="=HYPERLINK()"), f.make(admin, "tag", name="-VIP")
    for number, last in enumerate(('=1+1"', "+49", "@home", "-5", "'quoted", "''=x", "Plain, with comma", "Ünï")):
        f.make(
            admin, "person", first_name=f"N{number}", last_name=last, company=company, tags=[tag],
            emails=f"n{number}@example.com; m{number}@example.com", phones=f"+49 30 123456{number}",
            addresses=[{"street": "Weg 1", "city": "=Köln"}], birthday="1980-02-29", lifecycle="customer",
            likes="tea\nand @more",
        )  # fmt: skip
    first = exported(admin, "person", COLUMNS, sort="id")
    assert all(not cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in first for cell in row)
    path = tmp_path / "back.csv"
    path.write_bytes(b"".join(export_csv(admin, "person", COLUMNS, sort="id")))
    write.delete(admin, "person", visible(admin, "person").ids())
    assert importing.import_file(admin, "person", path).rejected == 0
    assert exported(admin, "person", COLUMNS, sort="id") == first


def test_an_export_holds_what_may_be_exported_in_the_order_of_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    from rapport.features.transfer import exporting

    monkeypatch.setattr(exporting, "PAGE", 3)
    admin = f.admin()
    ann = f.user("Ann", rights={"person": {"read": "all", "export": "own"}}, fields={"person": {"job": "hidden"}})
    for number in range(10):
        owner = ann if number % 2 else admin
        f.make(admin, "person", last_name=f"P{9 - number}", job="Boss", owner=owner.user_id)
    rows = exported(ann, "person", ("name", "job"), sort="name")
    assert rows == [["name"], *([f"P{n}"] for n in range(0, 10, 2))]
    named = exported(admin, "person", ("name", "owner"), {"field": "name", "op": "is", "value": "P3"}, "name")
    assert named == [["name", "owner"], ["P3", "Ada"]]
    entry = AuditEntry.objects.filter(act="export").latest("id")
    assert (entry.subject, entry.actor_id) == ("person", admin.user_id)
    assert entry.detail["columns"] == ["name", "owner"]


def test_v8_2_who_may_not_export_gets_nothing() -> None:
    admin = f.admin()
    f.make(admin, "person")
    nobody = f.user(rights={"person": {"read": "all", "export": "none"}})
    blind = f.user(rights={"person": {"read": "all", "export": "all"}}, fields={"person": {"job": "hidden"}})
    before = snapshot()
    with pytest.raises(Forbidden):
        export_csv(nobody, "person")
    with pytest.raises(Invalid):
        export_csv(blind, "person", filter={"field": "job", "op": "is", "value": "x"})
    with pytest.raises(Invalid):
        export_csv(blind, "person", sort="job")
    assert snapshot() == before
    assert not AuditEntry.objects.filter(act="export").exists()
