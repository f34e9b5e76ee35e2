"""Event sources: their write keys, the origins that may send, what is counted of them."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts import audit, users
from rapport.records.accounts.caller import Caller
from rapport.records.errors import NotFound
from rapport.records.read import visible
from rapport.records.write import Batch

KEY = "event_source"
TABLE, MINUTES = "cdp_eventsource", "cdp_intakeminute"
MINUTE = 60
MOST_ORIGINS = 100


@dataclass(frozen=True, slots=True)
class Source:
    """A source as the intake knows it."""

    id: int
    origins: frozenset[str]
    makes_people: bool


def prepare(batch: Batch) -> None:
    """Origins as browsers send them: scheme and host in lower case, with a port where it is not the usual one."""
    for entry in batch.entries:
        if "origins" not in entry.values:
            continue
        lines = [line.strip() for line in (entry.values["origins"] or "").splitlines() if line.strip()]
        found = [origin_of(line) for line in lines]
        for line, origin in zip(lines, found, strict=True):
            if not origin:
                said = _("%(line)s is no origin. Write it like https://shop.example.")
                entry.refuse("origins", said % {"line": line})
        if len(lines) > MOST_ORIGINS:
            entry.refuse("origins", _("These are too many."))
        entry.values["origins"] = "\n".join(dict.fromkeys(found))


def origin_of(text: str) -> str:
    """The origin in a line that somebody wrote, empty where it is none."""
    try:
        parts = urlsplit(text)
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode()
    except ValueError:  # as of codecs, too
        return ""
    if parts.scheme not in {"http", "https"} or not host or parts.path not in {"", "/"} or parts.query or "@" in text:
        return ""
    if any(not (c.isalnum() or c in ".-_:") for c in host):
        return ""
    host = f"[{host}]" if ":" in host else host
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != usual else "")


def effects(batch: Batch) -> None:
    """A write key for each new source."""
    if batch.action == "create":
        rows = [(secrets.token_urlsafe(24), entry.id) for entry in batch.entries]
        db.execute_many(f"UPDATE {TABLE} SET write_key = %s WHERE id = %s", rows)


def replace_key(caller: Caller, source_id: int) -> None:
    """A new write key; the old one is refused from now on. Raises Forbidden, NotFound."""
    users.check_administrator(caller)
    name = visible(caller, KEY).get(source_id).title
    db.execute(Sql(f"UPDATE {TABLE} SET write_key = %s WHERE id = %s", (secrets.token_urlsafe(24), source_id)))
    audit.record("write key replaced", caller=caller, subject=name)


def key_of(caller: Caller, source_id: int) -> str:
    """The write key of a source, for administrators. Raises Forbidden, NotFound."""
    users.check_administrator(caller)
    found = db.row(Sql(f"SELECT write_key FROM {TABLE} WHERE id = %s AND deleted_at IS NULL", (source_id,)))
    if found is None:
        raise NotFound
    return str(found[0])


def by_key(key: str) -> Source | None:
    """The source that takes events under a write key."""
    if not key or len(key) > 60 or "\0" in key:
        return None
    text = (
        f"SELECT id, origins, makes_people FROM {TABLE} WHERE write_key = %s AND deleted_at IS NULL AND active LIMIT 1"
    )
    row = db.row(Sql(text, (key,)))
    return Source(row[0], frozenset(row[1].split()), bool(row[2])) if row else None


def is_origin(origin: str) -> bool:
    """Whether pages of an origin may send to any source, which is all that a browser's question beforehand tells."""
    text = f"SELECT origins FROM {TABLE} WHERE deleted_at IS NULL AND active AND origins <> ''"
    return any(origin in row[0].split() for row in db.rows(Sql(text)))


@dataclass(frozen=True, slots=True)
class Counts:
    """What a source sent: the minute of the last events, how many since a moment today and in a week, how many of
    these were refused, and why at last.
    """

    last: dt.datetime | None
    today: int
    week: int
    refused: int
    reason: str


def counts(ids: Sequence[int], midnight: dt.datetime, now: dt.datetime) -> dict[int, Counts]:
    """What sources sent today and in seven days."""
    today, week = int(midnight.timestamp()) // MINUTE, int(now.timestamp()) // MINUTE - 7 * 24 * 60
    text = (
        "SELECT source_id, MAX(CASE WHEN taken > 0 THEN minute END), "
        "SUM(CASE WHEN minute >= %s THEN taken ELSE 0 END), "
        "SUM(CASE WHEN minute >= %s THEN taken ELSE 0 END), SUM(CASE WHEN minute >= %s THEN refused ELSE 0 END), "
        "MAX(CASE WHEN refused > 0 THEN minute END) "
        f"FROM {MINUTES} WHERE source_id IN ({db.marks(ids)}) GROUP BY source_id"
    )
    rows = db.rows(Sql(text, (today, week, week, *ids))) if ids else []
    found = {}
    for source, last, of_today, of_week, refused, failed in rows:
        why = Sql(f"SELECT reason FROM {MINUTES} WHERE source_id = %s AND minute = %s", (source, failed))
        reason = (db.row(why) or ("",))[0] if failed else ""
        moment = dt.datetime.fromtimestamp(last * MINUTE, dt.UTC) if last else None
        found[source] = Counts(moment, int(of_today), int(of_week), int(refused), reason)
    return found


def forget(_context: object) -> None:
    """Counts older than a month go, but for the last ones of a source."""
    month = int(dt.datetime.now(dt.UTC).timestamp()) // MINUTE - 31 * 24 * 60
    text = (
        f"DELETE FROM {MINUTES} WHERE minute < %s AND minute < "
        f"(SELECT MAX(m.minute) FROM {MINUTES} m WHERE m.source_id = {MINUTES}.source_id)"
    )
    db.execute(Sql(text, (month,)))
