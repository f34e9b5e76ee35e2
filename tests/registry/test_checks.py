"""Wrong declarations fail at the start, each with a hint."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from rapport.registry import catalog, checks
from rapport.registry.catalog import RegisteredObject
from rapport.registry.objects import Access, Action, Board


def broken(key: str, **values: Any) -> RegisteredObject:
    obj = catalog.current()[key]
    return RegisteredObject(replace(obj.spec, **values), obj.key, obj.plural, obj.fields)


def test_the_declarations_of_rapport_are_sound() -> None:
    assert checks.check_objects() == []


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"title": "nope"}, "title"),
        ({"columns": ("name", "nope")}, "columns"),
        ({"form": ("name", "outcome")}, "outcome"),
        ({"calendar": "name"}, "calendar"),
        ({"sort": "-nope"}, "sort"),
        ({"board": Board(field="name")}, "board"),
        ({"board": Board(field="stage", total="name")}, "sums"),
        ({"access": Access(read="everyone")}, "access"),
        ({"matching": {"nope": "code"}}, "matching"),
        ({"matching": {"name": "nope"}}, "matching"),
        ({"actions": (Action(key="lose", label="", icon="", run=str, asks=("nope",)),)}, "asks of lose"),
    ],
)
def test_faults_are_told_with_a_hint(values: dict[str, Any], word: str) -> None:
    found = list(checks.faults(broken("deal", **values)))
    assert any(word in text and hint for text, hint in found)
