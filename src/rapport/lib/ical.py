"""Appointments as iCalendar (RFC 5545), and invitations to them (RFC 5546).

`icalendar` is loaded by the first calendar: it takes longer to load than most commands take to run.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from icalendar import Event, vCalAddress

PRODID = "-//Rapport//CRM//EN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """Something at a time. `uid` stays the same over all versions, of which `sequence` counts."""

    uid: str
    summary: str
    start: dt.datetime
    end: dt.datetime
    changed: dt.datetime
    description: str = ""
    url: str = ""
    sequence: int = 0
    busy: bool = True
    organizer: tuple[str, str] | None = None
    """Name and mail address."""
    attendees: Sequence[tuple[str, str]] = ()


def calendar(name: str, appointments: Iterable[Appointment], *, method: str = "PUBLISH") -> bytes:
    """A calendar of appointments. `method`: PUBLISH for a feed, REQUEST for an invitation."""
    from icalendar import Calendar

    made = Calendar()
    made.add("prodid", PRODID)
    made.add("version", "2.0")
    made.add("method", method)
    made.add("x-wr-calname", name)
    for appointment in appointments:
        made.add_component(_event(appointment))
    text: bytes = made.to_ical()
    return text


def _event(a: Appointment) -> Event:
    from icalendar import Event, vText

    event = Event()
    event.add("uid", a.uid)
    event.add("summary", a.summary)
    for name, moment in (("dtstart", a.start), ("dtend", a.end), ("dtstamp", a.changed), ("last-modified", a.changed)):
        event.add(name, moment.astimezone(dt.UTC))
    event.add("sequence", a.sequence)
    event.add("transp", "OPAQUE" if a.busy else "TRANSPARENT")
    if a.description:
        event.add("description", a.description)
    if a.url:
        event.add("url", a.url)
    if a.organizer:
        event["organizer"] = _address(*a.organizer)
    for name, address in a.attendees:
        attendee = _address(name, address)
        attendee.params["ROLE"] = vText("REQ-PARTICIPANT")
        attendee.params["RSVP"] = vText("TRUE")
        event.add("attendee", attendee, encode=False)
    return event


def _address(name: str, address: str) -> vCalAddress:
    from icalendar import vCalAddress, vText

    made = vCalAddress(f"MAILTO:{address}")
    made.params["CN"] = vText(name or address)
    return made
