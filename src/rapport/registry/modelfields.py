"""Model columns for what Django has none for, and `field_spec`, which reads a field's declaration off its column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import models

from rapport.registry.fields import Choice, FieldSpec
from rapport.registry.types import TYPES


class MoneyField(models.BigIntegerField):  # type: ignore[type-arg]
    """Minor units. Declare `<name>_currency = CurrencyField()` beside it."""

    rapport_type = "money"


class CurrencyField(models.CharField):  # type: ignore[type-arg]
    """The ISO 4217 code of the money beside it; no field of its own to the user."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_length": 3, "blank": True, "default": "", "editable": False, **kwargs})


class CurrencyCodeField(models.CharField):  # type: ignore[type-arg]
    """A currency that the user chooses, as a field of its own."""

    rapport_type = "currency"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_length": 3, "blank": True, "default": "", **kwargs})


class PhoneField(models.CharField):  # type: ignore[type-arg]
    """One phone number."""

    rapport_type = "phone"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_length": 40, "blank": True, "default": "", **kwargs})


class ListField(models.JSONField):
    """A JSON list column; `kind` is the field type: multichoice, emails, phones, addresses, handles."""

    def __init__(self, *args: Any, kind: str = "multichoice", **kwargs: Any) -> None:
        self.rapport_type = kind
        super().__init__(*args, **{"blank": True, "default": list, **kwargs})

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "kind": self.rapport_type}


class AddressField(models.JSONField):
    """One postal address."""

    rapport_type = "address"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"blank": True, "default": dict, **kwargs})


_BY_CLASS: tuple[tuple[type[models.Field[Any, Any]], str], ...] = (
    (models.EmailField, "email"),
    (models.URLField, "url"),
    (models.CharField, "text"),
    (models.TextField, "longtext"),
    (models.BooleanField, "boolean"),
    (models.DateTimeField, "datetime"),
    (models.DateField, "date"),
    (models.DecimalField, "decimal"),
    (models.IntegerField, "number"),
    (models.JSONField, "json"),
)


def type_key(column: models.Field[Any, Any]) -> str:
    """The field type of a model field. Raises TypeError for a column that no type can hold."""
    if given := getattr(column, "rapport_type", None):
        return str(given)
    if column.is_relation:
        target = str(column.related_model._meta.label if column.related_model else "")
        return {settings.AUTH_USER_MODEL: "user", "records.Team": "team", "files.File": "file"}.get(target, "reference")
    if column.choices:
        return "choice"
    for cls, key in _BY_CLASS:
        if isinstance(column, cls):
            return key
    raise TypeError(f"{column}: no field type for {type(column).__name__}; give the column a `rapport_type`")


def field_spec(
    column: models.Field[Any, Any], *, editable: bool, derived: bool, required_if: Mapping[str, Any] | None
) -> FieldSpec:
    """The declaration that a model field implies: label, help, choices, limits and default are said there only."""
    key = type_key(column)
    default = column.get_default() if column.has_default() else None
    options: dict[str, Any] = {}
    if isinstance(default, (list, dict)):
        default = None
    if isinstance(column, models.DecimalField):
        options["places"] = column.decimal_places
    for validator in column.validators if key in {"number", "decimal"} else ():
        if limit := {"min_value": "min", "max_value": "max"}.get(getattr(validator, "code", "")):
            bound = getattr(validator, "limit_value", None)
            options[limit] = bound if not callable(bound) else bound()
    choices = tuple(
        Choice(str(value), label, tones.get(value, "neutral"))
        for tones in [getattr(column.model, f"{column.name}_tones", {})]
        for value, label in (column.flatchoices or ())
    )
    return FieldSpec(
        name=column.name,
        type=TYPES[key],
        label=column.verbose_name,
        help=column.help_text,
        column=str(column.column),
        required=editable and column.editable and not column.blank and not column.null and key != "boolean",
        required_if=required_if,
        unique=column.unique,
        editable=editable and column.editable,
        indexed=bool(getattr(column, "db_index", False) or column.unique),
        derived=derived,
        default=default,
        choices=choices,
        target=column.related_model._meta.label if column.is_relation and column.related_model else "",
        max_length=column.max_length,
        options=options,
    )
