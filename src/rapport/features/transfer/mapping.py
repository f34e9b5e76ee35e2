"""The mapping of a file's columns to the fields of an object: proposed, read from JSON, checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from rapport.features.transfer import conversions
from rapport.features.transfer.cells import restored
from rapport.features.transfer.reading import Source
from rapport.features.transfer.targets import GRAMMAR, Recogniser, Target, parse
from rapport.records import matching
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid
from rapport.registry.catalog import RegisteredObject

SAMPLE = 1000
REFUSE, CREATE, LEAVE, MINE = "refuse", "create", "leave", "mine"
ASK, SKIP, FILL, OVERWRITE, MAKE = "ask", "skip", "fill", "overwrite", "make"
POLICIES = (ASK, SKIP, FILL, OVERWRITE, MAKE)
"""What becomes of a row about a record that is there: wait for an answer, be left out, fill what is empty, replace what
is there, make another record all the same.
"""


@dataclass(frozen=True, slots=True)
class Column:
    """What becomes of a column.

    `format`: of dates for `strptime`, of numbers the decimal mark. `transform`: title, upper or lower. `missing`: what
    to do about a name that no record has, or a value that is no option: refuse the row, create the record or the
    option, leave the field empty, or (of users) take whoever imports. `names`: users by names that nobody has.
    `wrong`: what to do about a value that the field refuses: refuse the row, or leave the field empty and note it.
    `create`: a custom field to be made first: `{"type", "label"}`.
    """

    target: str
    format: str = ""
    transform: str = ""
    missing: str = REFUSE
    wrong: str = REFUSE
    names: Mapping[str, int] = field(default_factory=dict)
    create: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Fallback:
    """Where all fields of `empty` are, `values` are set; `{column}` in them is the text of a column."""

    empty: tuple[str, ...]
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ImportMapping:
    """Columns by name, values that every row gets, and what fills in for missing ones.

    `duplicates` is one of `POLICIES`; `match` names the fields by which a row is found to be about a record that is
    there, all that mean one record where it is empty.
    """

    columns: Mapping[str, Column] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    fallbacks: tuple[Fallback, ...] = ()
    duplicates: str = ASK
    match: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As an import keeps it: columns in a list, since their order counts and databases keep none in mappings."""
        return {
            "columns": [[name, asdict(column)] for name, column in self.columns.items()],
            "constants": dict(self.constants),
            "fallbacks": [{"empty": list(f.empty), "values": dict(f.values)} for f in self.fallbacks],
            "duplicates": self.duplicates,
            "match": list(self.match),
        }

    def with_columns(self, columns: Mapping[str, Column]) -> ImportMapping:
        """The same with further columns, or other ones; a column without a target is left out."""
        return replace(self, columns={n: c for n, c in {**self.columns, **columns}.items() if c.target})

    def creating(self, names: Iterable[str]) -> ImportMapping:
        """The same, where records that these fields name are created when they are missing. Raises Invalid."""
        columns = dict(self.columns)
        for wanted in names:
            found = [name for name, column in columns.items() if column.target == wanted]
            if not found:
                raise refuse(_("No column goes to %(name)s.") % {"name": wanted})
            columns |= {name: replace(columns[name], missing=CREATE) for name in found}
        return replace(self, columns=columns)


def target_names(raw: Any) -> list[str]:
    """Names of the fields that a mapping fills, in the order of the columns."""
    wanted = from_json(raw)
    targets = (*(column.target for column in wanted.columns.values()), *wanted.constants)
    return [found["field"] for target in targets if (found := GRAMMAR.fullmatch(target))]


def refuse(message: str) -> Invalid:
    """The refusal of a mapping."""
    return Invalid({"mapping": [message]}, message)


