"""Fields that are computed at reading: a formula over the record, a roll-up over related records.

They filter and sort like any other field and can't drift, because nothing is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar, Protocol

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from rapport.lib import formula as formulas
from rapport.lib.sql import Sql
from rapport.registry import operators
from rapport.registry.env import Env
from rapport.registry.fields import FieldError, FieldSpec
from rapport.registry.operators import Operator
from rapport.registry.types.base import FieldType
from rapport.registry.types.dates import to_day
from rapport.registry.types.numbers import to_decimal
from rapport.registry.types.text import plain_text

KINDS = {
    "text": "text", "longtext": "text", "email": "text", "phone": "text", "url": "text", "choice": "text",
    "number": "number", "decimal": "number", "money": "number", "date": "date", "datetime": "date",
    "boolean": "boolean",
}  # fmt: skip
"""Which kind of value each field type is to a formula; money counts in minor units."""
KIND_LABELS = {
    "text": pgettext_lazy("kind of value", "text"), "number": pgettext_lazy("kind of value", "number"),
    "date": pgettext_lazy("kind of value", "date"), "boolean": pgettext_lazy("kind of value", "boolean"),
}  # fmt: skip

_KINDS_IN_TEXTS = {"found", "needed"}

MEASURES = ("count", "sum", "average", "minimum", "maximum")


def complaint(error: formulas.FormulaError) -> str:
    """Why a formula can't be read, in the reader's language."""
    kinds = {name: KIND_LABELS[str(error.values[name])] for name in _KINDS_IN_TEXTS & error.values.keys()}
    return gettext(error.text) % {**error.values, **kinds} if error.values else gettext(error.text)


class Compiler(Protocol):
    """What computing needs of the filter compiler: the reader's view of the record and of what is related."""

    env: Env

    def sibling(self, field: FieldSpec, name: str, alias: str) -> str:
        """SQL of another field of the same record."""
        ...

    def rolled_up(self, field: FieldSpec, alias: str) -> Sql:
        """The roll-up of the related records that the reader may see."""
        ...


class ComputedType(FieldType):
    """A value that SQL computes; it can't be edited."""

    storage = "computed"
    widget = "readonly"
    json_schema: ClassVar[dict[str, Any]] = {"type": ["number", "string", "boolean", "null"]}

    def clean(self, field: FieldSpec, raw: Any, env: Env) -> Any:
        raise FieldError(_("This field is computed and can't be set."))

    def compute(self, field: FieldSpec, alias: str, compiler: Compiler) -> Sql:
        """One SQL expression for the record called `alias`."""
        raise NotImplementedError


class FormulaType(ComputedType):
    """`options["formula"]` over the other fields; `options["result"]` is number, text, boolean or date."""

    key, label = "formula", _("Formula")
    cell = "formula"
    operators = operators.NUMBER

    def compute(self, field: FieldSpec, alias: str, compiler: Compiler) -> Sql:
        formula = formulas.parse(field.options["formula"], field.options["kinds"])
        today = compiler.env.today.isoformat()
        return formulas.to_sql(formula, lambda name: compiler.sibling(field, name, alias), compiler.env.dialect, today)

    def from_columns(self, field: FieldSpec, raw: Sequence[Any]) -> Any:
        value = raw[0]
        if isinstance(value, (float, Decimal)):
            value = round(float(value), 4)
            return int(value) if value == int(value) else value
        return value

    def comparable(self, field: FieldSpec, raw: Any, env: Env) -> Any:
        match field.options.get("result", "number"):
            case "number":
                value = to_decimal(raw)
                if value is None:
                    raise FieldError(_("Give a number."))
                return env.dialect.decimal(value)
            case "date":
                return to_day(raw, env)
            case _:
                return plain_text(raw, 200)

    def operators_for(self, field: FieldSpec) -> tuple[Operator, ...]:
        """Operators by the kind of the result."""
        by_kind = {
            "number": operators.NUMBER,
            "text": operators.TEXT,
            "boolean": operators.BOOLEAN,
            "date": operators.DATE,
        }
        return by_kind[field.options.get("result", "number")]


class RollupType(ComputedType):
    """`options`: `relation`, `measure` (of `MEASURES`), `of` (a field, but for count), `where` (a filter)."""

    key, label = "rollup", _("Roll-up")
    cell = "rollup"
    operators = operators.NUMBER
    numeric = True

    def compute(self, field: FieldSpec, alias: str, compiler: Compiler) -> Sql:
        return compiler.rolled_up(field, alias)

    def from_columns(self, field: FieldSpec, raw: Sequence[Any]) -> Any:
        value = raw[0]
        if isinstance(value, (float, Decimal)):
            value = round(float(value), 4)
            return int(value) if value == int(value) else value
        return value

    def comparable(self, field: FieldSpec, raw: Any, env: Env) -> Any:
        value = to_decimal(raw)
        if value is None:
            raise FieldError(_("Give a number."))
        return env.dialect.decimal(value)
