"""Texts as other systems write them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from rapport.apps.migration.readers import READERS, Reading, code
from rapport.apps.migration.sheets import flat

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("reader", "text", "fmt", "read"),
    [
        ("moment", "2024-03-01 14:05", "", "2024-03-01T14:05:00+01:00"),
        ("moment", "2024-07-01T14:05:00.000Z", "", "2024-07-01T14:05:00+00:00"),
        ("moment", "2024-07-01T14:05:00.000+0000", "", "2024-07-01T14:05:00+00:00"),
        ("moment", "1470145673504", "", "2016-08-02T13:47:53+00:00"),
        ("moment", "3/1/2024 2:05 PM", "%m/%d/%Y", "2024-03-01T14:05:00+01:00"),
        ("moment", "soon", "", "soon"),
        ("day", "2024-02-29T00:00:00Z", "", "2024-02-29"),
        ("day", "2024-02-28T23:30:00Z", "", "2024-02-29"),
        ("day", "29.02.2024", "%d.%m.%Y", "2024-02-29"),
        ("number", "$ 1,234.50", "", "1234.50"),
        ("number", "€ 1.234,50", ",", "1234.50"),
        ("number", "12,5", "", "12.5"),
        ("number", "-7%", "", "-7"),
        ("share", "0.4", "", "40"),
        ("share", "85%", "", "85"),
        ("minutes", "1260000", "", "21"),
        ("seconds", "125", "", "2"),
        ("clock", "01:30", "", "90"),
        ("first", "Gina de Luca", "", "Gina de"),
        ("last", "Gina de Luca", "", "Luca"),
        ("last", "Cher", "", "Cher"),
        ("size", "1-10", "", "1"),
        ("size", "180", "", "51-200"),
        ("html", "<p>Dear&nbsp;A,<br>it is <b>5 &lt; 6</b></p><style>x{}</style>", "", "Dear A,\nit is 5 < 6"),
        ("html", "plain", "", "plain"),
        ("host", "https://www.acme.example/path", "", "acme.example"),
        ("website", "acme.example", "", "https://acme.example"),
    ],
)
def test_reading(reader: str, text: str, fmt: str, read: str) -> None:
    assert READERS[reader](text, Reading(fmt, BERLIN)) == read


def test_currencies_are_told_from_amounts() -> None:
    assert [code(t) for t in ("€ 5", "USD 5", "5", "£5.00")] == ["EUR", "USD", "", "GBP"]


def test_json_becomes_columns() -> None:
    record = {
        "id": 1, "on": True, "off": None, "name": {"first": "A"}, "tags": ["x", "y"],
        "email": [{"value": "a@b", "label": "work"}, {"value": "c@d", "label": ""}],
        "custom_fields": [{"id": 7, "value": "v"}],
    }  # fmt: skip
    assert dict(flat(record, ("custom_fields",))) == {
        "id": "1", "on": "true", "off": "", "name.first": "A", "tags": "x;y", "email.value": "a@b;c@d",
        "email.label": "work;", "custom_fields.7": "v",
    }  # fmt: skip