def from_json(raw: Any) -> ImportMapping:
    """A mapping as a file or an import has it. Raises Invalid.

    `{"columns": {name: target or {"target": …, "format": …, …}}, "constants": {target: text}, "fallbacks": […],
    "duplicates": policy, "match": [field]}`
    """
    try:
        pairs = raw.get("columns", {})
        columns = {
            str(name): Column(**({"target": given} if isinstance(given, str) else given))
            for name, given in (pairs if isinstance(pairs, list) else pairs.items())
            if given
        }
        fallbacks = tuple(Fallback(tuple(f["empty"]), dict(f["values"])) for f in raw.get("fallbacks", ()))
        duplicates, match = str(raw.get("duplicates") or ASK), tuple(map(str, raw.get("match", ())))
        constants = {str(k): str(v) for k, v in raw.get("constants", {}).items()}
    except (TypeError, AttributeError, KeyError, ValueError) as error:
        raise refuse(_("The mapping can't be read: %(error)s") % {"error": error}) from error
    for name, column in columns.items():
        choices = (
            (column.transform, {"", *conversions.TRANSFORMS}), (column.missing, {REFUSE, CREATE, LEAVE, MINE}),
            (column.wrong, {REFUSE, LEAVE}),
        )  # fmt: skip
        for value, known in choices:
            if value not in known:
                raise refuse(_("%(column)s: there is no %(value)s here.") % {"column": name, "value": value})
    if duplicates not in POLICIES:
        names = {"name": duplicates, "names": ", ".join(POLICIES)}
        raise refuse(_("There is no way %(name)s to treat duplicates. There are: %(names)s") % names)
    return ImportMapping(columns, constants, fallbacks, duplicates, match)


def propose(caller: Caller, obj: RegisteredObject, source: Source) -> ImportMapping:
    """Targets of the columns whose names say what they are, each target once, and the formats of their values."""
    recogniser, taken = Recogniser(caller, obj), set[str]()
    columns: dict[str, Column] = {}
    for name in source.columns:
        target = recogniser.find(name)
        if target is not None and str(target) not in taken:
            taken.add(str(target))
            columns[name] = Column(str(target))
    return with_formats(caller, obj, source, ImportMapping(columns))


def with_formats(caller: Caller, obj: RegisteredObject, source: Source, mapping: ImportMapping) -> ImportMapping:
    """The mapping with the formats of dates and numbers recognised where none is said."""
    samples: dict[str, list[str]] = {name: [] for name in mapping.columns if name in source.columns}
    places = [(samples[name], source.columns.index(name)) for name in samples]
    for _line, cells in islice(source.rows(), SAMPLE):
        for found, at in places:
            found.append(restored(cells[at].strip()))
    columns = dict(mapping.columns)
    for name, texts in samples.items():
        column = columns[name]
        target = _parsed(caller, obj, column)
        if target is not None and not column.format:
            fmt = conversions.recognised(target.field, texts, caller.country)
            columns[name] = replace(column, format=fmt)
    return replace(mapping, columns=columns)


def _parsed(caller: Caller, obj: RegisteredObject, column: Column) -> Target | None:
    """The target; None for a custom field that is still to be made."""
    if column.create and column.target not in obj.fields:
        return None
    try:
        return parse(caller, obj, column.target)
    except ValueError as error:
        raise refuse(str(error)) from error


def check(
    caller: Caller, obj: RegisteredObject, source: Source, mapping: ImportMapping, *, empty: bool = False
) -> None:
    """Raises Invalid for columns that the file lacks, targets that can't be, and (unless it may be `empty`) none."""
    unknown = [name for name in mapping.columns if name not in source.columns]
    if unknown:
        names = ", ".join(source.columns[:20])
        raise refuse(_("The file has no column %(name)s. It has: %(names)s") % {"name": unknown[0], "names": names})
    for target in (*(c.target for c in mapping.columns.values()), *mapping.constants):
        try:
            parse(caller, obj, target)
        except ValueError as error:
            raise refuse(str(error)) from error
    for fallback in mapping.fallbacks:
        for name in (*fallback.empty, *fallback.values):
            if name not in obj.fields:
                raise refuse(_("There is no field %(name)s.") % {"name": name})
    for name in mapping.match:
        matching.field_of(caller, obj, name)
    if not mapping.columns and not empty:
        names = ", ".join(source.columns[:20])
        raise refuse(_("No column was recognised. Name the fields of: %(names)s") % {"names": names})


def given(pairs: Iterable[str], extra: Sequence[str] = ()) -> dict[str, Column]:
    """Columns from `column=target` texts, and from `column=key:type` texts for custom fields. Raises Invalid."""
    columns = {}
    for text in pairs:
        name, _equals, target = text.rpartition("=")
        columns[name.strip()] = Column(target.strip())
    for text in extra:
        name, _equals, definition = text.rpartition("=")
        key, _colon, type_key = definition.partition(":")
        columns[name.strip()] = Column(key.strip(), create={"type": type_key.strip() or "text", "label": name.strip()})
    if "" in columns:
        raise refuse(_("Write column=field."))
    return columns
