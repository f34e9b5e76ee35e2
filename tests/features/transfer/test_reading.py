"""Files as they come: encodings, separators, headers; cells that look like formulas; dates and numbers."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.features.transfer import conversions
from rapport.features.transfer.cells import neutral, restored
from rapport.features.transfer.reading import Source, recognise
from rapport.records.errors import Invalid

KNOWN = {"name", "city"}


def source(tmp_path: Path, content: bytes, **options: object) -> Source:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    return recognise(path, lambda name: name.lower() in KNOWN, **options)


@pytest.mark.parametrize(
    ("encoding", "recognised"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("cp1252", "cp1252"), ("utf-16", "utf-16")],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_separator_are_recognised(tmp_path: Path, encoding: str, recognised: str, delimiter: str) -> None:
    lines = [["Name", "City", "Note"], ["Zoë", "Köln", 'says "hi, you; there"'], ["Åsa", "Malmö", "two\nlines"]]
    text = "\r\n".join(delimiter.join('"' + c.replace('"', '""') + '"' for c in line) for line in lines)
    found = source(tmp_path, text.encode(encoding))
    assert (found.encoding, found.delimiter, found.has_header) == (recognised, delimiter, True)
    assert found.columns == ("Name", "City", "Note")
    assert [cells for _line, cells in found.rows()] == lines[1:]


def test_a_file_without_header_has_numbered_columns(tmp_path: Path) -> None:
    found = source(tmp_path, b"Ann,ann@example.com,12\nBob,bob@example.com,13\n")
    assert (found.has_header, found.columns) == (False, ("1", "2", "3"))
    assert len(list(found.rows())) == 2
    assert source(tmp_path, b"Ann,1\nBob,2\n", header=True).columns == ("Ann", "1")


def test_rows_are_skipped_padded_and_numbered_by_line(tmp_path: Path) -> None:
    found = source(tmp_path, b'name,city\na\n\n"b\nb",x\nc,y,,\nd,y,z\n')
    rows = [(2, ["a", ""]), (5, ["b\nb", "x"]), (6, ["c", "y"]), (7, ["d", "y", "z"])]
    assert list(found.rows()) == rows
    assert list(found.rows(skip=2)) == rows[2:]


def test_names_of_columns_are_unique(tmp_path: Path) -> None:
    assert source(tmp_path, b"name,,name\n1,2,3\n").columns == ("name", "2", "name (3)")


@pytest.mark.parametrize("content", [b"", b"\n\n ", b"PK\x03\x04\x00\x00"])
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Invalid):
        source(tmp_path, content)


def test_a_missing_file_and_an_unknown_encoding_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        recognise(tmp_path / "none.csv", lambda name: True)
    with pytest.raises(Invalid):
        source(tmp_path, b"name\nx\n", encoding="klingon")


@given(st.binary(min_size=1, max_size=300))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "x.csv"
    path.write_bytes(content)
    with contextlib.suppress(Invalid):
        found = recognise(path, lambda name: False)
        assert all(len(cells) >= len(found.columns) for _line, cells in found.rows())


@given(st.text(max_size=20))
def test_v1_2_10_neutral_cells_come_back_unchanged(text: str) -> None:
    assert restored(neutral(text)) == text
    assert not neutral(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.parametrize(
    ("samples", "country", "fmt"),
    [
        (["31.12.2020", "01.02.2021"], "DE", "%d.%m.%Y"), (["12/31/2020"], "GB", "%m/%d/%Y"),
        (["01/02/2020"], "US", "%m/%d/%Y"), (["01/02/2020"], "GB", "%d/%m/%Y"), (["2020-12-31"], "DE", ""),
        (["20201231"], "DE", ""), (["31.12.2020 14:30"], "DE", "%d.%m.%Y"), (["31.12.2020", "x"], "DE", ""),
    ],
)  # fmt: skip
def test_formats_of_dates(samples: list[str], country: str, fmt: str) -> None:
    assert conversions.date_format(samples, country) == fmt


def test_dates_are_converted_and_wrong_ones_left_to_be_refused() -> None:
    convert = conversions.dates("%d.%m.%Y")
    assert convert("31.12.2020") == "2020-12-31"
    assert convert("31.12.2020 14:30") == "2020-12-31 14:30"
    assert convert("31.02.2020") == "31.02.2020"


@pytest.mark.parametrize(
    ("samples", "mark", "first"),
    [
        (["1.234,50", "3"], ",", "1234.50"), (["1,234.50"], ".", "1234.50"), (["12,5"], ",", "12.5"),
        (["1,234", "12,345"], ".", "1234"), (["1.234.567"], ".", "1.234.567"), (["12.5"], "", "12.5"),
        (["1'234,5"], ",", "1234.5"),
    ],
)  # fmt: skip
def test_decimal_marks(samples: list[str], mark: str, first: str) -> None:
    assert conversions.decimal_mark(samples) == mark
    if mark and samples[0].count(".") < 2:
        assert conversions.numbers(mark)(samples[0]) == first
