"""Workbooks, JSON and cards as other programs write them: told from bytes, read into rows, refused where they lie."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from tests import factories as f

from rapport.features.transfer import importing, runs
from rapport.features.transfer.reading import Source, recognise
from rapport.records.errors import Invalid
from rapport.records.read import visible

KNOWN = {"name", "city"}


def source(tmp_path: Path, content: bytes, **told: Any) -> Source:
    path = tmp_path / "file.bin"
    path.write_bytes(content)
    return recognise(path, lambda name: name.lower() in KNOWN, **told)


def cells(found: Source, skip: int = 0) -> list[list[str]]:
    return [list(row) for _line, row in found.rows(skip)]


def dicts(found: Source) -> list[dict[str, str]]:
    return [{n: t for n, t in zip(found.columns, row, strict=True) if t} for row in cells(found)]


def workbook(*rows: Any, epoch: dt.datetime | None = None, empty_first: bool = False) -> bytes:
    book = Workbook()
    if epoch:
        book.epoch = epoch
    sheet = book.active
    assert sheet is not None
    if empty_first:
        sheet = book.create_sheet("Data")
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(content: bytes, **parts: bytes) -> bytes:
    """A workbook with parts replaced; `sheet1` is the first sheet."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, parts.get(Path(name).stem, old.read(name)))
    return out.getvalue()


# -- workbooks --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("epoch", [None, CALENDAR_MAC_1904])
def test_cells_of_a_workbook_are_typed(tmp_path: Path, epoch: dt.datetime | None) -> None:
    content = workbook(
        ["Name", "Born", "Seen", "Score", "Count", "VIP", "At", "Bad"],
        ["Zoë", dt.date(1980, 2, 29), dt.datetime(2024, 5, 6, 7, 8, 9), 0.1 + 0.2, 12, True, dt.time(9, 30), "#N/A"],
        [],
        ["=x", None, None, 1e21, 10**12, False, None, None],
        epoch=epoch,
    )
    found = source(tmp_path, content)
    assert (found.format, found.has_header, found.sheet) == ("xlsx", True, "Sheet")
    assert found.columns == ("Name", "Born", "Seen", "Score", "Count", "VIP", "At", "Bad")
    rows = list(found.rows())
    assert rows[0] == (2, ["Zoë", "1980-02-29", "2024-05-06 07:08:09", "0.3", "12", "yes", "09:30:00", ""])
    assert rows[1][0] == 4
    assert rows[1][1][3:6] == ["1000000000000000000000", "1000000000000", "no"]
    assert list(found.rows(skip=1)) == rows[1:]


def test_the_first_sheet_with_cells_or_the_named_one(tmp_path: Path) -> None:
    content = workbook(["name"], ["A"], empty_first=True)
    found = source(tmp_path, content)
    assert (found.sheet, found.sheets, cells(found)) == ("Data", ("Sheet", "Data"), [["A"]])
    assert cells(Source.from_json(found.path, found.to_json())) == [["A"]]
    with pytest.raises(Invalid, match="empty"):
        source(tmp_path, content, sheet="Sheet")
    with pytest.raises(Invalid, match="There are: Sheet, Data"):
        source(tmp_path, content, sheet="Nope")
    assert source(tmp_path, workbook(["A", 1], ["B", 2]), header=False).columns == ("1", "2")


def test_v5_2_3_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    bomb = repacked(workbook(["name"], ["A"]), sheet1=b"<worksheet>" + b" " * 60_000_000)
    assert len(bomb) < 200_000
    with pytest.raises(Invalid, match="unpacks to too much"):
        source(tmp_path, bomb)


