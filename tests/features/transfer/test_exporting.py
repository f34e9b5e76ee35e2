"""Exports: what the caller may see and export, harmless in spreadsheets, and the same again when imported."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from tests import factories as f
from tests.database import snapshot

from rapport.features.transfer import exporting, importing
from rapport.features.transfer.exporting import export
from rapport.features.transfer.writers import sheets, vcards
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Forbidden, Invalid
from rapport.records.models import AuditEntry
from rapport.records.read import visible
from rapport.registry import catalog

pytestmark = pytest.mark.django_db
COLUMNS = (
    "first_name", "last_name", "emails", "phones", "addresses", "company", "tags", "birthday", "lifecycle", "likes",
)  # fmt: skip


def exported(caller: Caller, key: str = "person", *args: object, **options: object) -> list[list[str]]:
    text = b"".join(export(caller, key, *args, **options)).decode("utf-8-sig")  # type: ignore[arg-type]
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
    path.write_bytes(b"".join(export(admin, "person", COLUMNS, sort="id")))
    write.delete(admin, "person", visible(admin, "person").ids())
    assert importing.import_file(admin, "person", path).rejected == 0
    assert exported(admin, "person", COLUMNS, sort="id") == first


def test_an_export_holds_what_may_be_exported_in_the_order_of_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
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
        export(nobody, "person")
    with pytest.raises(Invalid):
        export(blind, "person", filter={"field": "job", "op": "is", "value": "x"})
    with pytest.raises(Invalid):
        export(blind, "person", sort="job")
    assert snapshot() == before
    assert not AuditEntry.objects.filter(act="export").exists()


def test_v1_2_10_formulas_in_a_workbook_are_texts_and_stay_so() -> None:
    admin = f.admin()
    f.make(admin, "person", last_name="=1+1", phones="+49 30 1234567", birthday="1980-02-29", likes="a\r\nb <&> 'x")
    content = b"".join(export(admin, "person", ("last_name", "phones", "birthday", "likes"), form="xlsx"))
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    head, row = list(sheet.iter_rows())
    assert [cell.value for cell in head] == ["last name", "phones", "birthday", "likes"]
    assert [cell.value for cell in row][:2] == ["=1+1", "+49301234567"]
    assert (row[0].data_type, row[0].quotePrefix, row[3].quotePrefix) == ("s", True, False)
    assert row[2].value == dt.datetime(1980, 2, 29)
    assert row[3].value == visible(admin, "person").page(columns=("likes",)).rows[0].values["likes"]


def test_a_workbook_has_as_many_sheets_as_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_ROWS", 4)
    monkeypatch.setattr(exporting, "PAGE", 2)
    admin = f.admin()
    for number in range(5):
        f.make(admin, "person", last_name=f"P{number}")
    book = load_workbook(io.BytesIO(b"".join(export(admin, "person", ("last_name",), sort="id", form="xlsx"))))
    found = [[cell.value for (cell,) in sheet.iter_rows()] for sheet in book.worksheets]
    assert found == [["last name", "P0", "P1"], ["last name", "P2", "P3", "P4"]]
    empty = b"".join(export(admin, "company", form="xlsx"))
    assert load_workbook(io.BytesIO(empty)).worksheets[0].max_row == 1


def test_people_as_cards_come_back(tmp_path: Path) -> None:
    admin = f.admin()
    company, tag = f.make(admin, "company", name="Fjord; Ltd, Köln"), f.make(admin, "tag", name="VIP")
    f.make(
        admin, "person", salutation="Dr.", first_name="Zoë Anna", last_name="Ünï" * 30, company=company, tags=[tag],
        emails=[{"value": "z@example.com", "label": "work"}, {"value": "y@example.com", "label": "home"}], job="Boss",
        phones=[{"value": "+491715550142", "label": "mobile"}], birthday="1980-02-29",
        addresses=[{"label": "home", "street": "Weg 1", "city": "Köln", "postcode": "50667", "country": "Germany"}],
    )  # fmt: skip
    columns = vcards.columns(catalog.current()["person"])
    before = visible(admin, "person").page(columns=columns).rows[0]
    content = b"".join(export(admin, "person", ("name",), form="vcard"))
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    path = tmp_path / "people.vcf"
    path.write_bytes(content)
    write.delete(admin, "person", [before.id])
    assert importing.import_file(admin, "person", path).created == 1
    after = visible(admin, "person").page(columns=columns).rows[0]
    assert after.labels == before.labels
    assert after.values == before.values
    with pytest.raises(Invalid, match="There are: csv, xlsx, jsonl"):
        export(admin, "company", form="vcard")


TEXTS = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=20)
ODD = st.sampled_from(["=1+1", "'=x", "''", "-5", "+49", "@a", "a, b", 'say "x"', "1.50", "007", "2024-05-06"])
NAMES = TEXTS | ODD
DAYS = st.dates(dt.date(1000, 1, 1), dt.date(9998, 12, 31))


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(NAMES, NAMES, DAYS, st.sampled_from(["customer", "lead"])), min_size=1, max_size=10))
@pytest.mark.parametrize("form", ["csv", "xlsx", "jsonl"])
def test_what_is_exported_comes_back_unchanged(tmp_path: Path, form: str, people: list[tuple[Any, ...]]) -> None:
    with transaction.atomic():
        admin = f.admin()
        for number, (last, likes, day, stage) in enumerate(people):
            f.make(
                admin, "person", last_name=last, likes=f"{likes}\n{last}", birthday=day.isoformat(), lifecycle=stage,
                emails=[{"value": f"a{number}@example.com"}, {"value": f"b{number}@example.com"}],
                addresses=[{"street": likes, "city": last}],
            )  # fmt: skip
        columns = ("last_name", "likes", "birthday", "lifecycle", "emails", "addresses")
        before = [row.values for row in visible(admin, "person").page(columns=columns, sort="id").rows]
        path = tmp_path / f"back.{form}"
        path.write_bytes(b"".join(export(admin, "person", columns, sort="id", form=form)))
        write.delete(admin, "person", visible(admin, "person").ids())
        report = importing.import_file(admin, "person", path, again=True)
        assert (report.created, report.rejected) == (len(people), 0)
        assert [row.values for row in visible(admin, "person").page(columns=columns, sort="id").rows] == before
        transaction.set_rollback(True)


def test_it_speaks_the_language_in_which_it_was_asked_for() -> None:
    admin = f.admin()
    f.make(admin, "person", last_name="Lind")
    with translation.override("de"):
        parts = export(admin, "person", ["last_name"])
    with translation.override("en"):
        assert b"".join(parts).decode("utf-8-sig").splitlines() == ["Nachname", "Lind"]
        assert translation.get_language() == "en"
