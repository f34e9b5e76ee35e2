"""Which records are meant by the value of a field that tells them apart: a unique one, or one that identifies."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid
from rapport.records.read import visible
from rapport.records.write import storing
from rapport.registry import extensions
from rapport.registry.catalog import RegisteredObject
from rapport.registry.extensions import Identity
from rapport.registry.fields import FieldError, FieldSpec

BITS = (1 << 55) - 1
"""Of the hash of a value, what locks it: away from the announcements of `history.following`."""


def identifies(obj: RegisteredObject, field: FieldSpec) -> bool:
    """Whether a value of the field means one record at most."""
    return (field.unique and field.name != "id") or _identity(obj, field) is not None


def field_of(caller: Caller, obj: RegisteredObject, name: str) -> FieldSpec:
    """A field that tells records of an object apart. Raises Invalid for any other."""
    field = caller.visible_fields(obj).get(name)
    if field is None or not identifies(obj, field):
        known = [n for n, f in caller.visible_fields(obj).items() if identifies(obj, f)]
        message = _("Choose a field that is unique or identifies: %(known)s.") % {"known": ", ".join(known) or "–"}
        raise Invalid({"match": [message]})
    return field


def _identity(obj: RegisteredObject, field: FieldSpec) -> Identity | None:
    return next((i for i in extensions.all_of(Identity) if i.object_key == obj.key and i.field == field.name), None)


def lock(obj: RegisteredObject, field: FieldSpec, values: Iterable[Any]) -> None:
    """Let nobody else match these values until the transaction at hand ends; SQLite has one writer anyway."""
    if connection.vendor == "postgresql":
        texts = sorted({f"{obj.key}.{field.name}={text}" for value in values for text in texts_of(obj, field, value)})
        if texts:
            marks = ", ".join(["(%s)"] * len(texts))
            named = f"(SELECT v FROM (VALUES {marks}) t(v) ORDER BY v) t"
            db.rows(Sql(f"SELECT pg_advisory_xact_lock(hashtextextended(v, 0) & {BITS}) FROM {named}", tuple(texts)))


def texts_of(obj: RegisteredObject, field: FieldSpec, value: Any) -> Sequence[str]:
    """The forms in which a cleaned value is compared; several for several contact points."""
    if _identity(obj, field) is not None:
        return comparer(obj, field)(value)
    return [text] if (text := storing.unique_text(field, value)) else []


def comparer(obj: RegisteredObject, field: FieldSpec) -> Callable[[Any], Sequence[str]]:
    """`texts_of` for the values of one field, where many are asked for."""
    identity = _identity(obj, field)
    if identity is None:
        return lambda value: texts_of(obj, field, value)
    normal = identity.normal
    return lambda value: [normal(point["value"]) for point in value if not point.get("shared")]


def find(
    caller: Caller, obj: RegisteredObject, field: FieldSpec, raws: Sequence[Any]
) -> tuple[list[list[int]], list[Any]]:
    """For each raw value the live records that it means and that the caller may see, and the value cleaned.

    A value that the field refuses means none, and is cleaned to the FieldError itself.
    """
    env = caller.env()
    cleaned: list[Any] = []
    for raw in raws:
        try:
            cleaned.append(field.type.clean(field, raw, env))
        except FieldError as error:
            cleaned.append(error)
    sound = [value for value in cleaned if not isinstance(value, FieldError)]
    lock(obj, field, sound)
    holders = held(obj, field, {text for value in sound for text in texts_of(obj, field, value)})
    seen = visible(caller, obj).allowed(set(holders.values()))
    meant: list[list[int]] = []
    for value in cleaned:
        texts = () if isinstance(value, FieldError) else texts_of(obj, field, value)
        meant.append(sorted({holders[t] for t in texts if t in holders and holders[t] in seen}))
    return meant, cleaned


def held(obj: RegisteredObject, field: FieldSpec, texts: Collection[str]) -> Mapping[str, int]:
    """Which records hold these forms of values (see `texts_of`); of a unique field, trashed ones too."""
    if not texts:
        return {}
    identity = _identity(obj, field)
    return identity.find(list(texts)) if identity is not None else storing.holders(obj, field, set(texts))
