"""Numbers: whole numbers, decimals, money, yes or no."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext_lazy as _

from rapport.lib.money import Money, currencies, from_major
from rapport.lib.sql import Dialect
from rapport.registry import operators
from rapport.registry.env import Env
from rapport.registry.fields import FieldError, FieldSpec
from rapport.registry.types.base import FieldType

LIMIT = 10**15


def to_decimal(raw: Any) -> Decimal | None:
    """A finite decimal of at most 15 digits before the point; None for "no value". Raises FieldError."""
    if raw is None or raw == "":
        return None
    try:
        if isinstance(raw, (bool, dict, list)):
            raise InvalidOperation
        value = Decimal(str(raw).strip().replace("\u00a0", "").replace(" ", ""))
    except InvalidOperation as error:
        raise FieldError(_("Give a number.")) from error
    if not value.is_finite() or abs(value) >= LIMIT:
        raise FieldError(_("Give a number of at most 15 digits."))
    return value


def within(field: FieldSpec, value: Decimal) -> None:
    """Raises FieldError for a number beyond the limits of its field."""
    low, high = field.options.get("min"), field.options.get("max")
    if (low is not None and value < low) or (high is not None and value > high):
        raise FieldError(_("Give a number from %(low)s to %(high)s.") % {"low": low, "high": high})


class NumberType(FieldType):
    """A whole number."""

    key, label = "number", _("Number")
    matching = "code"
    operators = operators.NUMBER
    widget = cell = "number"
    json_kind, json_schema = "number", {"type": "integer"}
    numeric = True

    def clean(self, field: FieldSpec, raw: Any, env: Env) -> int | None:
        value = to_decimal(raw)
        if value is None:
            return None
        if value != value.to_integral_value():
            raise FieldError(_("Give a whole number."))
        within(field, value)
        return int(value)

    def comparable(self, field: FieldSpec, raw: Any, env: Env) -> Any:
        value = to_decimal(raw)
        if value is None:
            raise FieldError(_("Give a number."))
        return env.dialect.decimal(value)


class DecimalType(NumberType):
    """A number with `options["places"]` digits after the point (2 when not said)."""

    key, label = "decimal", _("Decimal")
    matching = ""
    widget = cell = "decimal"
    json_schema = {"type": "number"}

    def clean(self, field: FieldSpec, raw: Any, env: Env) -> Decimal | None:  # type: ignore[override]
        value = to_decimal(raw)
        if value is None:
            return None
        within(field, value)
        places = int(field.options.get("places", 2))
        return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)

    def to_columns(self, field: FieldSpec, value: Any, dialect: Dialect) -> tuple[Any, ...]:
        return (None if value is None else str(value),)

    def from_columns(self, field: FieldSpec, raw: Sequence[Any]) -> Decimal | None:
        return None if raw[0] is None else self._rounded(field, raw[0])

    def _rounded(self, field: FieldSpec, raw: Any) -> Decimal:
        places = int(field.options.get("places", 2))
        return Decimal(str(raw)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)

    def to_json(self, value: Any) -> Any:
        if value is None:
            return None
        return int(value) if value == value.to_integral_value() else float(value)

    def from_json(self, raw: Any) -> Decimal | None:
        return None if raw is None else Decimal(str(raw))

    def sort_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else dialect.decimal(value)


class BooleanType(FieldType):
    """Yes, no, or not said."""

    key, label = "boolean", _("Yes or no")
    operators = operators.BOOLEAN
    widget, cell = "checkbox", "boolean"
    json_kind, json_schema = "boolean", {"type": "boolean"}
    groupable = True

    def clean(self, field: FieldSpec, raw: Any, env: Env) -> bool | None:
        if raw is None or raw == "":
            return None
        text = str(raw).strip().lower()
        if text in {"true", "1", "yes", "on", "y", "t"}:
            return True
        if text in {"false", "0", "no", "off", "n", "f"}:
            return False
        raise FieldError(_("Give yes or no."))

    def from_columns(self, field: FieldSpec, raw: Sequence[Any]) -> bool | None:
        return None if raw[0] is None else bool(raw[0])

    def from_json(self, raw: Any) -> bool | None:
        return None if raw is None else bool(raw)

    def to_text(self, field: FieldSpec, value: Any) -> str:
        return "" if value is None else "yes" if value else "no"


class MoneyType(FieldType):
    """Integer minor units and a currency. A filter compares amounts of one currency only."""

    key, label = "money", _("Money")
    operators = tuple(o for o in operators.NUMBER)
    widget = cell = "money"
    json_kind = "number"
    json_schema = {
        "type": "object",
        "properties": {"amount": {"type": "integer"}, "currency": {"type": "string"}},
        "required": ["amount", "currency"],
    }
    numeric = True

    def clean(self, field: FieldSpec, raw: Any, env: Env) -> Money | None:
        if raw is None or raw == "":
            return None
        if isinstance(raw, Money):
            return raw
        if isinstance(raw, dict):
            if isinstance(raw.get("amount"), int) and not isinstance(raw["amount"], bool):
                return self._minor(raw["amount"], raw.get("currency") or env.currency)
            raise FieldError(_("Give the amount as a whole number of minor units, and a currency."))
        if isinstance(raw, (list, tuple)) and len(raw) == 2:
            amount, currency = raw[0], str(raw[1] or env.currency)
        else:
            amount, _gap, currency = str(raw).strip().partition(" ")
            currency = currency.strip() or env.currency
        if amount is None or amount == "":
            return None
        try:
            return from_major(to_decimal(amount) or Decimal(0), currency)
        except ValueError as error:
            raise FieldError(_("Give an amount and a currency, such as 1250.00 EUR.")) from error

    def _minor(self, amount: int, currency: Any) -> Money:
        if currency not in currencies() or abs(amount) > LIMIT:
            raise FieldError(_("Give an amount of at most 15 digits and a currency such as EUR."))
        return Money(amount, currency)

    def columns(self, field: FieldSpec) -> tuple[str, ...]:
        return (field.column, f"{field.column}_currency")

    def to_columns(self, field: FieldSpec, value: Money | None, dialect: Dialect) -> tuple[Any, ...]:
        return (None, "") if value is None else (value.amount, value.currency)

    def from_columns(self, field: FieldSpec, raw: Sequence[Any]) -> Money | None:
        return None if raw[0] is None else Money(int(raw[0]), raw[1])

    def to_json(self, value: Money | None) -> Any:
        return None if value is None else {"amount": value.amount, "currency": value.currency}

    def from_json(self, raw: Any) -> Money | None:
        return None if raw is None else Money(raw["amount"], raw["currency"])

    def to_text(self, field: FieldSpec, value: Money | None) -> str:
        return "" if value is None else f"{value.major} {value.currency}"

    def expression(self, field: FieldSpec, alias: str, dialect: Dialect) -> str:
        if field.custom:
            return dialect.json_value(f"{alias}.custom", f"{field.name}.amount", "number")
        return f'{alias}."{field.column}"'

    def currency_expression(self, field: FieldSpec, alias: str, dialect: Dialect) -> str:
        """The currency, for grouping and for filters."""
        if field.custom:
            return dialect.json_value(f"{alias}.custom", f"{field.name}.currency", "text")
        return f'{alias}."{field.column}_currency"'

    def comparable(self, field: FieldSpec, raw: Any, env: Env) -> Any:
        value = self.clean(field, raw, env)
        if value is None:
            raise FieldError(_("Give an amount."))
        return value

    def sort_value(self, value: Money | None, dialect: Dialect) -> Any:
        return None if value is None else value.amount
