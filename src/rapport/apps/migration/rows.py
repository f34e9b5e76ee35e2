"""From the cells of a row to the values of a record and the ids that it refers to, by a plan made once for a file."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rapport.apps.migration.readers import BY_TYPE, READERS, Reading, code, parsed
from rapport.apps.migration.readers import zone as zone_of
from rapport.apps.migration.shapes import Col, Ref, Table, Vendor, plain
from rapport.apps.migration.sheets import Sheet
from rapport.features.transfer.cells import restored
from rapport.features.transfer.rows import putter
from rapport.features.transfer.targets import parse
from rapport.records.accounts.caller import Caller
from rapport.records.write.creating import registered

Places = tuple[tuple[int, ...], ...]
Put = Callable[[dict[str, Any], str], None]


@dataclass(slots=True)
class Item:
    """A row on its way: its id at the vendor, the values that it gives, when it was made, and what it refers to.

    `wants` are (relation, texts); `late` holds what is set in the second pass, at `late_at`.
    """

    line: int
    cells: Sequence[str]
    external: str
    values: dict[str, Any]
    at: dt.datetime | None = None
    wants: list[tuple[Ref, list[str]]] = field(default_factory=list)
    late: dict[str, Any] = field(default_factory=dict)
    late_at: dt.datetime | None = None
    errors: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Step:
    """One way from columns to a field."""

    places: Places
    read: Callable[[str], str] | None
    values: Mapping[str, str]
    other: str
    put: Put
    name: str
    money: bool


class Shaper:
    """Turns the rows of one file into items. `entry` is what the survey found of it, `made` what was made for it."""

    def __init__(
        self, caller: Caller, vendor: Vendor, table: Table, sheet: Sheet, entry: Mapping[str, Any],
        made: Mapping[str, Any], zone: str,
    ) -> None:  # fmt: skip
        self.caller, self.vendor, self.table, self.sheet, self.made = caller, vendor, table, sheet, made
        self.obj = registered(table.object)
        self.formats: Mapping[str, str] = entry.get("formats", {})
        self.options: Mapping[str, Mapping[str, str]] = entry.get("options", {})
        self.zone = zone_of(zone if sheet.source is not None else vendor.api_zone)
        self.at = {name: place for place, name in reversed(list(enumerate(sheet.plain)))}
        self.steps = [step for target, col in table.cols() if (step := self._step(target, col)) is not None]
        self.steps += [
            self._custom(name, target)
            for name, target in entry.get("fields", {}).items()
            if name in sheet.columns and target in self.obj.fields
        ]
        self.id, self.created = self.places(table.id), self.places(table.created)
        self.owner, self.currency = self.places(table.owner), self.places(table.currency)
        self.stage, self.pipeline = self.places(table.stage), self.places(table.pipeline)
        self.won, self.closed = self.places(table.won), self.places(table.closed)
        self.refs = [(ref, places) for ref in table.refs if (places := self.places(ref.names))]
        self.late_at = self.places(table.late.at) if table.late else ()
        self.where = [(self.places(name), wanted) for name, wanted in table.where.items()]
        self.filled, self.price_list = self.places(table.filled), self.places(table.price_list)
        before = vendor.by_kind.get(table.after)
        self.before = [(self.places(n), wanted) for n, wanted in before.where.items()] if before else []
        self.constants = [(name, text) for name, text in table.constants.items() if name in self.obj.fields]

    def places(self, names: str) -> Places:
        """Where the columns stand that are named, separated by `|`."""
        return places_of(self.at, names)

    def _reading(self, places: Places) -> Reading:
        written = (self.formats.get(self.sheet.columns[p], "") for one in places for p in one)
        return Reading(next(filter(None, written), ""), self.zone)

    def _step(self, target: str, col: Col) -> Step | None:
        places = self.places(col.names)
        if not places or target.partition(".")[0].partition(":")[0] not in self.obj.fields:
            return None
        found = parse(self.caller, self.obj, target)
        kind = found.field.type.key
        read = READERS.get(col.read or ("" if col.values else BY_TYPE.get(kind, "")))
        how = self._reading(places)
        bound = (lambda text: read(text, how)) if read else None
        return Step(places, bound, col.values, col.other, putter(found), found.field.name, kind == "money")

    def _custom(self, name: str, target: str) -> Step:
        places = ((self.sheet.columns.index(name),),)
        found = parse(self.caller, self.obj, target)
        kind = found.field.type.key
        read, how = READERS.get(BY_TYPE.get(kind, "")), self._reading(places)
        values = self.options.get(name, {})
        bound = (lambda text: read(called(text, values), how)) if read else None
        if not read and values:
            bound = lambda text: called(text, values)  # noqa: E731 (bound like the other)
        return Step(places, bound, {}, "=", putter(found), found.field.name, kind == "money")

    def takes(self, cells: Sequence[str]) -> bool:
        """Whether a row is one of this table."""
        if self.before and all(self._is(cells, *one) for one in self.before):
            return False
        if self.table.filled and not _first(cells, self.filled):
            return False
        return all(self._is(cells, places, wanted) for places, wanted in self.where)

    @staticmethod
    def _is(cells: Sequence[str], places: Places, wanted: frozenset[str]) -> bool:
        return _first(cells, places).casefold() in wanted

    def item(self, line: int, cells: Sequence[str]) -> Item:
        """A row as values; what it refers to is still ids."""
        values: dict[str, Any] = {}
        for step in self.steps:
            if step.name in values and not step.places:
                continue
            text = _first(cells, step.places)
            if not text or self._filled(values, step):
                continue
            if step.values:
                text = step.values.get(text.casefold(), text if step.other == "=" else step.other)
            read = step.read(text) if step.read and text else text
            if read and step.money:
                currency = currency_of(_first(cells, self.currency), text)
                read = f"{read} {currency}".strip()
            if read:
                step.put(values, read)
        item = Item(line, cells, self.external(cells), values)
        item.at = parsed(_first(cells, self.created), self._reading(self.created)) if self.created else None
        for name, text in self.constants:
            if not values.get(name):
                values[name] = text
        self._own(item)
        item.wants = [(ref, texts) for ref, places in self.refs if (texts := _several(cells, places))]
        self._place(item)
        self._list(item)
        self._late(item)
        return item

    @staticmethod
    def _filled(values: Mapping[str, Any], step: Step) -> bool:
        """A field that takes one value is not joined of several columns."""
        return isinstance(values.get(step.name), str)

    def external(self, cells: Sequence[str]) -> str:
        """The id of a row; of one without, a fingerprint of what it holds."""
        if text := self.vendor.external(_first(cells, self.id)):
            return text
        return "#" + hashlib.sha256("\x1f".join(cells).encode()).hexdigest()[:40]

    def _own(self, item: Item) -> None:
        text = _first(item.cells, self.owner)
        users: Mapping[str, Any] = self.made.get("users", {})
        if "owner" in self.obj.fields and self.owner:
            item.values["owner"] = users.get(text.casefold()) if text else None
        if "assignee" in self.obj.fields and self.owner:
            item.values["assignee"] = item.values.get("owner")

    def _place(self, item: Item) -> None:
        """Pipeline and stage of a deal, which were made before."""
        if not self.table.stage:
            return
        stage = stage_key(_first(item.cells, self.pipeline), _first(item.cells, self.stage), self.outcome(item.cells))
        found = self.made.get("stages", {}).get(stage)
        if found is not None:
            item.values |= {"pipeline": found["pipeline"], "stage": found["stage"]}

    def _list(self, item: Item) -> None:
        """The list of a price, which was made before."""
        if self.table.filled and "price_list" in self.obj.fields:
            currency = currency_of(_first(item.cells, self.currency), _first(item.cells, self.filled))
            key = list_key(_first(item.cells, self.price_list), currency)
            item.values["price_list"] = self.made.get("lists", {}).get(key)

    def outcome(self, cells: Sequence[str]) -> str:
        """Won, lost or open, by the columns that say so; empty where none does."""
        return outcome_of(_first(cells, self.won), _first(cells, self.closed))

    def _late(self, item: Item) -> None:
        late = self.table.late
        if late is None:
            return
        value = item.values.get(late.key)
        told = self.made.get("outcomes", {}).get(str(value), "open") if late.key == "stage" else value
        if told not in late.among:
            return
        item.late = {late.key: value}
        for name in late.fields:
            if name in item.values:
                item.late[name] = item.values.pop(name)
        for name, text in late.fill.get(str(told), {}).items():
            item.late.setdefault(name, text)
        del item.values[late.key]
        if late.first:
            item.values[late.key] = late.first
        how = self._reading(self.late_at)
        item.late_at = parsed(_first(item.cells, self.late_at), how) if self.late_at else None


def outcome_of(won: str, closed: str) -> str:
    """What two columns say of a deal: whether it is won (or its status), and whether it is closed."""
    won, closed = won.casefold(), closed.casefold()
    if won in {"true", "1", "yes", "won"}:
        return "won"
    if won in {"lost", "false", "0", "no"} and (won == "lost" or closed in {"true", "1", "yes", "closed"}):
        return "lost"
    return "open" if won else ""


def called(text: str, values: Mapping[str, str]) -> str:
    """What the values of a cell are called, where it holds keys of options."""
    return "; ".join(values.get(part.strip(), part.strip()) for part in text.split(";")) if values else text


def stage_key(pipeline: str, stage: str, outcome: str) -> str:
    """The name under which a stage is kept that rows speak of."""
    return f"{pipeline.casefold()}|{stage.casefold()}|{outcome if outcome != 'open' else ''}"


def list_key(listed: str, currency: str) -> str:
    """The name under which a price list is kept that rows speak of."""
    return f"{listed.casefold()}|{currency}"


def currency_of(named: str, amount: str) -> str:
    """The code of a currency that a column names, or the amount itself; empty where neither does."""
    given = (named or code(amount)).upper()[:3]
    return given if given.isalpha() and len(given) == 3 else ""


def places_of(at: Mapping[str, int], names: str) -> Places:
    """Where columns stand, by the places of plain names: those that are there, in the order of `names`."""
    found = []
    for name in filter(None, names.split("|")):
        parts = tuple(at[p] for part in name.split("+") if (p := plain(part)) in at)
        if parts and plain(name.split("+")[0]) in at:
            found.append(parts)
    return tuple(found)


def _first(cells: Sequence[str], places: Places) -> str:
    for one in places:
        text = cells[one[0]].strip()
        if text:
            text = restored(text).strip() if text[0] == "'" else text
            return " ".join(filter(None, (text, *(cells[place].strip() for place in one[1:]))))
    return ""


def _several(cells: Sequence[str], places: Places) -> list[str]:
    """Texts separated by semicolons, of the first column that is filled."""
    return [text for part in _first(cells, places).split(";") if (text := part.strip())]


def first_of(sheet: Sheet, cells: Sequence[str], names: str) -> str:
    """The text of the first filled one of the columns that are named."""
    places = sheet.places.get(names)
    if places is None:
        at = {name: place for place, name in reversed(list(enumerate(sheet.plain)))}
        places = sheet.places[names] = places_of(at, names)
    return _first(cells, places)


def ids_of(items: Iterable[Item]) -> list[str]:
    """The ids of items."""
    return [item.external for item in items]
