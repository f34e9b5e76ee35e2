"""Contact points: several e-mails, phones, addresses, handles, each with a label; one of them first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rapport.lib import json
from rapport.lib.sql import Dialect, Sql, negation
from rapport.registry.env import Env
from rapport.registry.fields import Choice, FieldError, FieldSpec
from rapport.registry.operators import TEXT, Operator
from rapport.registry.types.base import FieldType
from rapport.registry.types.text import clean_email, clean_phone, plain_text

MOST = 50
ADDRESS_PARTS = ("street", "extra", "city", "region", "postcode", "country")


def clean_address(raw: Any) -> dict[str, str]:
    """The parts of a postal address that are given, in the order of `ADDRESS_PARTS`. Raises FieldError."""
    if raw is None or raw == "":
        return {}
    if isinstance(raw, str):
        raw = {"street": raw}
    if not isinstance(raw, dict) or not set(raw) <= {*ADDRESS_PARTS, "label", "primary", "shared", "value"}:
        raise FieldError(_("Give an address with street, city, region, postcode and country."))
    parts = {}
    for part in ADDRESS_PARTS:
        text = raw.get(part)
        if text is not None and text != "" and (cleaned := plain_text(text, 200)):
            parts[part] = cleaned
    return parts


def address_line(address: dict[str, str]) -> str:
    """An address on one line."""
    town = " ".join(filter(None, (address.get("postcode"), address.get("city"))))
    parts = (address.get("street"), address.get("extra"), town, address.get("region"), address.get("country"))
    return ", ".join(filter(None, parts))


def _element_op(key: str, label: Any, arity: str, condition: str, negate: bool = False) -> Operator:
    before, after = (
        "%" if key.endswith("contains") else "",
        "%" if "contains" in key or key == "starts_with" else "",
    )

    def compile_elements(e: str, v: str, env: Env) -> Sql:
        column, _sep, member = e.partition("|")
        escaped = v.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        value = f"{before}{escaped}{after}" if "LIKE" in condition else v.lower()
        text = condition.format(value=env.dialect.fold("item.value"))
        found = env.dialect.elements(column, text, (value,), member)
        return negation(found) if negate else found

    return Operator(key, label, arity, compile_elements)


def _no_elements(e: str, v: Any, env: Env) -> Sql:
    return Sql(f"COALESCE({env.dialect.length(e.partition('|')[0])}, 0) = 0")


_LIKE = "{value} LIKE %s ESCAPE '\\'"
ELEMENT_TEXT: tuple[Operator, ...] = (
    _element_op("contains", _("contains"), "one", _LIKE),
    _element_op("not_contains", _("does not contain"), "one", _LIKE, negate=True),
    _element_op("is", _("is"), "one", "{value} = %s"),
    _element_op("is_not", _("is not"), "one", "{value} = %s", negate=True),
    _element_op("starts_with", _("starts with"), "one", _LIKE),
    Operator("empty", _("is empty"), "none", _no_elements),
    Operator("not_empty", _("is not empty"), "none", lambda e, v, env: negation(_no_elements(e, v, env))),
)

LABELS = (
    Choice("work", _("Work")),
    Choice("home", pgettext_lazy("where one lives", "Home")),
    Choice("mobile", _("Mobile")),
    Choice("billing", _("Billing")),
    Choice("other", _("Other")),
)
NETWORKS = (
    Choice("linkedin", "LinkedIn"),
    Choice("x", "X"),
    Choice("facebook", "Facebook"),
    Choice("instagram", "Instagram"),
    Choice("whatsapp", "WhatsApp"),
    Choice("telegram", "Telegram"),
    Choice("mastodon", "Mastodon"),
    Choice("github", "GitHub"),
    Choice("other", _("Other")),
)


class ContactsType(FieldType):
    """A list of `{value, label, primary, shared}`; the first is the primary one. A shared point resolves nobody."""

    key, label = "contacts", _("Contact points")
    operators = ELEMENT_TEXT
    widget = cell = "contacts"
    json_kind = "json"
    json_schema = {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "value": {"type": "string"},
                "label": {"type": "string"},
                "primary": {"type": "boolean"},
                "shared": {"type": "boolean"},
            },
        },
    }
    sortable = False
    for_custom = False
    empty = ()
    labels: ClassVar[tuple[Choice, ...]] = LABELS
    member: ClassVar[str] = "value"

    def clean_value(self, raw: dict[str, Any], env: Env) -> dict[str, Any]:
        """The members that hold the contact point itself; empty for none. Raises FieldError."""
        raise NotImplementedError

    def clean(self, field: FieldSpec, raw: Any, env: Env) -> tuple[dict[str, Any], ...]:
        if raw is None or raw == "":
            return ()
        if isinstance(raw, str):
            raw = [{"value": part} for part in raw.split(";")]
        if isinstance(raw, dict):
            raw = [raw]
        if not isinstance(raw, (list, tuple)) or len(raw) > MOST:
            raise FieldError(_("Give a list of at most %(max)d.") % {"max": MOST})
        if len(raw) == 1 and isinstance(raw[0], dict):  # by far most
            only = self._point(raw[0], env)
            if only is None:
                return ()
            only.pop("primary", None)
            return (only,)
        points: list[dict[str, Any]] = []
        for item in raw:
            point = self._point(item if isinstance(item, dict) else {"value": item}, env)
            if point and all(point["value"] != p["value"] for p in points):
                points.append(point)
        points.sort(key=lambda p: not p.pop("primary", False))
        return tuple(points)

    def _point(self, item: dict[str, Any], env: Env) -> dict[str, Any] | None:
        point = self.clean_value(item, env)
        if not point:
            return None
        point["label"] = self.labels[0].value
        if len(item) > 1:
            label = str(item.get("label") or "")
            if any(c.value == label for c in self.labels):
                point["label"] = label
            for flag in ("shared", "primary"):
                if flag in item and BOOLEAN.get(str(item[flag]).lower()):
                    point[flag] = True
        return point

    def to_columns(self, field: FieldSpec, value: Any, dialect: Dialect) -> tuple[Any, ...]:
        return (json.dumps(value),)

    def from_columns(self, field: FieldSpec, raw: Sequence[Any]) -> tuple[dict[str, Any], ...]:
        return self.from_json(json.column(raw[0]))

    def to_json(self, value: Any) -> Any:
        return list(value) if value else None

    def from_json(self, raw: Any) -> tuple[dict[str, Any], ...]:
        return tuple(raw) if isinstance(raw, list) else ()

    def to_text(self, field: FieldSpec, value: Any) -> str:
        return "; ".join(str(point["value"]) for point in value)

    def expression(self, field: FieldSpec, alias: str, dialect: Dialect) -> str:
        return f"{super().expression(field, alias, dialect)}|{self.member}"

    def comparable(self, field: FieldSpec, raw: Any, env: Env) -> str:
        text = plain_text(raw, 254)
        if not text:
            raise FieldError(_("Give a text."))
        return text


BOOLEAN = {"true": True, "1": True, "on": True, "yes": True}


class EmailsType(ContactsType):
    """Several e-mail addresses."""

    key, label, cell = "emails", _("E-mails"), "emails"

    def clean_value(self, raw: dict[str, Any], env: Env) -> dict[str, Any]:
        value = clean_email(raw.get("value"))
        return {"value": value} if value else {}


class PhonesType(ContactsType):
    """Several phone numbers."""

    key, label, cell = "phones", _("Phones"), "phones"

    def clean_value(self, raw: dict[str, Any], env: Env) -> dict[str, Any]:
        value = clean_phone(raw.get("value"), env.country)
        return {"value": value} if value else {}

    def comparable(self, field: FieldSpec, raw: Any, env: Env) -> str:
        return super().comparable(field, raw, env).replace(" ", "")


class HandlesType(ContactsType):
    """Names in social networks and messengers; the label is the network."""

    key, label, cell = "handles", _("Handles"), "handles"
    labels = NETWORKS

    def clean_value(self, raw: dict[str, Any], env: Env) -> dict[str, Any]:
        value = plain_text(raw.get("value"), 200).lstrip("@")
        return {"value": value} if value else {}


class DomainsType(ContactsType):
    """Web domains, lower case, without scheme and path."""

    key, label, cell = "domains", _("Domains"), "domains"
    widget = "domains"

    def clean_value(self, raw: dict[str, Any], env: Env) -> dict[str, Any]:
        text = plain_text(raw.get("value"), 253).lower()
        value = text.split("://")[-1].split("/")[0].removeprefix("www.").strip(".")
        if value and not re.fullmatch(r"[^\s@:]+\.[^\s@:.]{2,}", value):
            raise FieldError(_("Give a domain such as example.com."))
        return {"value": value} if value else {}


class AddressesType(ContactsType):
    """Several postal addresses; `value` is the address on one line, the parts stand beside it."""

    key, label, cell = "addresses", _("Addresses"), "addresses"

    def clean_value(self, raw: dict[str, Any], env: Env) -> dict[str, Any]:
        parts = {p: text for p in ADDRESS_PARTS if (given := raw.get(p)) and (text := plain_text(given, 200))}
        parts = parts or clean_address(raw.get("value"))
        return {"value": address_line(parts), **parts} if parts else {}


class AddressType(FieldType):
    """One postal address, in parts."""

    key, label = "address", _("Address")
    operators = tuple(o for o in TEXT if o.key in {"contains", "not_contains", "empty", "not_empty"})
    widget = cell = "address"
    json_kind, json_schema = "json", {"type": "object"}
    sortable = False
    empty: ClassVar[dict[str, str]] = {}

    def clean(self, field: FieldSpec, raw: Any, env: Env) -> dict[str, str]:
        return clean_address(raw)

    def to_columns(self, field: FieldSpec, value: Any, dialect: Dialect) -> tuple[Any, ...]:
        return (json.dumps(value or {}),)

    def from_columns(self, field: FieldSpec, raw: Sequence[Any]) -> dict[str, str]:
        return json.column(raw[0]) or {}

    def to_json(self, value: Any) -> Any:
        return value or None

    def from_json(self, raw: Any) -> dict[str, str]:
        return raw or {}

    def to_text(self, field: FieldSpec, value: Any) -> str:
        return address_line(value)

    def expression(self, field: FieldSpec, alias: str, dialect: Dialect) -> str:
        column = f"{alias}.custom" if field.custom else f'{alias}."{field.column}"'
        prefix = f"{field.name}." if field.custom else ""
        parts = (f"COALESCE({dialect.json_value(column, prefix + part, 'text')}, '')" for part in ADDRESS_PARTS)
        glue = " || ' ' || "
        return f"trim({glue.join(parts)})"

    def comparable(self, field: FieldSpec, raw: Any, env: Env) -> str:
        text = plain_text(raw, 254)
        if not text:
            raise FieldError(_("Give a text."))
        return text
