"""A measure over records as JSON."""

from __future__ import annotations

from typing import Any

from rapport.records.accounts.caller import Caller
from rapport.records.errors import Forbidden
from rapport.records.filters.compiler import Filter
from rapport.records.read import visible
from rapport.records.read.aggregating import MONTH
from rapport.records.read.select import labels_of
from rapport.registry.catalog import RegisteredObject
from rapport.registry.types.numbers import MoneyType


def aggregate(
    caller: Caller, obj: RegisteredObject, *, measure: str, of: str, by: str, filter: Filter | None
) -> dict[str, Any]:
    """A measure over all records, or by the values of a field: `measure` and `items`. Raises Forbidden, Invalid."""
    if not caller.may(obj, "read"):
        raise Forbidden
    found = visible(caller, obj).aggregate(measure, of=of, by=by, filter=filter)
    field, measured = obj.fields.get(by.removesuffix(MONTH)), obj.fields.get(of)
    texts: dict[Any, Any] = {}
    if field is not None and field.target:
        texts = dict(labels_of(caller, field, {m.group for m in found if m.group is not None}))
    elif field is not None and field.choices:
        texts = {c.value: str(c.label) for c in field.choices}
    money = measured is not None and isinstance(measured.type, MoneyType) and measure != "count"
    items = [
        {"group": m.group, "label": texts.get(m.group), "count": m.count, "value": m.value,
         **({"currency": m.currency or None} if money else {})}
        for m in found
    ]  # fmt: skip
    return {"measure": measure, "items": items}
