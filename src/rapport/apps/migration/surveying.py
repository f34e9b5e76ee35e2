"""Looking through an export before anything is written: what each file is, owners, stages, new fields, rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import PurePosixPath
from typing import Any

from django.utils.translation import gettext as _

from rapport.apps.migration import recognising
from rapport.apps.migration.archives import Members
from rapport.apps.migration.readers import BY_TYPE
from rapport.apps.migration.rows import called, currency_of, first_of, list_key, outcome_of, stage_key
from rapport.apps.migration.shapes import FILES, LABELS, LISTS, RECORDS, STAGES, USERS, Table, Vendor, plain
from rapport.apps.migration.sheets import ENDINGS, Sheet, sheet
from rapport.features.transfer import conversions, guessing
from rapport.features.transfer.formats.base import refuse
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.models import User
from rapport.records.customising import definitions
from rapport.records.errors import Invalid
from rapport.records.write.creating import registered
from rapport.registry.catalog import RegisteredObject
from rapport.registry.fields import FieldError, FieldSpec
from rapport.registry.types import TYPES

SAMPLES, MOST_OPTIONS, SHORT = 2000, 12, 200
SAME = frozenset(("text", "longtext", "number", "decimal", "date", "datetime", "url", "boolean"))
"""Types of fields of ours that take a column of the same name."""
PRICE = "price"
ATTACHED = frozenset(("attachments", "contentversion", "documents", "files"))
"""Folders whose files are attached to something."""
Progress = Callable[[int], None]


@dataclass(slots=True)
class Found:
    """A file of the export and the table by which its rows are read."""

    sheet: Sheet
    table: Table


@dataclass(slots=True)
class Unknown:
    """What a column holds that the vendor's tables do not name."""

    filled: int = 0
    longest: int = 0
    samples: list[str] = field(default_factory=list)
    distinct: set[str] = field(default_factory=set)

    def add(self, text: str) -> None:
        """Take up a cell."""
        self.filled += 1
        self.longest = max(self.longest, len(text))
        if len(self.samples) < SAMPLES:
            self.samples.append(text)
        if len(self.distinct) <= MOST_OPTIONS:
            self.distinct.add(text)


def read(vendor: Vendor, members: Members) -> tuple[list[Found], list[dict[str, str]]]:
    """The files that are known, in the order in which they are brought over; and the others, with why they stay."""
    found: list[Found] = []
    left: list[dict[str, str]] = []
    for name, path in members.items():
        if path.suffix.lower() not in ENDINGS or ATTACHED & {p.casefold() for p in PurePosixPath(name).parts[:-1]}:
            continue
        try:
            known = _known(vendor, name, path)
        except Invalid as error:
            left.append({"name": name, "why": str(error.message)})
            continue
        if not known:
            left.append({"name": name, "why": _("No table of %(vendor)s fits it.") % {"vendor": vendor.label}})
        found += known
    order = {table.kind: place for place, table in enumerate(vendor.tables)}
    found.sort(key=lambda one: order[one.table.kind])
    return found, left


def _known(vendor: Vendor, name: str, path: Any) -> list[Found]:
    plain_sheet = sheet(vendor, name, path)
    found: list[Found] = []
    nests = {table.nested for table in vendor.tables if table.nested} if plain_sheet.source is None else set[str]()
    for one in (plain_sheet, *(sheet(vendor, name, path, nested) for nested in sorted(nests))):
        if one.columns:
            found += [Found(one, table) for table in recognising.tables_of(vendor, one) if table.nested == one.nested]
    # What holds stages only lists pipelines beside them.
    inner = [one for one in found if one.table.nested and one.table.role == STAGES]
    return inner or found


