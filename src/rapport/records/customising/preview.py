"""What a formula would give, before it is saved."""

from __future__ import annotations

from typing import Any

from django.db import DataError
from django.utils.translation import gettext as _

from rapport.lib import formula as formulas
from rapport.lib.sql import Sql, quoted
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.scope import live
from rapport.records.errors import Invalid, NotFound
from rapport.records.filters import FilterCompiler
from rapport.registry import catalog
from rapport.registry.fields import FieldSpec
from rapport.registry.types import TYPES
from rapport.registry.types.computed import KINDS, ComputedType, complaint

ROWS, SECONDS = 5, 2.0


def formula(caller: Caller, object_key: str, text: str) -> list[tuple[str, Any]]:
    """Title and result of the newest records that the caller may see. Raises NotFound, Invalid, TooSlow."""
    try:
        obj = catalog.current()[object_key]
    except KeyError as error:
        raise NotFound from error
    kinds = {n: KINDS[f.type.key] for n, f in obj.fields.items() if f.type.key in KINDS}
    try:
        formulas.parse(text, kinds)
    except formulas.FormulaError as error:
        raise Invalid({"formula": [complaint(error)]}) from error
    type_ = TYPES["formula"]
    assert isinstance(type_, ComputedType)
    options = {"formula": text, "kinds": kinds, "object": obj.key}
    field = FieldSpec(name="preview", type=type_, label="", custom=True, options=options)
    computed = type_.compute(field, "t", FilterCompiler(caller))
    where = live(caller, obj, "read", "t")
    title = quoted(obj.fields[obj.spec.title].column)
    statement = Sql(
        f"SELECT t.{title}, {computed.text} FROM {quoted(obj.table)} t "
        f"WHERE {where.text} ORDER BY t.id DESC LIMIT {ROWS}",
        (*computed.params, *where.params),
    )
    try:
        with db.time_limit(SECONDS):
            found = db.rows(statement)
    except DataError as error:
        raise Invalid({"formula": [_("The result is too large for some records.")]}) from error
    return [(row[0], type_.from_columns(field, row[1:])) for row in found]
