"""What an import makes beside records: custom fields, options; and taking away what is unused then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from rapport.features.transfer.cells import restored
from rapport.features.transfer.mapping import CREATE, Column, ImportMapping, refuse
from rapport.features.transfer.reading import Source
from rapport.records.accounts.caller import Caller
from rapport.records.customising import actions, sync, usage
from rapport.records.customising.definitions import MOST_CHOICES, FieldDefinition
from rapport.records.customising.models import CustomField
from rapport.records.errors import RecordsError
from rapport.records.read import visible
from rapport.records.write.creating import registered
from rapport.registry.fields import FieldSpec

CHOICES = frozenset({"choice", "multichoice"})


@dataclass(slots=True)
class Made:
    """Custom fields by number, and the values of options that were added to others."""

    fields: list[int] = field(default_factory=list)
    options: dict[str, list[str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.fields or self.options)

    def with_(self, before: Any) -> dict[str, Any]:
        """This and what was made before, as an import keeps it."""
        kept = Made(**before) if before else Made()
        options = {key: [*kept.options.get(key, ()), *values] for key, values in self.options.items()}
        return asdict(Made([*kept.fields, *self.fields], {**kept.options, **options}))


def make(caller: Caller, key: str, source: Source, mapping: ImportMapping) -> Made:
    """Make what the mapping asks for and is not there. Raises Forbidden, Invalid."""
    made = Made()
    for name, column in mapping.columns.items():
        obj = registered(key)
        if column.create and column.target not in obj.fields:
            made.fields.append(_field(caller, key, source, name, column))
        elif (spec := extensible(column, obj.fields.get(column.target))) is not None:
            new = _unknown(spec, _values(source, name, several=spec.type.key == "multichoice"))
            if new:
                number, values = _extend(caller, key, spec.name, new)
                made.options.setdefault(str(number), []).extend(values)
    return made


def new_options(key: str, source: Source, mapping: ImportMapping) -> dict[str, list[str]]:
    """By field, the options that an import would add. Raises Invalid for too many."""
    found = {}
    for name, column in mapping.columns.items():
        if (spec := extensible(column, registered(key).fields.get(column.target))) is not None:
            several = spec.type.key == "multichoice"
            if new := _unknown(spec, _values(source, name, several=several)):
                found[str(spec.label)] = new
    return found


def extensible(column: Column, spec: FieldSpec | None) -> FieldSpec | None:
    """The field of a column, where values that it has no option for shall become options."""
    wanted = spec is not None and spec.custom and spec.type.key in CHOICES and column.missing == CREATE
    return spec if wanted else None


def _field(caller: Caller, key: str, source: Source, name: str, column: Column) -> int:
    wanted = column.create or {}
    type_key = str(wanted.get("type", "text"))
    definition = FieldDefinition(
        label=str(wanted.get("label") or name),
        choices=_choices(source, name, wanted) if type_key in CHOICES else (),
        options=wanted.get("options") or {},
    )
    return int(actions.add_field(caller, key, type_key, definition, key=column.target).pk)


def _choices(source: Source, name: str, wanted: Any) -> list[dict[str, str]]:
    """The options said, or every value that the column has."""
    if wanted.get("choices"):
        return [{"label": str(label)} for label in wanted["choices"]]
    return [{"label": text} for text in _values(source, name, several=True)]


def _values(source: Source, name: str, *, several: bool) -> list[str]:
    """Every value that a column has, once; `several` of a cell, or the cell. Raises Invalid for too many."""
    if name not in source.columns:
        raise refuse(_("The file has no column %(name)s.") % {"name": name})
    at, found = source.columns.index(name), dict[str, str]()
    for _line, cells in source.rows():
        cell = restored(cells[at].strip()) if at < len(cells) else ""
        for part in cell.split(";") if several else [cell]:
            if text := part.strip():
                found.setdefault(text.casefold(), text)
        if len(found) > MOST_CHOICES:
            raise refuse(_("%(name)s has too many different values for a choice.") % {"name": name})
    return list(found.values())


def _unknown(spec: FieldSpec, texts: Sequence[str]) -> list[str]:
    known = {text.casefold() for choice in spec.choices for text in (choice.value, str(choice.label))}
    return [text for text in texts if text.casefold() not in known]


def _extend(caller: Caller, key: str, name: str, labels: Sequence[str]) -> tuple[int, list[str]]:
    """Add options to a custom field: its number, and their values."""
    row = CustomField.objects.get(object_key=key, key=name, removed_at=None)
    before = {choice["value"] for choice in row.choices}
    choices = [*row.choices, *({"label": label} for label in labels)]
    row = actions.update_field(caller, row.pk, _definition(row, choices))
    sync.refresh()
    return row.pk, [choice["value"] for choice in row.choices if choice["value"] not in before]


def _definition(row: CustomField, choices: Sequence[dict[str, str]]) -> FieldDefinition:
    """A field as it is, with other options."""
    return FieldDefinition(
        label=row.label, help=row.help, required=row.required, required_if=row.required_if, unique=row.unique,
        indexed=row.indexed, choices=choices, options=row.options,
    )  # fmt: skip


def unmake(caller: Caller, made: Made) -> None:
    """Take away the fields that no live record has a value in, and the options that no record has.

    What is in use stays, and all of it where the caller may not define fields; see `standing`.
    """
    if not caller.is_admin:
        return
    for number, values in made.options.items():
        row = CustomField.objects.filter(pk=int(number), removed_at=None).first()
        if row is None or row.pk in made.fields:
            continue
        obj = registered(row.object_key)
        gone = {value for value in values if not usage.holds(obj, row.key, value)}
        left = [choice for choice in row.choices if choice["value"] not in gone]
        if gone and left:
            _quietly(lambda row=row, left=left: actions.update_field(caller, row.pk, _definition(row, left)))
    for row in CustomField.objects.filter(pk__in=made.fields, removed_at=None):
        filled = {"field": row.key, "op": "not_empty"}
        if not visible(caller, row.object_key).count(filled, cap=1):
            _quietly(lambda row=row: actions.remove_field(caller, row.pk))


def _quietly(act: Any) -> None:
    """What something else still needs stays."""
    try:
        act()
    except RecordsError:
        return


def standing(made: Made) -> Iterator[tuple[CustomField, list[str]]]:
    """Fields that an import made and that are still there, and others with the labels of options that it added."""
    for row in CustomField.objects.filter(pk__in=[*made.fields, *map(int, made.options)], removed_at=None):
        added = made.options.get(str(row.pk), [])
        labels = [choice["label"] for choice in row.choices if choice["value"] in added]
        if row.pk in made.fields:
            yield row, []
        elif labels:
            yield row, labels