def survey(caller: Caller, vendor: Vendor, members: Members, progress: Progress = lambda done: None) -> dict[str, Any]:
    """The plan of a migration, as JSON. Raises Invalid where no file is known.

    `files`: name, kind, nested, total, formats, fields (unknown columns: key, label, type, choices, there, filled),
    skipped (columns that the vendor computes).
    `owners`: text, email, name, count, user. `stages`: declared and met ones, and names of pipelines by id. `lists`:
    how many prices by list and currency, and names of lists by id.
    `left`: files that stay, and why. `rows`: how many there are in all.
    """
    found, left = read(vendor, members)
    if not any(one.table.role in {RECORDS, FILES} for one in found):
        names = ", ".join(list(members)[:8]) or "–"
        message = _("None of the files is one of %(vendor)s: %(names)s. Look at the guide for how to export.")
        raise refuse(message % {"vendor": vendor.label, "names": names})
    labels = {key: told for key, *told in _labels(vendor, found)}
    owners, stages, lists, files, done = _Owners(vendor), _Stages(vendor), _Lists(), [], 0
    for one in found:
        entry = _File(caller, vendor, one, labels)
        for _line, cells in one.sheet.rows(vendor):
            done += 1
            if done % 1000 == 0:
                progress(done)
            if len(cells) == len(one.sheet.columns):
                entry.add(cells)
                owners.add(one, cells)
                stages.add(one, cells)
                lists.add(one, cells)
        files.append(entry.plan())
    told = {"owners": owners.plan(), "stages": stages.plan(), "lists": lists.plan()}
    return {"files": files, **told, "left": left, "rows": done}


def _labels(vendor: Vendor, found: Sequence[Found]) -> Iterator[tuple[str, str, dict[str, str]]]:
    """(plain name, label, what its values are called) of columns that a file of the export tells of."""
    for one in found:
        if one.table.role == LABELS:
            for _line, cells in one.sheet.rows(vendor):
                key, label, values, options = (
                    first_of(one.sheet, cells, str(one.table.fields.get(name, "")))
                    for name in ("key", "label", "values", "options")
                )
                if key and label:
                    yield plain(key), label, dict(zip(values.split(";"), options.split(";"), strict=False))


class _File:
    """One file: how many rows, what its unknown columns hold, how dates and numbers are written."""

    def __init__(self, caller: Caller, vendor: Vendor, found: Found, labels: Mapping[str, Any]) -> None:
        self.caller, self.vendor, self.found, self.total = caller, vendor, found, 0
        self.sheet, self.table = found.sheet, found.table
        self.obj = registered(found.table.object) if found.table.role == RECORDS else None
        self.labels = labels
        self.skipped: list[str] = []
        self.told = {at: told[1] for at in range(len(self.sheet.columns)) if (told := self._told(at)) and told[1]}
        self.unknown: dict[int, Unknown] = {at: Unknown() for at in self._places()}
        self.written: dict[int, tuple[FieldSpec, list[str]]] = dict(self._formatted())

    def _places(self) -> Iterator[int]:
        """Columns that no table of this file knows and that are worth a field."""
        if self.obj is None or not self.table.custom:
            return
        known = set(self.table.known)
        for kind in self.table.also:
            known |= self.vendor.by_kind[kind].known
        known -= {plain(name) for name in self.table.keep}
        patterns = (*self.vendor.leave, *self.table.leave)
        for at, name in enumerate(self.sheet.plain):
            if name and name not in known:
                own = any(fnmatch(self.sheet.columns[at], pattern) for pattern in self.vendor.own)
                if not own and any(fnmatch(name, pattern) for pattern in patterns):
                    self.skipped.append(self.sheet.columns[at])
                else:
                    yield at

    def _formatted(self) -> Iterator[tuple[int, tuple[FieldSpec, list[str]]]]:
        if self.obj is None:
            return
        moment = next((f for f in self.obj.fields.values() if f.type.key == "datetime"), None)
        late = self.table.late.at if self.table.late else ""
        for target, names in (
            *((t, c.names) for t, c in self.table.cols()), ("", self.table.created), ("", late),
        ):  # fmt: skip
            spec = self.obj.fields.get(target.partition(".")[0].partition(":")[0]) if target else moment
            if spec is not None and spec.type.key in BY_TYPE:
                for name in names.split("|"):
                    if (p := plain(name)) and p in self.sheet.plain:
                        yield self.sheet.plain.index(p), (spec, [])

    def add(self, cells: Sequence[str]) -> None:
        """Take up a row."""
        self.total += 1
        for at, unknown in self.unknown.items():
            if text := cells[at].strip():
                unknown.add(called(text, self.told.get(at, {})))
        for at, (_spec, samples) in self.written.items():
            if len(samples) < SAMPLES and (text := cells[at].strip()):
                samples.append(text)

    def plan(self) -> dict[str, Any]:
        """The file as the plan keeps it."""
        fields = {}
        taken: set[str] = set()
        if self.obj is not None:
            for at, unknown in self.unknown.items():
                if unknown.filled:
                    name = self.sheet.columns[at]
                    fields[name] = self._field(self.obj, name, unknown, taken)
                    fields[name]["values"] = self.told.get(at, {})
        formats = {
            self.sheet.columns[at]: fmt
            for at, (spec, samples) in self.written.items()
            if (fmt := _format(spec, samples, self.caller.country))
        }
        formats |= {name: given["format"] for name, given in fields.items() if given.get("format")}
        return {
            "name": self.sheet.name, "kind": self.table.kind, "nested": self.sheet.nested, "total": self.total,
            "skipped": self.skipped, "fields": fields, "formats": formats,
        }  # fmt: skip

    def _field(self, obj: RegisteredObject, name: str, unknown: Unknown, taken: set[str]) -> dict[str, Any]:
        """A field for an unknown column: one of that name that is there, or a new one."""
        label = self._label(name)
        same = next((f for f in obj.fields.values() if str(f.label).casefold() == label.casefold()), None)
        if same is not None and not (same.custom or (same.type.key in SAME and self.caller.edits(obj, same))):
            label, same = f"{label} ({self.vendor.label})", None
            same = next((f for f in obj.customs if str(f.label).casefold() == label.casefold()), None)
        if same is not None and same.name not in taken and same.name not in self.table.fields:
            taken.add(same.name)
            fmt = _format(same, unknown.samples, self.caller.country)
            return {"key": same.name, "label": label, "there": True, "filled": unknown.filled, "format": fmt}
        found = _type(self.caller, unknown)
        key = definitions.field_key(obj, label)
        key = definitions.free_key(key, {*taken, *obj.fields}, definitions.LONGEST_FIELD_KEY, "field")
        taken.add(key)
        return {"key": key, "label": label, "there": False, "filled": unknown.filled, **found}

    def _told(self, at: int) -> Any:
        """Label and options of a column, where a file of the export tells them."""
        last = plain(self.sheet.columns[at].rpartition(".")[2])
        return self.labels.get(self.sheet.plain[at]) or self.labels.get(last)

    def _label(self, name: str) -> str:
        if told := self._told(self.sheet.columns.index(name)):
            return str(told[0])[:80]
        for prefix in self.vendor.prefixes:
            name = name.removeprefix(prefix)
        text = name.removesuffix("__c").replace("_", " ").replace(".", " ").strip()
        return (text[:1].upper() + text[1:])[:80] or _("Column")


