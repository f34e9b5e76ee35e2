"""Custom fields for columns that an object has no field for, made before an import where the mapping asks for them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from rapport.features.transfer.cells import restored
from rapport.features.transfer.mapping import ImportMapping, refuse
from rapport.features.transfer.reading import Source
from rapport.records.accounts.caller import Caller
from rapport.records.customising import actions
from rapport.records.customising.definitions import MOST_CHOICES, FieldDefinition
from rapport.records.write.creating import registered

CHOICES = frozenset({"choice", "multichoice"})


def make_missing(caller: Caller, key: str, source: Source, mapping: ImportMapping) -> int:
    """Make the custom fields that the mapping asks for and the object lacks; how many. Raises Forbidden, Invalid."""
    made = 0
    for name, column in mapping.columns.items():
        if not column.create or column.target in registered(key).fields:
            continue
        type_key = str(column.create.get("type", "text"))
        definition = FieldDefinition(
            label=str(column.create.get("label") or name),
            choices=_choices(source, name, column.create) if type_key in CHOICES else (),
            options=column.create.get("options") or {},
        )
        actions.add_field(caller, key, type_key, definition, key=column.target)
        made += 1
    return made


def _choices(source: Source, name: str, wanted: Any) -> list[dict[str, str]]:
    """The options said, or every value that the column has."""
    if wanted.get("choices"):
        return [{"label": str(label)} for label in wanted["choices"]]
    if name not in source.columns:
        raise refuse(_("The file has no column %(name)s.") % {"name": name})
    at, found = source.columns.index(name), dict[str, str]()
    for _line, cells in source.rows():
        for part in restored(cells[at].strip()).split(";"):
            if text := part.strip():
                found.setdefault(text.casefold(), text)
        if len(found) > MOST_CHOICES:
            raise refuse(_("%(name)s has too many different values for a choice.") % {"name": name})
    return [{"label": text} for text in found.values()]
