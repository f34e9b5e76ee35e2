"""Create or update, by what tells records apart: an identity, or a unique field such as a foreign number."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from rapport.features.programs.problems import Problem
from rapport.records import matching, write
from rapport.records.errors import Invalid
from rapport.registry.fields import FieldError
from rapport.surfaces.api.calls import Call, Reply
from rapport.surfaces.api.handlers.records import answer, make


def upsert(call: Call) -> Reply:
    """Update the record whose field has the value of the path; without one, make it with that value."""
    obj, raw = call.object, call.path["value"]
    with transaction.atomic():
        field = matching.field_of(call.caller, obj, call.path["field"])
        (ids,), (value,) = matching.find(call.caller, obj, field, [raw])
        if isinstance(value, FieldError):
            raise Invalid({field.name: [value.message]})
        if len(ids) > 1:
            raise ambiguous(ids)
        if ids:
            write.update(call.caller, obj.key, ids[0], call.body.fields)
            return answer(call, ids[0])
        fields: dict[str, Any] = {field.name: raw, **call.body.fields}
        return make(call, fields)


def ambiguous(ids: list[int]) -> Problem:
    """Several records are meant."""
    named = ", ".join(map(str, ids[:10]))
    return Problem(409, "ambiguous", _("The records %(ids)s match. Name one by its number.") % {"ids": named})
