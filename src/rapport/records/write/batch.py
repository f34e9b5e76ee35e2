"""A batch: the records that one act writes, as hooks see them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rapport.records.accounts.caller import Caller
from rapport.registry.catalog import RegisteredObject
from rapport.registry.env import Env

CREATE, UPDATE, DELETE, RESTORE, ERASE = "create", "update", "delete", "restore", "erase"
MERGE, MERGED, UNMERGE, UNMERGED, MOVE = "merge", "merged", "unmerge", "unmerged", "move"
"""What the log says of a survivor, of the records merged into it, and of records whose reference moved along."""


@dataclass(slots=True)
class Entry:
    """One record of a batch. `before` is the whole record as it was (empty for a new one), `values` what is set.

    A `prepare` hook may change `values` and add to `errors`; an entry with errors is not written.
    `at` is the moment when it happened, for what is written afterwards (a migration); None: now. `told` is what the
    log will say of it, as JSON; `tail`, of a new one, the columns that wait for nothing but its key.
    """

    id: int = 0
    version: int = 0
    before: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, list[Any]] = field(default_factory=dict)
    custom: dict[str, Any] = field(default_factory=dict)
    position: int = 0
    at: dt.datetime | None = None
    told: str = ""
    tail: tuple[Any, ...] = ()

    def get(self, name: str) -> Any:
        """The value of a field as it will be."""
        return self.values[name] if name in self.values else self.before.get(name)

    def changes(self, name: str) -> bool:
        """Whether the write gives a field another value."""
        return name in self.values and self.values[name] != self.before.get(name)

    def refuse(self, name: str, message: Any) -> None:
        """Refuse the entry for what stands in a field."""
        self.errors.setdefault(name, []).append(message)


@dataclass(slots=True)
class Batch:
    """What one act writes: all entries are of one object and one action. `changed` names the fields in their logs.

    `told_as` is what the log and the event call the act, where it is part of a larger one: hooks see an update, a
    deletion, a restoration, and the log a merge. `ready` holds what features have prepared, by their names.
    """

    caller: Caller
    obj: RegisteredObject
    action: str
    entries: list[Entry]
    env: Env
    changed: set[str] = field(default_factory=set)
    told_as: str = ""
    ready: dict[str, Any] = field(default_factory=dict)

    @property
    def at(self) -> dt.datetime:
        """The moment of the act."""
        return self.env.now

    def moment(self, entry: Entry) -> dt.datetime:
        """The moment of one entry: its own, or that of the act."""
        return entry.at or self.env.now

    @property
    def ids(self) -> list[int]:
        """Keys of the records."""
        return [e.id for e in self.entries]

    def sound(self) -> Iterator[Entry]:
        """Entries that were not refused so far."""
        return (e for e in self.entries if not e.errors)

    def diff(self, entry: Entry) -> Mapping[str, list[Any]]:
        """Field to [before, after] in JSON form, of what the write changes."""
        fields = self.obj.fields
        found: dict[str, list[Any]] = {}
        if not entry.before:
            encoded = self.obj.encoded
            for name, value in entry.values.items():
                if value or value == 0:
                    encode = encoded[name]
                    new = value if encode is None else encode(value)
                    if new is not None:
                        found[name] = [None, new]
            return found
        for name, value in entry.values.items():
            type_ = fields[name].type
            old, new = type_.to_json(entry.before.get(name)), type_.to_json(value)
            old, new = old if old != "" else None, new if new != "" else None
            if old != new:
                found[name] = [old, new]
        return found
