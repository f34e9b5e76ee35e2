"""Erasing a record from imports: rows that were refused or noted and tell of it, uploaded files that hold such rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rapport.features.transfer import runs
from rapport.features.transfer.reading import Source
from rapport.lib import json
from rapport.lib.sql import Sql, one_of
from rapport.records import db
from rapport.records.errors import Invalid
from rapport.records.write import storing
from rapport.registry.catalog import RegisteredObject

PART = 1000
EXACT, NUMBERS = frozenset({"email", "emails", "handles"}), frozenset({"phone", "phones"})
SHORTEST = 6
"""Digits without the leading zero from which on a number tells of somebody."""
_PARTS, _OTHER = re.compile(r"[;,\n]"), re.compile(r"\D")


@dataclass(slots=True)
class Traits:
    """What rows tell a record by: addresses and unique values, numbers as digits, names as sets of words."""

    exact: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    names: set[frozenset[str]] = field(default_factory=set)

    def learn(self, obj: RegisteredObject, get: Callable[[str], Any]) -> None:
        """Take up the values of a record, present or former ones."""
        for spec in obj.fields.values():
            value = get(spec.name)
            if spec.type.storage == "computed" or spec.type.is_empty(value):
                continue
            parts = value if isinstance(value, tuple | list) else [value]
            texts = [str(p.get("value", "") if isinstance(p, Mapping) else p) for p in parts]
            if spec.type.key in NUMBERS:
                self.numbers.update(_digits(text) for text in texts)
            elif spec.type.key in EXACT or spec.unique:
                self.exact.update(_plain(text) for text in texts)
            if spec.name == obj.spec.title:
                self.names.update(frozenset(_plain(text).split()) for text in texts)

    def tell_in(self, cells: Iterable[str]) -> bool:
        """Whether a row tells of the record."""
        words: set[str] = set()
        for cell in cells:
            for part in _PARTS.split(cell):
                plain, digits = _plain(part), _digits(part)
                if plain in self.exact or (len(digits) >= SHORTEST and any(n.endswith(digits) for n in self.numbers)):
                    return True
                words.update(plain.split())
        return any(name <= words for name in self.names)


def erase(obj: RegisteredObject, ids: list[int]) -> None:
    """Remove what imports keep of records; a run whose file is removed can't be taken up without another upload."""
    traits = Traits()
    for part in db.chunks(ids):
        for entry in storing.full_rows(obj, one_of("t.id", part), lock=False):
            traits.learn(obj, entry.before.get)
        for values in _former(obj, part):
            traits.learn(obj, values.get)
    _erase_issues(traits)
    kept = "SELECT id, path, source FROM transfer_importrun WHERE stored AND path <> ''"
    for key, path, source in db.rows(Sql(kept)):
        if _in_file(traits, path, json.column(source)):
            runs.remove_file(key, path)
    for key, path, source in db.rows(Sql("SELECT id, path, source FROM transfer_importdraft")):
        if _in_file(traits, path, json.column(source)):
            runs.remove_draft(key, path)


def _former(obj: RegisteredObject, ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Values that the records had, by the change log."""
    text = f"SELECT diff FROM records_change WHERE object_key = %s AND record_id IN ({db.marks(ids)})"
    for (raw,) in db.rows(Sql(text, (obj.key, *ids))):
        diff = json.column(raw) or {}
        for at in (0, 1):
            yield {n: obj.fields[n].type.from_json(diff[n][at]) for n in obj.fields.keys() & diff.keys()}


def _erase_issues(traits: Traits) -> None:
    last = 0
    while found := db.rows(
        Sql(f"SELECT id, cells FROM transfer_importissue WHERE id > %s ORDER BY id LIMIT {PART}", (last,))
    ):
        last = found[-1][0]
        doomed = [key for key, cells in found if traits.tell_in(str(c) for c in json.column(cells))]
        if doomed:
            db.execute(Sql(f"DELETE FROM transfer_importissue WHERE id IN ({db.marks(doomed)})", tuple(doomed)))


def _in_file(traits: Traits, path: str, source: Any) -> bool:
    """Whether a stored file tells of a record; one that can't be read any more is removed as well."""
    try:
        with runs.copied(path) as copy:
            return any(traits.tell_in(cells) for _line, cells in Source.from_json(copy, source).rows())
    except Invalid:
        return True
    except FileNotFoundError:
        return False


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _digits(text: str) -> str:
    """Digits as they end in any notation of a number: +49 171…, 0171… and 0049 171… are one."""
    return _OTHER.sub("", text).lstrip("0")
