"""Pages by cursor: every record once, in order, empty values last, whichever field and direction."""

from __future__ import annotations

from typing import Any

import pytest
from tests import factories as f

from rapport.records import write
from rapport.records.read import visible

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "field", ["name", "c_text", "c_number", "c_date", "c_moment", "c_money", "c_formula", "updated_at"]
)
@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("size", [1, 3, 50])
def test_pages_join_to_the_whole_order(field: str, sign: str, size: int) -> None:
    ann = f.user()
    f.every_custom_field("company")
    rows: list[dict[str, Any]] = [
        {
            "name": name, "c_text": name if n % 3 else "", "c_number": n % 4 or None,
            "c_date": f"2026-01-0{n % 5 + 1}" if n % 2 else "",
            "c_moment": f"2026-01-0{n % 5 + 1}T00:00Z" if n % 2 else "",
            "c_money": f"{n % 3}.50 EUR" if n % 4 else "",
        }
        for n, name in enumerate(["beta", "Alpha", "alpha", "Gamma", "delta", "beta", "Zeta", "eta", "iota", "kappa"])
    ]  # fmt: skip
    made = write.create_many(ann, "company", rows)
    view = visible(ann, "company")
    found: list[Any] = []
    cursor = ""
    for _round in range(20):
        page = view.page(columns=(field,), sort=f"{sign}{field}", cursor=cursor, size=size)
        found += [(row.values[field], row.id) for row in page.rows]
        if page.next is None:
            break
        cursor = page.next
    assert sorted(key for _v, key in found) == sorted(i for i in made.ids if i)
    filled = [(v, k) for v, k in found if v not in (None, "")]
    assert found[: len(filled)] == filled, "empty values come last"

    def place(pair: tuple[Any, int]) -> tuple[Any, int]:
        value = pair[0].lower() if isinstance(pair[0], str) else getattr(pair[0], "amount", pair[0])
        return value, pair[1]

    placed = [place(p) for p in filled]
    if isinstance(filled[0][0], str):  # ties of texts that differ in case only are the collation's to order
        placed = [(value, 0) for value, _key in placed]
    assert placed == sorted(placed, reverse=bool(sign))
