"""Rows about records that are there already: left out, filled in, written over, or kept until somebody decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from rapport.features.transfer.loading import sentences
from rapport.features.transfer.mapping import ASK, FILL, MAKE, OVERWRITE, SKIP, ImportMapping
from rapport.features.transfer.rows import SKIPPED, UPDATED, WAITING, Row
from rapport.features.transfer.targets import parse
from rapport.lib.sql import all_of, one_of
from rapport.records import db, matching, write
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.scope import live
from rapport.records.read import visible
from rapport.records.write import storing
from rapport.records.write.batch import Batch, Entry
from rapport.registry.catalog import RegisteredObject
from rapport.registry.env import Env
from rapport.registry.fields import FieldError, FieldSpec
from rapport.registry.types.contacts import ContactsType

WRITING = frozenset({FILL, OVERWRITE})
READY = "marks"
"""What the marks of a batch's rows are called among what is ready."""
Mark = tuple[str, str]
"""A field and one form of its value, as it is compared."""


def comparable(caller: Caller, obj: RegisteredObject) -> list[FieldSpec]:
    """Fields whose values mean one record at most, as far as the caller may see them."""
    return [field for field in caller.visible_fields(obj).values() if matching.identifies(obj, field)]


class Matcher:
    """Tells which records rows are about, by values that mean one record exactly.

    What else may tell it (names that are nearly the same, say) would be another class with `marks` and `find`.
    """

    def __init__(self, caller: Caller, obj: RegisteredObject, names: Iterable[str]) -> None:
        wanted = set(names)
        self.caller, self.obj = caller, obj
        self.fields = [field for field in comparable(caller, obj) if field.name in wanted]
        self.texts = [(field.name, matching.comparer(obj, field)) for field in self.fields]

    def marks(self, entry: Entry) -> list[Mark]:
        """What a row says that tells its record. Needs no lock, and no database."""
        values = entry.values
        return [(name, text) for name, texts in self.texts if (value := values.get(name)) for text in texts(value)]

    def find(self, rows: Sequence[Sequence[Mark]]) -> list[list[int]]:
        """For the marks of each row the live records that the caller may see, the strongest field's first."""
        held: dict[Mark, int] = {}
        texts: dict[str, set[str]] = {field.name: set() for field in self.fields}
        for name, text in chain.from_iterable(rows):
            texts[name].add(text)
        for field in self.fields:
            found = matching.held(self.obj, field, texts[field.name])
            held |= {(field.name, text): key for text, key in found.items()}
        if not held:
            return [[] for _row in rows]
        seen = visible(self.caller, self.obj).allowed(held.values())
        return [list(dict.fromkeys(held[m] for m in marks if m in held and held[m] in seen)) for marks in rows]


def handling(caller: Caller, obj: RegisteredObject, wanted: ImportMapping) -> Handling | None:
    """How rows about known records are handled; None where each makes a record, or none says which it is about."""
    targets = (*(column.target for column in wanted.columns.values()), *wanted.constants)
    named = {parse(caller, obj, target).field.name for target in targets}
    named = named & set(wanted.match) or named
    matcher = Matcher(caller, obj, named)
    return Handling(caller, matcher, wanted.duplicates) if matcher.fields and wanted.duplicates != MAKE else None