def _format(spec: FieldSpec, samples: Sequence[str], country: str) -> str:
    """How dates or numbers of a column are written."""
    if spec.type.key in conversions.NUMBERS:
        samples = [text.strip("€$£¥ ABCDEFGHIJKLMNOPQRSTUVWXYZ\u00a0") for text in samples]
    return conversions.recognised(spec, samples, country)


def _type(caller: Caller, unknown: Unknown) -> dict[str, Any]:
    """The type of a new field that takes every value seen, and its options."""
    kind = guessing.kind(unknown.samples, caller.country)
    options = sorted(unknown.distinct, key=str.casefold)
    if kind == "boolean" and {o.casefold() for o in options} - {"yes", "no", "true", "false"}:
        kind = "choice"
    if kind == "choice" and len(options) <= MOST_OPTIONS and max(map(len, options)) <= 80:
        return {"type": "choice", "choices": options}
    if kind not in SAME - {"text", "longtext"} or not _takes(caller, kind, unknown.samples):
        kind = "longtext" if unknown.longest > SHORT or any("\n" in t for t in unknown.samples) else "text"
    spec = FieldSpec(name="x", type=TYPES[kind], label="x")
    return {"type": kind, "format": _format(spec, unknown.samples, caller.country)}


def _takes(caller: Caller, kind: str, samples: Sequence[str]) -> bool:
    from rapport.apps.migration.readers import READERS, Reading

    spec, env = FieldSpec(name="x", type=TYPES[kind], label="x"), caller.env()
    read, how = READERS.get(BY_TYPE.get(kind, "")), Reading(_format(spec, samples, caller.country), env.zone)
    try:
        for text in samples:
            spec.type.clean(spec, read(text, how) if read else text, env)
    except FieldError:
        return False
    return True


