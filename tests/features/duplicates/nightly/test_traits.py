"""Names, dates, numbers and addresses in the forms in which they are compared."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.features.duplicates.nightly import levels, traits

KINDS = {
    "first_name": "given", "last_name": "family", "name": "organisation", "company": "employer", "emails": "email",
    "phones": "phone", "handles": "handle", "domains": "domain", "addresses": "address", "birthday": "date",
    "number": "code",
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("Émile", "emile"), ("Anna-Maria", "annamaria"), ("Strauß", "strauss"), ("rec-552-org", None), ("", None),
        (None, None),
    ],
)  # fmt: skip
def test_a_name_is_letters_only(text: Any, made: Any) -> None:
    assert traits.name(text) == made


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("Müller & Söhne GmbH & Co. KG", "muller sohne"), ("Acme G.m.b.H.", "acme"), ("ACME, Inc.", "acme"),
        ("The Co.", "the co"), ("", None),
    ],
)  # fmt: skip
def test_a_company_is_told_by_its_name_without_its_legal_form(text: str, made: Any) -> None:
    assert traits.organisation(text) == made


def test_an_address_is_taken_apart() -> None:
    point = {"street": "Hauptstraße 12 b", "city": "Köln", "postcode": "50667", "value": "…"}
    assert traits.address([point]) == {"number": "12b", "street": "haupt", "city": "koln", "postcode": "50667"}
    assert traits.address([]) == traits.address({}) == traits.address(None) == {}


def test_shared_points_and_mailboxes_of_anybody_tell_nobody() -> None:
    made = traits.of(KINDS, {"emails": [{"value": "A@b.example"}, {"value": "office@b.example", "shared": True}]})
    assert (made["emails"], made["mailbox"]) == (["a@b.example"], "a")
    assert traits.of(KINDS, {"domains": [{"value": "gmail.com"}, {"value": "acme.example"}]})["domains"] == [
        "acme.example"
    ]


def test_each_record_has_the_same_columns() -> None:
    assert set(traits.of(KINDS, {})) == set(traits.columns(KINDS))


points = st.lists(st.fixed_dictionaries({"value": st.text(max_size=30)}), max_size=3)


@settings(max_examples=50)
@given(
    st.fixed_dictionaries(
        {"first_name": st.text(max_size=40), "last_name": st.text(max_size=40), "name": st.text(max_size=40),
         "emails": points, "domains": points, "phones": points, "number": st.integers() | st.text(max_size=20),
         "addresses": st.lists(st.fixed_dictionaries({"street": st.text(max_size=40)}), max_size=2)}
    )
)  # fmt: skip
def test_whatever_stands_in_a_record_has_traits(values: dict[str, Any]) -> None:
    made = traits.of(KINDS, values)
    assert all(v is None or isinstance(v, (str, int, list)) for v in made.values())
    assert all(
        text.strip() for n, text in made.items() if isinstance(text, str) and n in {"given", "family", "organisation"}
    )


def test_every_level_has_a_share_and_they_fit_in_one() -> None:
    for comparison in levels.comparisons(KINDS):
        shares = [level["m_probability"] for level in comparison.settings()["comparison_levels"][1:]]
        assert sum(shares) == pytest.approx(1), comparison.what
        assert min(shares) > 0
