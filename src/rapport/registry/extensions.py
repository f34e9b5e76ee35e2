"""Extension points: frozen data that apps and features register and that surfaces and the engine mount.

Each kind is a small dataclass; `register` files it, `all_of(kind)` lists those of a kind in the order registered.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from rapport.registry.fields import Text
from rapport.registry.objects import Action

E = TypeVar("E")


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A panel of the page of a record. `context(caller, record)` gives the template's context, or None for no panel.

    `covers` names objects whose records it shows, so that the page lists them nowhere else.
    """

    name: str
    objects: tuple[str, ...]
    template: str
    context: Callable[[Any, Any], Mapping[str, Any] | None]
    title: Text = ""
    place: str = "side"
    order: int = 50
    covers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A tile of the home page. `context(caller)` gives the template's context, or None for no tile.

    The context may hold `more_url` (the list behind the tile) and `count`, which the tile's head shows.
    """

    name: str
    template: str
    context: Callable[[Any], Mapping[str, Any] | None]
    title: Text
    order: int = 50
    wide: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstStep:
    """A step of a new organisation, on the home page until it is done. `done(caller)` looks at most at one row.

    `offered(caller)` tells who is shown it; `url` is a path, asked for at each showing.
    """

    name: str
    label: Text
    text: Text
    icon: str
    url: Callable[[], str]
    done: Callable[[Any], bool]
    offered: Callable[[Any], bool] = lambda caller: True
    order: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command of `rapport`: `callback` is a click command that may use Django."""

    name: str
    callback: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Background work. `run(context)` may be run twice; `every` schedules it. A lost lease starts it again."""

    name: str
    run: Callable[[Any], Any]
    label: Text
    every: dt.timedelta | None = None
    attempts: int = 5
    lease: dt.timedelta = dt.timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class On:
    """Told of events after their commit, in their order, at least once. `events`: `object.action`, `*` for any part.

    `run(events)` gets one or several. It runs in a transaction: what it writes to the database is written once.
    """

    name: str
    events: tuple[str, ...]
    run: Callable[[Any], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """A part of every write of the engine, in its transaction: `run(batch)`. For what must never lag, as search."""

    name: str
    run: Callable[[Any], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineSource:
    """Entries for the timeline of a record.

    `entries(caller, obj, record_id, before, limit)` gives the newest `limit` entries older than the position `before`
    (`(moment, tie)` or None), newest first by moment and tie, without looking at more rows than it returns.
    `covers` names objects whose records it shows, so that the page lists them nowhere else; `tells` names fields
    (`object.field`) whose changes it shows, so that the change log is not shown for them as well.
    """

    name: str
    label: Text
    objects: tuple[str, ...]
    entries: Callable[..., Sequence[Any]]
    covers: tuple[str, ...] = ()
    tells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Composer:
    """A short form on the page of a record that makes a record of `object_key` about it.

    `fields` are shown, the first one large; `preset` is set without being shown; `about(caller, record)` gives the
    values that tie the new record to the one on the page. When a field of `live` changes, the form comes again with
    what `fill(caller, record, values)` makes of what was entered.
    """

    name: str
    label: Text
    icon: str
    object_key: str
    objects: tuple[str, ...]
    fields: tuple[str, ...]
    about: Callable[[Any, Any], Mapping[str, Any]]
    live: tuple[str, ...] = ()
    fill: Callable[[Any, Any, Mapping[str, Any]], Mapping[str, Any]] | None = None
    preset: Mapping[str, Any] = field(default_factory=dict)
    prompt: Text = ""
    submit: Text = ""
    mentions: bool = False
    """Whether typing @ in the large field offers users."""
    order: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """An act that an app adds to the records of `object_key`, an object of another domain."""

    name: str
    object_key: str
    action: Action


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
class PersonalData:
    """What else holds a record's personal data: `export(obj, id)` tells it, `erase(obj, ids)` removes it."""

    name: str
    objects: tuple[str, ...]
    erase: Callable[[Any, list[int]], None]
    export: Callable[[Any, int], Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A page of the settings. `view` is a Django view; `right` is `admin` or empty for everyone."""

    name: str
    path: str
    view: Callable[..., Any]
    label: Text
    icon: str
    group: Text
    right: str = "admin"
    order: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of its own. `path` is a Django route from the root, `view` a Django view, `name` names its address.

    `navigation` is its place in the main menu, among those of objects (0: not there), for whom `offered(caller)` holds;
    the view itself refuses whoever may not see it. `open` pages answer without a session: they come by a secret link.
    """

    name: str
    path: str
    view: Callable[..., Any]
    label: Text = ""
    icon: str = "file"
    navigation: int = 0
    offered: Callable[[Any], bool] = lambda caller: True
    open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What `doctor` found: `ok`, what it saw, and what to do when not ok."""

    ok: bool
    saw: str
    todo: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A check of `rapport doctor`."""

    name: str
    run: Callable[[], CheckResult]


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """Demo data of one domain: `load(context)` after those named in `after`.

    Records are removed by the mark on their writes; `remove()` takes out what is no record.
    """

    name: str
    load: Callable[[Any], None]
    after: tuple[str, ...] = field(default_factory=tuple)
    remove: Callable[[], None] | None = None


_registered: dict[type[Any], dict[str, Any]] = {}


def register(*extensions: Any) -> None:
    """File extensions by kind. Raises ValueError when a name of the kind is taken."""
    for extension in extensions:
        named = _registered.setdefault(type(extension), {})
        if extension.name in named:
            raise ValueError(f"{type(extension).__name__} {extension.name!r} is registered")
        named[extension.name] = extension


def all_of(kind: type[E]) -> list[E]:
    """Extensions of a kind, in the order registered."""
    return list(_registered.get(kind, {}).values())


def named(kind: type[E], name: str) -> E | None:
    """The extension of a kind with this name."""
    return _registered.get(kind, {}).get(name)