def test_v1_5_1_entities_of_a_workbook_are_not_resolved(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s3cret", encoding="utf-8")
    plain = workbook(["name"], ["A"])
    with zipfile.ZipFile(io.BytesIO(plain)) as archive:
        part = next(n for n in archive.namelist() if n.endswith("sheet1.xml"))
        xml = archive.read(part).decode().partition("?>")[2] or archive.read(part).decode()
    doctype = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>'
    for start in ("", "<!--" + "x" * 5000 + "-->"):
        with pytest.raises(Invalid):
            cells(source(tmp_path, repacked(plain, sheet1=(start + doctype + xml.replace(">A<", ">&e;<")).encode())))


@pytest.mark.parametrize(
    "sheet",
    [b"", b"<worksheet", b"\x00\xff", b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
     b'<sheetData><row r="9999999999"><c r="A9999999999"><v>1</v></c></row></sheetData></worksheet>'],
)  # fmt: skip
def test_damaged_workbooks_are_refused(tmp_path: Path, sheet: bytes) -> None:
    with pytest.raises(Invalid):
        cells(source(tmp_path, repacked(workbook(["name"], ["A"]), sheet1=sheet)))
    with pytest.raises(Invalid):
        source(tmp_path, workbook(["name"])[:-30])


# -- JSON -------------------------------------------------------------------------------------------------------------

PEOPLE = [
    {"name": "Zoë", "address": {"city": "Köln", "geo": {"lat": 1.10}}, "vip": True, "score": 12345678901234567890},
    {"name": "B", "tags": ["a", "b"], "none": None, "emails": [{"value": "b@x.example", "label": "work"},
     {"value": "c@x.example", "label": "work"}, {"value": "d@x.example"}]},
]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("array", [False, True])
def test_json_is_flattened(tmp_path: Path, encoding: str, array: bool) -> None:
    lines = "\n\n".join(json.dumps(person, ensure_ascii=False) for person in PEOPLE)
    found = source(tmp_path, (json.dumps(PEOPLE, indent=1) if array else lines).encode(encoding))
    assert (found.format, found.about, found.encoding) == ("jsonl", 2, encoding)
    assert dicts(found) == [
        {"name": "Zoë", "address.city": "Köln", "address.geo.lat": "1.1", "vip": "yes",
         "score": "12345678901234567890"},
        {"name": "B", "tags": "a; b", "emails:work": "b@x.example; c@x.example", "emails": "d@x.example"},
    ]  # fmt: skip
    assert [line for line, _cells in found.rows()] == ([1, 2] if array else [1, 3])
    assert cells(found, skip=1) == cells(found)[1:]


def test_a_large_array_is_read_in_parts(tmp_path: Path) -> None:
    people = [{"name": f"P{n}", "note": "x" * 1000} for n in range(2000)]
    found = source(tmp_path, json.dumps(people).encode())
    assert [row[0] for row in cells(found)] == [person["name"] for person in people]


@pytest.mark.parametrize("content", [b'[{"a": 1}, {"b"', b"[]", b'[{"a": 1} x', b'[{"a":' + b"[" * 100_000])
def test_json_that_ends_early_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Invalid):
        cells(source(tmp_path, content, format="jsonl"))


@pytest.mark.django_db
def test_a_line_that_is_no_json_is_refused_alone(tmp_path: Path) -> None:
    admin, path = f.admin(), tmp_path / "people.jsonl"
    path.write_text('{"last_name": "A"}\n{"last_name": \n["B"]\n{"last_name": "C"}\n', encoding="utf-8")
    report = importing.import_file(admin, "person", path)
    assert (report.created, report.rejected) == (2, 2)
    back = b"".join(runs.issues_csv(report.run_id or 0, imported=False)).decode()
    assert "This is no JSON:" in back
    assert "This is no JSON object." in back


# -- cards ------------------------------------------------------------------------------------------------------------

OLD = """BEGIN:VCARD\r
VERSION:2.1\r
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=B6rg;Karl;Dr.;\r
FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Dr. J=C3=B6rg M=C3=BCller\r
TEL;CELL;PREF:+49 171 5550142\r
TEL;WORK;VOICE:030 123456\r
TEL;WORK;FAX:030 123457\r
EMAIL;INTERNET:joerg@example.com\r
ADR;HOME;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:;;Lange Stra=C3=9Fe 1=\r
;K=C3=B6ln;;50667;Germany\r
NOTE;ENCODING=QUOTED-PRINTABLE:one=0D=0A=\r
two\r
PHOTO;ENCODING=BASE64;JPEG:/9j/4AAQ\r
 TEL;CELL:damaged\r
\r
BDAY:19800229\r
END:VCARD\r
"""
OUTLOOK = """BEGIN:VCARD
VERSION:3.0
N:Doe;Jane;;;Jr.
FN:Jane Doe
ORG:Fjord\\, Ltd;Sales;North
item1.EMAIL;type=INTERNET;type=HOME;type=pref:jane@exam
 ple.com
EMAIL;type=HOME:jane2@example.com
item1.X-ABLabel:_$!<Other>!$_
item2.ADR;type=HOME;type=pref:;;1 Main\\nStreet;Town;ST;123;US
ADR;type=HOME:;;2 Side;Town;;;
ADR;type=HOME:;;3 Back;Town;;;
TITLE:Head of\\; sales
BDAY;X-APPLE-OMIT-YEAR=1604:1604-04-12
CATEGORIES:vip,a\\,b
URL;type=WORK:https://fjord.example
END:VCARD
"""
NEW = """begin:vcard
VERSION:4.0
FN:Only Name
TEL;VALUE=uri;TYPE="voice,work":tel:+1-555-5550;ext=9
BDAY:--0412
EMAIL;PREF=1:x@y.example
a broken line
END:VCARD
"""


