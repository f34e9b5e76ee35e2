"""What a field type is. Each type stands in one module of this package and in one row of `TYPES`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from rapport.lib import periods
from rapport.lib.sql import Dialect
from rapport.registry.env import Env
from rapport.registry.fields import FieldError, FieldSpec, Text
from rapport.registry.operators import Operator

MAX_LIST = 500
EPOCH = dt.date(2000, 1, 1)


class FieldType:
    """Column, input, display, operators, JSON, CSV and validation of one kind of field. Instances hold no state.

    The value of a field has one Python form, the same at every door: what `clean` returns, what `from_column` and
    `from_json` give back. `None` (or the empty text, tuple or mapping of the type) means "no value".
    """

    key: ClassVar[str]
    label: ClassVar[Text]
    operators: ClassVar[tuple[Operator, ...]] = ()
    widget: ClassVar[str] = "text"
    """Name of the input of `ui/form/field.html`."""
    cell: ClassVar[str] = "text"
    """Name of the display of `web/cells.html`."""
    json_kind: ClassVar[str] = "text"
    """How the JSON of a custom value compares: text, number, boolean or json."""
    json_schema: ClassVar[dict[str, Any]] = {"type": "string"}
    storage: ClassVar[str] = "column"
    """column: in the table or in `custom`; external: in rows of another table; computed: by SQL at reading."""
    sortable: ClassVar[bool] = True
    groupable: ClassVar[bool] = False
    numeric: ClassVar[bool] = False
    for_custom: ClassVar[bool] = True
    matching: ClassVar[str] = ""
    """As what a custom field tells which records are one (`objects.MATCHES`), where it is marked so; empty: never."""
    empty: ClassVar[Any] = None

    # -- input ---------------------------------------------------------------------------------------------------

    def clean(self, field: FieldSpec, raw: Any, env: Env) -> Any:
        """The value of what a form, a program or a file sent. Raises FieldError."""
        raise NotImplementedError

    def is_empty(self, value: Any) -> bool:
        """Whether the value counts as missing."""
        return value is None or value == self.empty

    # -- storage -------------------------------------------------------------------------------------------------

    def columns(self, field: FieldSpec) -> tuple[str, ...]:
        """Names of the columns of a field that is no custom one."""
        return (field.column,)

    def to_columns(self, field: FieldSpec, value: Any, dialect: Dialect) -> tuple[Any, ...]:
        """Values for `columns`, as the driver takes them."""
        return (value,)

    def from_columns(self, field: FieldSpec, raw: Sequence[Any]) -> Any:
        """The value of what `columns` held."""
        return raw[0]

    def to_json(self, value: Any) -> Any:
        """The value for a change row, a custom value, the API and an archive."""
        return value

    def from_json(self, raw: Any) -> Any:
        """The inverse of `to_json`; absent equals null."""
        return self.empty if raw is None else raw

    # -- CSV -----------------------------------------------------------------------------------------------------

    def to_text(self, field: FieldSpec, value: Any) -> str:
        """One cell of a CSV file."""
        return "" if self.is_empty(value) else str(value)

    def from_text(self, field: FieldSpec, text: str, env: Env) -> Any:
        """The value of a cell of a CSV file. Raises FieldError."""
        return self.clean(field, text, env)

    # -- filters and sorting -------------------------------------------------------------------------------------

    def expression(self, field: FieldSpec, alias: str, dialect: Dialect) -> str:
        """What filters compare and lists sort by."""
        if field.custom:
            return dialect.json_value(f"{alias}.custom", field.name, self.json_kind)
        return f'{alias}."{field.column}"'

    def sort_expression(self, field: FieldSpec, alias: str, dialect: Dialect) -> str:
        """`expression`, collated for lists."""
        return self.expression(field, alias, dialect)

    def sort_value(self, value: Any, dialect: Dialect) -> Any:
        """The value as a cursor compares it with `sort_expression`; None when it sorts last."""
        return None if self.is_empty(value) else value

    def operators_for(self, field: FieldSpec) -> tuple[Operator, ...]:
        """The operators that filters offer for this field."""
        return self.operators

    def operand(self, field: FieldSpec, operator: Operator, raw: Any, env: Env) -> Any:
        """The operand of a filter as the operator's SQL takes it. Raises FieldError."""
        match operator.arity:
            case "none":
                return None
            case "many":
                if not isinstance(raw, list) or len(raw) > MAX_LIST:
                    raise FieldError(_("Give a list of at most %(max)d values.") % {"max": MAX_LIST})
                return [self.comparable(field, item, env) for item in raw]
            case "two":
                if not isinstance(raw, list) or len(raw) != 2:
                    raise FieldError(_("Give two values: from and to."))
                return (self.comparable(field, raw[0], env), self.comparable(field, raw[1], env))
            case "period":
                return _period(raw)
            case "days":
                return _days(raw)
            case _:
                return self.comparable(field, raw, env)

    def comparable(self, field: FieldSpec, raw: Any, env: Env) -> Any:
        """One operand, as the database compares it with `expression`. Raises FieldError."""
        value = self.clean(field, raw, env)
        if value is None:
            raise FieldError(_("Give a value."))
        return value


def _period(raw: Any) -> str:
    try:
        periods.days(str(raw), EPOCH)
    except ValueError as error:
        raise FieldError(_("Choose a period, such as this_week or last_30_days.")) from error
    return str(raw)


def _days(raw: Any) -> int:
    try:
        days = int(raw)
    except (TypeError, ValueError, OverflowError) as error:
        raise FieldError(_("Give a whole number of days.")) from error
    if isinstance(raw, bool) or not 0 <= days <= periods.MAX_DAYS:
        raise FieldError(_("Give a number of days between 0 and %(max)d.") % {"max": periods.MAX_DAYS})
    return days
