"""The fast paths of e-mail addresses and phone numbers answer what the libraries answer."""

from __future__ import annotations

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.registry.types import quick

COUNTRIES = sorted(phonenumbers.SUPPORTED_REGIONS)
CODES = sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)
DIGITS = st.text("0123456789 -/().", min_size=3, max_size=14)
LABELS = st.text("ab1-", min_size=1, max_size=6)
ENDINGS = st.sampled_from(["com", "test", "example", "local", "arpa", "xn--a", "de", "c0m", "a", "onion", "co.uk"])


def by_library(text: str, country: str) -> str | None:
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


@settings(max_examples=1500)
@given(st.sampled_from(COUNTRIES), st.one_of(st.just("0"), st.sampled_from(CODES).map(lambda c: f"+{c}")), DIGITS)
def test_phone_numbers(country: str, start: str, rest: str) -> None:
    text = (start + rest).strip()
    if (found := quick.phone(text, country)) is not None:
        assert found == by_library(text, country)


@settings(max_examples=1500)
@given(st.text("abc1.+_-@", min_size=1, max_size=70), st.lists(LABELS, min_size=0, max_size=3), ENDINGS)
def test_mail_addresses(local: str, labels: list[str], ending: str) -> None:
    text = f"{local}@{'.'.join([*labels, ending])}"
    if (found := quick.email(text)) is not None:
        try:
            expected = validate_email(text, check_deliverability=False, test_environment=True).normalized
        except EmailNotValidError:
            expected = ""
        assert found == expected


def test_the_common_forms_are_taken() -> None:
    assert quick.phone("+49 (30) 123-4567", "US") == "+49301234567"
    assert quick.phone("030/1234567", "DE") == "+49301234567"
    assert quick.phone("+1 212 555 0100", "DE") == "+12125550100"
    assert quick.email("ann.lee+news@mail.example.com") == "ann.lee+news@mail.example.com"


def test_what_is_not_plain_is_left_to_the_library() -> None:
    for text in ("0049 30 1234567", "+49 030 1234567", "+4930", "12", "+", "++49 30 1234567", "030 1234567 ext 5"):
        assert quick.phone(text, "DE") is None
    for text in ("Ann@example.com", "a@b", "a@-b.com", "a@x.local", "a..b@x.com", "a@x--y.com", "ä@x.com", "a@x.com "):
        assert quick.email(text) is None