class _Owners:
    """Colleagues whom the files name, and who of ours they are."""

    def __init__(self, vendor: Vendor) -> None:
        self.vendor = vendor
        self.told: dict[str, tuple[str, str]] = {}
        self.met: Counter[str] = Counter()

    def add(self, one: Found, cells: Sequence[str]) -> None:
        """Take up a row: a colleague, or who owns a record."""
        if one.table.role == USERS:
            key, email, name = (first_of(one.sheet, cells, str(one.table.fields[n])) for n in ("id", "email", "name"))
            if all(first_of(one.sheet, cells, n).casefold() in w for n, w in one.table.where.items()):
                name = name or " ".join(
                    first_of(one.sheet, cells, str(one.table.fields.get(n, ""))) for n in ("first", "last")
                )
                for text in (key, email, name):
                    if text.strip():
                        self.told.setdefault(text.strip().casefold(), (email.lower(), name.strip()))
        elif one.table.owner and (text := first_of(one.sheet, cells, one.table.owner)):
            self.met[text] += 1

    def plan(self) -> list[dict[str, Any]]:
        """Everyone who owns something, and the user with the same address, or the same name."""
        users = list(User.objects.filter(is_active=True).values_list("pk", "email", "name"))
        by_email = {email.casefold(): key for key, email, _name in users}
        names = Counter(name.casefold() for _key, _email, name in users)
        by_name = {name.casefold(): key for key, _e, name in users if names[name.casefold()] == 1}
        rows = []
        for text, count in self.met.most_common():
            email, name = self.told.get(text.casefold(), (text.lower() if "@" in text else "", text))
            user = by_email.get(email) or by_name.get((name or text).casefold())
            rows.append({"text": text, "email": email, "name": name or text, "count": count, "user": user})
        return rows


class _Stages:
    """Pipelines and stages that files declare, and those that deals are in."""

    def __init__(self, vendor: Vendor) -> None:
        self.vendor = vendor
        self.declared: dict[str, dict[str, Any]] = {}
        self.met: dict[str, dict[str, Any]] = {}
        self.pipelines: dict[str, str] = {}

    def add(self, one: Found, cells: Sequence[str]) -> None:
        """Take up a row: a pipeline or a stage, or a deal in one."""
        table = one.table

        def text(name: str) -> str:
            given = table.fields.get(name, "")
            return first_of(one.sheet, cells, given.names if hasattr(given, "names") else str(given))

        if table.role == STAGES:
            if text("pipeline_name"):
                self.pipelines[text("pipeline").casefold()] = text("pipeline_name")
            if not text("name"):
                return
            key = f"{text('pipeline').casefold()}|{(text('id') or text('name')).casefold()}"
            self.declared[key] = {
                "name": text("name"), "pipeline": text("pipeline"), "position": text("position"),
                "probability": text("probability"), "closed": text("closed"),
                "outcome": outcome_of(text("won"), text("closed")),
            }  # fmt: skip
        elif table.stage:
            pipeline, stage = (first_of(one.sheet, cells, names) for names in (table.pipeline, table.stage))
            outcome = outcome_of(*(first_of(one.sheet, cells, names) for names in (table.won, table.closed)))
            if stage or pipeline or outcome in {"won", "lost"}:
                met = self.met.setdefault(
                    stage_key(pipeline, stage, outcome),
                    {"pipeline": pipeline, "stage": stage, "outcome": outcome, "probability": "", "count": 0},
                )
                met["count"] += 1
                if outcome not in {"won", "lost"} and not met["probability"]:
                    met["probability"] = first_of(one.sheet, cells, table.probability)

    def plan(self) -> dict[str, Any]:
        """What is to be made, and by which name deals speak of it."""
        return {"declared": self.declared, "met": self.met, "pipelines": self.pipelines}


class _Lists:
    """Price lists that files name, and those that prices are on: one for each currency."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.met: dict[str, dict[str, Any]] = {}

    def add(self, one: Found, cells: Sequence[str]) -> None:
        """Take up a row: the name of a list, or a price."""
        table = one.table
        if table.role == LISTS:
            key, name = (first_of(one.sheet, cells, str(table.fields[n])) for n in ("id", "name"))
            self.names[key.casefold()] = name
        elif table.object == PRICE and (amount := first_of(one.sheet, cells, table.filled)):
            listed = first_of(one.sheet, cells, table.price_list)
            currency = currency_of(first_of(one.sheet, cells, table.currency), amount)
            new = {"list": listed, "currency": currency, "count": 0}
            self.met.setdefault(list_key(listed, currency), new)["count"] += 1

    def plan(self) -> dict[str, Any]:
        """What is to be made, and by which name prices speak of it."""
        return {"names": self.names, "met": self.met}
