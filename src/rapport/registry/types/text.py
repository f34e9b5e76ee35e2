"""Texts: a line, a long text in Markdown, an address of the web, an e-mail address, a phone number."""

from __future__ import annotations

import re
from typing import Any

import phonenumbers
from django.utils.translation import gettext_lazy as _
from email_validator import EmailNotValidError, validate_email

from rapport.lib.money import currencies
from rapport.lib.sql import Dialect
from rapport.registry import operators
from rapport.registry.env import Env
from rapport.registry.fields import FieldError, FieldSpec
from rapport.registry.types import quick
from rapport.registry.types.base import FieldType

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
LONG = 100_000


def plain_text(raw: Any, limit: int, *, lines: bool = False) -> str:
    """Text without control characters, ends trimmed. Raises FieldError beyond `limit` characters."""
    if raw is None:
        return ""
    if type(raw) is str and raw.isprintable():  # no control characters and no line ends: most texts by far
        text = raw.strip()
        if len(text) <= limit:
            return text
    if isinstance(raw, (bool, dict, list, tuple)):
        raise FieldError(_("Give a text."))
    text = _CONTROL.sub("", str(raw)).replace("\r\n", "\n").replace("\r", "\n").strip()
    if not lines:
        text = " ".join(text.split("\n"))
    if len(text) > limit:
        raise FieldError(_("Use at most %(max)d characters.") % {"max": limit})
    return text


class TextType(FieldType):
    """One line of text."""

    key, label = "text", _("Text")
    matching = "code"
    operators = operators.TEXT
    empty = ""

    def clean(self, field: FieldSpec, raw: Any, env: Env) -> str:
        return plain_text(raw, field.max_length or 200)

    def sort_expression(self, field: FieldSpec, alias: str, dialect: Dialect) -> str:
        return dialect.sort_text(self.expression(field, alias, dialect))


class CurrencyType(TextType):
    """A currency by its ISO 4217 code."""

    key, label = "currency", _("Currency")
    matching = ""
    widget = "select"
    for_custom = False

    def clean(self, field: FieldSpec, raw: Any, env: Env) -> str:
        code = plain_text(raw, 3).upper()
        if code and code not in currencies():
            raise FieldError(_("Give a currency such as EUR."))
        return code


class LongTextType(TextType):
    """Several lines, in Markdown."""

    key, label = "longtext", _("Long text")
    matching = ""
    widget, cell = "textarea", "markdown"
    sortable = False

    def clean(self, field: FieldSpec, raw: Any, env: Env) -> str:
        return plain_text(raw, field.max_length or LONG, lines=True)


class UrlType(TextType):
    """An http(s) address."""

    key, label = "url", _("Web address")
    widget, cell = "url", "url"

    def clean(self, field: FieldSpec, raw: Any, env: Env) -> str:
        text = plain_text(raw, field.max_length or 500)
        if not text:
            return ""
        if "://" not in text:
            text = f"https://{text}"
        if not re.fullmatch(r"https?://[^\s/@:?#]+(\.[^\s/@:?#]+)*(:\d{1,5})?([/?#]\S*)?", text, re.IGNORECASE):
            raise FieldError(_("Give a web address such as https://example.com."))
        return text

    def comparable(self, field: FieldSpec, raw: Any, env: Env) -> str:
        return plain_text(raw, 500)


class EmailType(TextType):
    """An e-mail address, normalised by email-validator; deliverability is not looked up."""

    key, label = "email", _("E-mail")
    matching = "email"
    widget, cell = "email", "email"

    def clean(self, field: FieldSpec, raw: Any, env: Env) -> str:
        return clean_email(raw)

    def comparable(self, field: FieldSpec, raw: Any, env: Env) -> str:
        return plain_text(raw, 254)


class PhoneType(TextType):
    """A phone number, kept in E.164 where it can be read and as typed where it can't."""

    key, label = "phone", _("Phone")
    matching = "phone"
    widget, cell = "phone", "phone"

    def clean(self, field: FieldSpec, raw: Any, env: Env) -> str:
        return clean_phone(raw, env.country)

    def comparable(self, field: FieldSpec, raw: Any, env: Env) -> str:
        return plain_text(raw, 40)


def clean_email(raw: Any) -> str:
    """A normalised address, or "" for none. Raises FieldError."""
    text = plain_text(raw, 320)
    if not text:
        return ""
    if (plain := quick.email(text)) is not None:
        return plain
    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise FieldError(_("Give an e-mail address such as name@example.com.")) from error


def clean_phone(raw: Any, country: str) -> str:
    """E.164, or the typed digits where they make no possible number. Raises FieldError for what is no phone number."""
    text = plain_text(raw, 40)
    if not text:
        return ""
    if (known := quick.phone(text, country)) is not None:
        return known
    try:
        number = phonenumbers.parse(text, country)
        if phonenumbers.is_possible_number(number):
            plain: str = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
            return f"{plain};ext={number.extension}" if number.extension else plain
    except phonenumbers.NumberParseException:
        pass
    if not re.fullmatch(r"[+0-9][0-9 ()/.\-x]{2,}", text):
        raise FieldError(_("Give a phone number such as +49 30 123456."))
    return text