def test_cards_of_three_versions(tmp_path: Path) -> None:
    found = source(tmp_path, (OLD + OUTLOOK + NEW).encode())
    assert (found.format, found.about) == ("vcard", 3)
    old, outlook, new = dicts(found)
    assert old == {
        "salutation": "Dr.", "first_name": "Jörg Karl", "last_name": "Müller", "phones:mobile": "+49 171 5550142",
        "phones:work": "030 123456", "fax": "030 123457", "emails": "joerg@example.com", "notes": "one\ntwo",
        "addresses:home.street": "Lange Straße 1", "addresses:home.city": "Köln", "addresses:home.postcode": "50667",
        "addresses:home.country": "Germany", "birthday": "1980-02-29",
    }  # fmt: skip
    assert outlook == {
        "first_name": "Jane", "last_name": "Doe Jr.", "organisation": "Fjord, Ltd", "department": "Sales, North",
        "emails:home": "jane@example.com;jane2@example.com", "job": "Head of; sales", "birthday without year": "04-12",
        "addresses:home.street": "1 Main Street", "addresses:home.city": "Town", "addresses:home.region": "ST",
        "addresses:home.postcode": "123", "addresses:home.country": "US", "addresses:other.street": "2 Side",
        "addresses:other.city": "Town", "further addresses": "3 Back, Town", "tags": "vip; a,b",
        "website": "https://fjord.example",
    }  # fmt: skip
    assert new == {
        "first_name": "Only", "last_name": "Name", "phones:work": "+1-555-5550", "birthday without year": "04-12",
        "emails": "x@y.example",
    }  # fmt: skip
    assert cells(found, skip=2) == cells(found)[2:]


@pytest.mark.django_db
def test_cards_become_people(tmp_path: Path) -> None:
    admin, path = f.admin(), tmp_path / "cards.vcf"
    path.write_bytes((OLD + OUTLOOK.replace("vip,a\\,b", "VIP")).encode("cp1252"))
    wanted = importing.propose(admin, "person", path).creating(["company", "tags"])
    report = importing.import_file(admin, "person", path, wanted)
    assert (report.created, report.rejected) == (2, 0)
    joerg, jane = visible(admin, "person").page(
        columns=("name", "phones", "addresses", "emails", "company", "tags", "birthday"), sort="id"
    ).rows  # fmt: skip
    assert joerg.title == "Jörg Karl Müller"
    assert [(p["value"], p["label"]) for p in joerg.values["phones"]] == [
        ("+491715550142", "mobile"), ("+4930123456", "work"),
    ]  # fmt: skip
    assert joerg.values["birthday"] == dt.date(1980, 2, 29)
    assert [(a["label"], a["street"]) for a in jane.values["addresses"]] == [
        ("home", "1 Main Street"), ("other", "2 Side"),
    ]  # fmt: skip
    assert jane.labels["company"] == "Fjord, Ltd"
    assert [text for _key, text in jane.labels["tags"]] == ["VIP"]


@given(st.sampled_from(["xlsx", "jsonl", "vcard", ""]), st.binary(min_size=1, max_size=300))
def test_any_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, key: str, content: bytes
) -> None:  # fmt: skip
    head = {"vcard": b"BEGIN:VCARD\r\n", "jsonl": b'{"a": 1}\n'}.get(key, b"")
    with contextlib.suppress(Invalid):
        found = source(tmp_path_factory.mktemp("any"), head + content, format=key)
        assert all(len(row) >= len(found.columns) for row in cells(found))


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="There are: xlsx, vcard, jsonl, csv"):
        source(tmp_path, b"a,b", format="doc")
