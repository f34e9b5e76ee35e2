"""What apps and features add to records: within and after a write, identities, rules of merges and archives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rapport.registry.fields import Choice, Text
from rapport.registry.objects import Action


@dataclass(frozen=True, slots=True, kw_only=True)
class On:
    """Told of events after their commit, in their order, at least once. `events`: `object.action`, `*` for any part.

    `run(events)` gets one or several. It runs in a transaction: what it writes to the database is written once. While
    `wanted()` says no, it is told nothing.
    """

    name: str
    events: tuple[str, ...]
    run: Callable[[Any], None]
    wanted: Callable[[], bool] = lambda: True


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """A part of every write of the engine, in its transaction: `run(batch)`. For what must never lag, as search.

    `prepare(batch)` gives what can be made of new records before they have keys, without the database, perhaps in
    another process: it must be able to be pickled. `run` finds it in `batch.ready` under the name of the part, unless
    values were changed meanwhile; it may know of more records, by `position`, than are left in the batch.
    """

    name: str
    run: Callable[[Any], None]
    prepare: Callable[[Any], Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """What the gate of a stage may ask for besides, before a deal leaves the stage for a later one.

    `left(leaving)` gets stages by deal, and gives what is still to be done, in words, by deal.
    """

    name: str
    label: Text
    left: Callable[[Mapping[int, int]], Mapping[int, Sequence[str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """An act that an app adds to the records of `object_key`, an object of another domain."""

    name: str
    object_key: str
    action: Action


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """Options of a choice field that are kept in rows. `of()` gives all of them in order, when the catalog is made.

    Whoever changes the rows raises the epoch of definitions, so that every process makes its catalog anew.
    """

    name: str
    object_key: str
    field: str
    of: Callable[[], Sequence[Choice]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A kind of notification. `text` says it with `{who}` and `{record}`; `mail` is how it is mailed unless chosen.

    `mail`: `now`, `digest` (once a day) or `never`.
    """

    name: str
    label: Text
    text: Text
    icon: str
    tone: str = "blue"
    mail: str = "digest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """What tells users of something besides records: `tell(user_id, kind, key, subject, text, page)`.

    `kind` names a `Notice`; the same `key` is told once; `{record}` in the notice is the `subject`; `page` is a path.
    """

    name: str
    tell: Callable[..., None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A field with contact points that tell who a record of `object_key` is, each one record at most.

    `normal(value)` is the form in which a point is compared, `find(values)` tells which records hold normal forms.
    """

    name: str
    object_key: str
    field: str
    normal: Callable[[str], str]
    find: Callable[[Sequence[str]], Mapping[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeRule:
    """What the models do not say of a merge: rows of the tables in `stays` keep pointing at the merged record.

    All other rows that point at it move to the survivor, and back when the merge is taken back.
    """

    name: str
    stays: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveRule:
    """What the models do not say of an archive of the whole organisation. Every table is in it, but those named here.

    Tables are `app.Model`, columns `app.Model.field`. `out`: what is never in it, and why. `secret`: what is in it only
    when asked for, with what stands in an imported column otherwise; `sealed`: the same of columns that only the
    deployment with the same secret key reads. `files`: tables whose rows name bytes in the file storage, with their
    columns of path and SHA-256. `remake()` makes anew what is left out, in the transaction of an import.
    """

    name: str
    out: Mapping[str, str] = field(default_factory=dict)
    secret: Mapping[str, str] = field(default_factory=dict)
    sealed: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    remake: Callable[[], Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalData:
    """What else holds a record's personal data: `export(obj, id)` tells it, `erase(obj, ids)` removes it."""

    name: str
    objects: tuple[str, ...]
    erase: Callable[[Any, list[int]], None]
    export: Callable[[Any, int], Any] | None = None
