"""What apps and features add to pages: panels, tiles, composers, pages of their own, settings, steps of the tour."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rapport.registry.fields import Text


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
class Beside:
    """A part of the forms of `composers`, beside their fields.

    `context(caller, record, composer, sent, errors)` gives the template's context (there it is `part`), or None for no
    part; `sent` is what was entered before, by name of the input, `errors` what was refused. `keep(caller, record,
    composer, made, sent)` writes what was entered, once the record `made` is there and in its transaction; it may be
    run twice for one record. It raises Invalid for what it refuses; then nothing is written.
    """

    name: str
    composers: tuple[str, ...]
    template: str
    context: Callable[..., Mapping[str, Any] | None]
    keep: Callable[..., None]
    order: int = 50


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
class MenuGroup:
    """A part of the main menu; objects and pages say by its name (`menu`) that they belong to it."""

    name: str
    label: Text
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
    menu: str = ""
    offered: Callable[[Any], bool] = lambda caller: True
    open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicRoute:
    """What programs and browsers are answered without a session, cookie or form; `surfaces.public` mounts it.

    `path` is compared piece by piece, without regard to a slash at the end; `<name>` stands for any one piece.
    `run(asked)` gets a `surfaces.public.asking.Asked` and gives an `Answer` or raises `Refused`. A body of more than
    `most_bytes`, packed or unpacked, does not reach it. `origins(origin)` tells whether pages of an origin may ask at
    all: what browsers want to know beforehand. Which origin may read an answer, the answer itself says.
    """

    name: str
    path: str
    methods: tuple[str, ...]
    run: Callable[[Any], Any]
    most_bytes: int = 64 * 1024
    origins: Callable[[str], bool] = lambda origin: False


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarLayer:
    """Records of an object that stand in people's calendars, at the day or moment in the field `at`.

    `who` is the field of the user whose calendar it is, `minutes` the field of how long it takes (`usual` where that
    is empty), `only` a filter of the records that belong there, `done` a field and its value that strike one out.
    With `busy`, colleagues of the same team who may not read a record see that its time is taken, and nothing else.
    `preset` is given to a new record that is made in an empty place (None: none is made there). A layer that is not
    `shown` waits until somebody ticks it.
    """

    name: str
    label: Text
    icon: str
    object_key: str
    at: str
    who: str
    minutes: str = ""
    usual: int = 30
    only: Mapping[str, Any] | None = None
    done: tuple[str, str] | None = None
    busy: bool = False
    preset: Mapping[str, str] | None = None
    make: Text = ""
    """What an entry in the menu of an empty place says."""
    tone: str = "blue"
    shown: bool = True
    order: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class TourStop:
    """A station of the tour through the product: a short text beside a page that shows what it says.

    `where(caller)` gives the path of the page, on a record that suits, or None where the caller has nothing to see;
    `show` is a CSS selector of what the text speaks of.
    """

    name: str
    title: Text
    text: Text
    where: Callable[[Any], str | None]
    show: str = ""
    order: int = 50