class Handling:
    """Writes the rows of a set: new ones are created, the others handled by the policy."""

    def __init__(self, caller: Caller, matcher: Matcher, policy: str) -> None:
        self.caller, self.matcher, self.policy = caller, matcher, policy
        self.obj = matcher.obj

    def get_ready(self, batch: Batch) -> None:
        """Note what tells the records that the rows of a cleaned batch are about."""
        batch.ready[READY] = [self.matcher.marks(entry) for entry in batch.entries]

    def write(self, rows: Sequence[Row], batch: Batch) -> None:
        """Write the rows, of which `batch` is the cleaned form, in the transaction at hand.

        Two rows about one record are written one after the other: the later finds what the earlier has left.
        """
        entries = batch.entries
        if READY not in batch.ready:
            self.get_ready(batch)
        marks = batch.ready[READY]
        left: Sequence[int] = range(len(rows))
        while left:
            new, known, later = self._sorted(left, marks)
            batch.entries = [entries[at] for at in new]
            for position, errors in write.insert(batch).errors.items():
                rows[position].errors += sentences(self.obj, errors)
            self._handle([(rows[at], ids) for at, ids in known])
            left = later

    def _sorted(
        self, left: Sequence[int], marks: Sequence[Sequence[Mark]]
    ) -> tuple[list[int], list[tuple[int, list[int]]], list[int]]:
        """Rows that are new, rows about known records, and rows that say what one before them says."""
        new: list[int] = []
        known: list[tuple[int, list[int]]] = []
        later: list[int] = []
        taken: set[Any] = set()
        of_rows = [marks[at] for at in left]
        found, every = self.matcher.find(of_rows), list(chain.from_iterable(of_rows))
        if not any(found) and len(set(every)) == len(every):
            return list(left), [], []
        for at, ids in zip(left, found, strict=True):
            if ids and self.policy not in WRITING:
                known.append((at, ids))
                continue
            said = (*marks[at], *ids)
            if not taken.isdisjoint(said):
                later.append(at)
                continue
            taken.update(said)
            if ids:
                known.append((at, ids))
            else:
                new.append(at)
        return new, known, later

    def _handle(self, items: Sequence[tuple[Row, list[int]]]) -> None:
        certain: list[tuple[Row, int]] = []
        for row, ids in items:
            if self.policy == SKIP:
                row.outcome = SKIPPED
            elif self.policy == ASK or len(ids) > 1:
                row.outcome, row.matches = WAITING, ids
            else:
                certain.append((row, ids[0]))
        if certain:
            change(self.caller, self.obj, self.policy, certain)


def change(caller: Caller, obj: RegisteredObject, policy: str, items: Sequence[tuple[Row, int]]) -> None:
    """Bring rows to the records that they are about, each record once; the rows say what became of them."""
    env = caller.env()
    with transaction.atomic():
        for part in db.chunks(items):
            keys = [key for _row, key in part]
            where = all_of([one_of("t.id", keys), live(caller, obj, "edit", "t")])
            found = {entry.id: entry.before for entry in storing.full_rows(obj, where)}
            given: dict[int, dict[str, Any]] = {}
            for row, key in part:
                if key not in found:
                    row.errors.append(_("This is about a record that is there, and you may not change it."))
                else:
                    given[key] = changes(obj, policy, found[key], row, env)
            errors = write.update_each(caller, obj.key, [(key, values) for key, values in given.items() if values])
            for row, key in part:
                row.errors += sentences(obj, errors.get(key, {}))
                row.outcome = UPDATED if given.get(key) else SKIPPED


def changes(obj: RegisteredObject, policy: str, before: Mapping[str, Any], row: Row, env: Env) -> dict[str, Any]:
    """What a row changes of a record; a value that its field refuses is left for the write path to refuse."""
    found: dict[str, Any] = {}
    for name, raw in row.values.items():
        field, now = obj.fields[name], before.get(name)
        if name in row.filled or (policy == FILL and not field.type.is_empty(now)):
            continue
        try:
            value = field.type.clean(field, _joined(field, now, field.type.clean(field, raw, env)), env)
        except FieldError:
            value = raw
        if value != now:
            found[name] = value
    return found


def _joined(field: FieldSpec, now: Any, new: Any) -> Any:
    """The new value; of what holds several, what is there with the new ones."""
    if field.type.is_empty(now) or field.type.is_empty(new):
        return now if field.type.is_empty(new) else new
    if isinstance(field.type, ContactsType):
        return _points(field, now, new)
    if field.type.key == "address":
        return _address(now, new)
    if isinstance(now, tuple) and isinstance(new, tuple):
        return (*now, *(item for item in new if item not in now))
    return new


def _points(field: FieldSpec, now: Sequence[Any], new: Sequence[Any]) -> tuple[Any, ...]:
    """Contact points: an address takes the place of the one with its label, all else stands behind what is there."""
    points = list(now)
    for point in new:
        if field.type.key != "addresses":
            if all(point["value"].casefold() != known["value"].casefold() for known in points):
                points.append(point)
            continue
        at = next((n for n, known in enumerate(points) if known.get("label") == point.get("label")), None)
        if at is None:
            points.append(point)
        else:
            points[at] = _address(points[at], point)
    return tuple(points)


def _address(now: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """A whole address replaces another; one without a street adds its parts."""
    return dict(new) if new.get("street") else {**now, **new}
