"""Gathers the timeline of a record from the registered sources, page by page."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from rapport.features.timeline.entries import LARGEST, Before, Entry
from rapport.lib import json
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid
from rapport.registry import extensions
from rapport.registry.catalog import RegisteredObject
from rapport.registry.extensions import TimelineSource

Cursor = tuple[dt.datetime, str, int]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Entries, newest first, and the cursor of the older ones or None."""

    entries: tuple[Entry, ...]
    next: str | None


def sources_of(obj: RegisteredObject) -> list[TimelineSource]:
    """The sources that tell of an object's records; one for all objects leaves out those that it covers."""
    return [s for s in extensions.all_of(TimelineSource) if obj.key in s.objects or _covers_all(s, obj.key)]


def _covers_all(source: TimelineSource, key: str) -> bool:
    return "*" in source.objects and key not in source.covers


def gather(
    caller: Caller, obj: RegisteredObject, record_id: int, *, show: str = "", cursor: str = "", limit: int = 30
) -> Timeline:
    """A page of the timeline of a record that the caller may see; `show` names the one source to hear. Raises Invalid.

    Entries are ordered by moment, then by source, then by tie, so that a page goes on exactly where the last one ended.
    """
    at = _read(cursor)
    found: list[Entry] = []
    for source in sources_of(obj):
        if show and source.name != show:
            continue
        told: Sequence[Entry] = source.entries(caller, obj, record_id, _before(at, source.name), limit + 1)
        found += [replace(entry, source=source.name) for entry in told]
    found.sort(key=_order, reverse=True)
    following = _write(found[limit - 1]) if len(found) > limit else None
    return Timeline(tuple(found[:limit]), following)


def _order(entry: Entry) -> tuple[dt.datetime, str, int]:
    return entry.at, entry.source, entry.tie


def _before(at: Cursor | None, name: str) -> Before:
    """Where one source goes on, given where all of them ended."""
    if at is None:
        return None
    moment, source, tie = at
    return moment, tie if name == source else LARGEST if name < source else 0


def _write(entry: Entry) -> str:
    text = json.dumps([entry.at.isoformat(), entry.source, entry.tie])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str) -> Cursor | None:
    if not cursor:
        return None
    try:
        moment, source, tie = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        read = dt.datetime.fromisoformat(moment)
        if read.tzinfo is None or not isinstance(source, str) or not isinstance(tie, int) or not 0 <= tie <= LARGEST:
            raise ValueError
        if not 1000 < read.year < 9998:
            raise ValueError
    except (ValueError, TypeError) as error:
        raise Invalid({"cursor": [_("This link is out of date. Open the record again.")]}) from error
    return read, source, tie
