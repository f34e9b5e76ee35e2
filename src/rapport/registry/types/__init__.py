"""The field types: one module each kind, one row of `TYPES` each type."""

from __future__ import annotations

from rapport.registry.types.base import FieldType
from rapport.registry.types.choices import ChoiceType, MultiChoiceType
from rapport.registry.types.computed import FormulaType, RollupType
from rapport.registry.types.contacts import (
    AddressesType,
    AddressType,
    DomainsType,
    EmailsType,
    HandlesType,
    PhonesType,
)
from rapport.registry.types.dates import DateTimeType, DateType
from rapport.registry.types.numbers import BooleanType, DecimalType, MoneyType, NumberType
from rapport.registry.types.other import JsonType
from rapport.registry.types.references import FileType, ReferencesType, ReferenceType, TeamType, UserType
from rapport.registry.types.text import CurrencyType, EmailType, LongTextType, PhoneType, TextType, UrlType

_INSTANCES: tuple[FieldType, ...] = (
    TextType(), LongTextType(), NumberType(), DecimalType(), MoneyType(), DateType(), DateTimeType(), BooleanType(),
    ChoiceType(), MultiChoiceType(), EmailType(), PhoneType(), UrlType(), ReferenceType(), ReferencesType(),
    UserType(), FileType(), AddressType(), JsonType(), FormulaType(), RollupType(),
    TeamType(), EmailsType(), PhonesType(), AddressesType(), HandlesType(), DomainsType(), CurrencyType(),
)  # fmt: skip

TYPES: dict[str, FieldType] = {t.key: t for t in _INSTANCES}


def register_type(field_type: FieldType) -> None:
    """Add a type of an app's own. Raises ValueError when its key is taken."""
    if field_type.key in TYPES:
        raise ValueError(f"a field type {field_type.key!r} exists")
    TYPES[field_type.key] = field_type
