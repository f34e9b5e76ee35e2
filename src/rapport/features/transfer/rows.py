"""From the cells of a row to the values of a record, by a plan that is made once for a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from rapport.features.transfer import conversions
from rapport.features.transfer.cells import restored
from rapport.features.transfer.lookups import Lookup, TiedLookup, plain, within
from rapport.features.transfer.mapping import CREATE, LEAVE, MINE, Column, ImportMapping
from rapport.features.transfer.reading import Source
from rapport.features.transfer.targets import Target, parse
from rapport.records.accounts.caller import Caller
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.registry.fields import FieldError, FieldSpec
from rapport.registry.ties import tie_of
from rapport.registry.types.contacts import ContactsType

if TYPE_CHECKING:
    from rapport.features.transfer.duplicates import Handling

SINGLE = frozenset({"reference", "user", "team"})
MANY = frozenset({"references", "participants"})
TEXTS = frozenset({"text", "longtext"})
UPDATED, SKIPPED, WAITING = "updated", "skipped", "waiting"
Put = Callable[[dict[str, Any], str], None]


class Row:
    """A row on its way: what is set, what is wrong with it, and what was left out of it.

    `filled`: what is set only where nothing else says it. `outcome`: what became of it, empty for a new record;
    `matches`: where it waits, the records that it is about.
    """

    __slots__ = ("cells", "errors", "filled", "line", "matches", "notes", "outcome", "sound", "values")

    def __init__(self, line: int, cells: list[str]) -> None:
        self.line, self.cells = line, cells
        self.values: dict[str, Any] = {}
        self.errors: list[str] = []
        self.notes: list[str] = []
        self.filled: tuple[str, ...] = ()
        self.matches: Sequence[int] = ()
        self.outcome = ""
        self.sound = False

    def state(self) -> tuple[Any, ...]:
        """What `of` makes the row from, plain values."""
        said = (list(map(str, self.errors)), list(map(str, self.notes)))
        return self.line, self.cells, self.values, *said, self.filled, self.sound

    @classmethod
    def of(cls, line: int, cells: list[str], *rest: Any) -> Row:
        """The inverse of `state`."""
        row = cls(line, cells)
        row.values, row.errors, row.notes, row.filled, row.sound = rest
        return row


@dataclass(frozen=True, slots=True)
class Step:
    """One column: where it stands, what converts it, where its text is put."""

    name: str
    at: int
    target: Target
    put: Put
    convert: tuple[conversions.Convert, ...]


class RowPlan:
    """Turns cells into values; references are resolved for a whole chunk at once."""

    def __init__(self, caller: Caller, obj: RegisteredObject, source: Source, mapping: ImportMapping) -> None:
        self.caller, self.obj, self.env = caller, obj, caller.env()
        self.generation = catalog.current().generation
        self.mapping, self.width = mapping, len(source.columns)
        self.places = {name: at for at, name in enumerate(source.columns)}
        self.steps = [self._step(caller, obj, name, column) for name, column in mapping.columns.items()]
        self.ways = [(s.at, self._alone(s.target), s.put, s.convert) for s in self.steps]
        self.constants = [(parse(caller, obj, target), text) for target, text in mapping.constants.items()]
        self.lenient = {s.target.field.name for s in self.steps if mapping.columns[s.name].wrong == LEAVE}
        self.fields = obj.fields
        self.lookups: dict[str, Lookup] = {}
        self.tie = tie_of(obj)
        self.leaves: set[str] = set()
        self.handling: Handling | None = None
        for step in self.steps:
            self._look_up(caller, step.target.field, mapping.columns[step.name])
        for target, _text in self.constants:
            self._look_up(caller, target.field, Column(str(target)))

    def _step(self, caller: Caller, obj: RegisteredObject, name: str, column: Column) -> Step:
        target = parse(caller, obj, column.target)
        found = (conversions.converter(target.field, column.format), conversions.TRANSFORMS.get(column.transform))
        return Step(name, self.places[name], target, putter(target), tuple(c for c in found if c is not None))

    def _alone(self, target: Target) -> str:
        """The field, where the text is its value as it is and no other column goes there; else empty."""
        name, parted = target.field.name, bool(target.part) or isinstance(target.field.type, ContactsType)
        return "" if parted or sum(s.target.field.name == name for s in self.steps) > 1 else name

    def _look_up(self, caller: Caller, spec: FieldSpec, column: Column) -> None:
        if spec.type.key in SINGLE | MANY:
            kept = self.lookups.get(spec.name)
            create = column.missing == CREATE or (kept is not None and kept.create)
            if self.tie is not None and spec.name == self.tie.field:
                self.lookups[spec.name] = TiedLookup(caller, spec, self.tie.shared, create=create)
            else:
                mine = caller.user_id if column.missing == MINE and spec.type.key == "user" else None
                self.lookups[spec.name] = Lookup(caller, spec, create=create, names=column.names, otherwise=mine)
            if column.missing == LEAVE:
                self.leaves.add(spec.name)

    def load(self) -> None:
        """Read the names of what the rows may refer to."""
        for lookup in self.lookups.values():
            lookup.load()

    def reads_only(self) -> None:
        """Make nothing for names that nobody has: raise NotHere for them, and look again for each of the next rows."""
        for lookup in self.lookups.values():
            lookup.reads_only()

    def row(self, line: int, cells: list[str]) -> Row:
        """The values of a row, references still as texts."""
        row = Row(line, cells)
        if len(cells) > self.width:
            row.errors.append(getattr(cells, "why", "") or _("The row has more cells than there are columns."))
            return row
        values = row.values
        for at, alone, put, converts in self.ways:
            text = cells[at].strip()
            if not text:
                continue
            if text[0] == "'":
                text = restored(text).strip()
            for convert in converts:
                text = convert(text)
            if alone:
                values[alone] = text
            else:
                put(values, text)
        for target, text in self.constants:
            if _wants(target, values):
                putter(target)(values, text)
        for fallback in self.mapping.fallbacks:
            if not any(values.get(name) for name in fallback.empty):
                row.filled = (*row.filled, *fallback.values)
                for name, text in fallback.values.items():
                    values[name] = self._filled(text, cells)
        return row

    def _filled(self, text: str, cells: Sequence[str]) -> str:
        for name, at in self.places.items():
            text = text.replace("{" + name + "}", cells[at].strip())
        return text

    def resolve(self, rows: Sequence[Row]) -> None:
        """References by name to keys, for a chunk; and values that may be left out where they are wrong."""
        # What others lie within comes first.
        for name, lookup in sorted(self.lookups.items(), key=lambda item: isinstance(item[1], TiedLookup)):
            self._resolve(name, lookup, [row for row in rows if row.values.get(name)])
        for name in self.lenient - self.lookups.keys():
            spec = self.fields[name]
            for row in rows:
                if name in row.values:
                    self._leave_out(row, spec)

    def _resolve(self, name: str, lookup: Lookup, rows: Sequence[Row]) -> None:
        many = lookup.field.type.key in MANY
        texts = {id(row): _parts(row.values[name]) if many else [row.values[name]] for row in rows}
        if isinstance(lookup, TiedLookup) and self.tie is not None:
            for row in rows:
                if isinstance(inside := row.values.get(self.tie.by), int):
                    texts[id(row)] = [within(inside, text) for text in texts[id(row)]]
        lookup.prepare(text for row in rows if not row.errors for text in texts[id(row)])
        for row in rows:
            found = [self._key(row, name, lookup, text) for text in texts[id(row)]]
            keys = [key for key in found if key is not None]
            row.values[name] = keys if many else (keys[0] if keys else None)

    def _key(self, row: Row, name: str, lookup: Lookup, text: str) -> int | None:
        try:
            key = lookup.find(text)
        except ValueError as error:
            row.errors.append(f"{lookup.field.label}: {error}")
            return None
        if key is None:
            message = _("%(field)s: there is none called “%(name)s”.") % {
                "field": lookup.field.label,
                "name": plain(text),
            }
            (row.notes if name in self.leaves or name in self.lenient else row.errors).append(message)
        return key

    def _leave_out(self, row: Row, spec: FieldSpec) -> None:
        try:
            spec.type.clean(spec, row.values[spec.name], self.env)
        except FieldError as error:
            row.notes.append(f"{spec.label}: {error.message}")
            del row.values[spec.name]


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _wants(target: Target, values: dict[str, Any]) -> bool:
    """A constant fills in where the row says nothing; a part of an address only where there is one."""
    given: Any = values.get(target.field.name)
    if target.part:
        return bool(given) and target.part not in (given if isinstance(given, dict) else given[0])
    return not given


def putter(target: Target) -> Put:
    """What sets a text into the values of a record: joined texts, parts of addresses, labelled points."""
    name, type_ = target.field.name, target.field.type
    if type_.key == "address" and target.part:
        return _part_putter(name, target.part)
    if type_.key == "addresses" and target.part:
        return _labelled_part_putter(name, target.label, target.part)
    if isinstance(type_, ContactsType):
        return _point_putter(name, target.label)
    return _text_putter(name, joined=type_.key in TEXTS)


def _text_putter(name: str, *, joined: bool) -> Put:
    def put(values: dict[str, Any], text: str) -> None:
        if name not in values:
            values[name] = text
        elif joined:
            values[name] = f"{values[name]} {text}"

    return put


def _part_putter(name: str, part: str) -> Put:
    def put(values: dict[str, Any], text: str) -> None:
        _join(values.setdefault(name, {}), part, text)

    return put


def _labelled_part_putter(name: str, label: str, part: str) -> Put:
    def put(values: dict[str, Any], text: str) -> None:
        points: list[dict[str, str]] = values.setdefault(name, [])
        for point in points:
            if point.get("label", "") == label:
                _join(point, part, text)
                return
        points.append({"label": label, part: text} if label else {part: text})

    return put


def _join(parts: dict[str, str], part: str, text: str) -> None:
    parts[part] = f"{parts[part]} {text}" if part in parts else text


def _point_putter(name: str, label: str) -> Put:
    def put(values: dict[str, Any], text: str) -> None:
        points: list[dict[str, str]] = values.setdefault(name, [])
        base = {"label": label} if label else {}
        points.extend({"value": part, **base} for part in text.split(";"))

    return put


def texts_of(rows: Iterable[Row]) -> list[tuple[int, list[str], str]]:
    """(line, cells, reasons) of rows that were refused."""
    return [(row.line, row.cells, "; ".join(row.errors)) for row in rows if row.errors]
