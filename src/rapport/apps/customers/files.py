"""Files on the timeline of the record that they belong to; those of its people on that of a company too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from rapport.features.timeline.entries import Before, Entry, Phrase, Ref, Strong
from rapport.features.timeline.sql import either, older
from rapport.lib.format import format_filesize
from rapport.lib.sql import Sql, all_of
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.read import visible
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.registry.extensions import TimelineSource
from rapport.registry.types.dates import DateTimeType

_DATETIME = DateTimeType()


def files(caller: Caller, obj: RegisteredObject, record_id: int, before: Before, limit: int) -> Sequence[Entry]:
    """The newest files of a record; nothing for whoever may see no files."""
    file = catalog.current()["file"]
    if not caller.may(file, "read"):
        return []
    where = all_of([_of(obj.key, record_id), visible(caller, file).where(), older("t.created_at", "t.id", before)])
    rows = db.rows(
        Sql(
            "SELECT t.id, t.created_at, t.name, t.size, t.object_key, t.record_id, u.name FROM files_file t "
            f"LEFT JOIN records_user u ON u.id = t.created_by_id WHERE {where.text} "
            f"ORDER BY t.created_at DESC, t.id DESC LIMIT {int(limit)}",
            where.params,
        )
    )
    others = [row[5] for row in rows if row[4] != obj.key]
    people = visible(caller, "person").labels(others) if others else {}
    return [_entry(caller, row, people.get(row[5]) if row[4] != obj.key else None) for row in rows]


def _of(key: str, record_id: int) -> Sql:
    own = Sql("object_key = %s AND record_id = %s", (key, record_id))
    if key != "company":
        return Sql("t.object_key = %s AND t.record_id = %s", own.params)
    people = "SELECT id FROM customers_person WHERE company_id = %s"
    return either("t", "files_file", own, Sql(f"object_key = 'person' AND record_id IN ({people})", (record_id,)))


def _entry(caller: Caller, row: tuple[Any, ...], person: str | None) -> Entry:
    key, at, name, size, _key, record_id, who = row
    parts: dict[str, Any] = {"who": Strong(who or "Rapport"), "file": Ref("file", key, name)}
    text = _("{who} added the file {file}")
    if person is not None:
        text = _("{who} added the file {file} to {person}")
        parts["person"] = Ref("person", record_id, person)
    return Entry(
        at=_DATETIME.from_json(at) or caller.env().now,
        tie=key,
        icon="paperclip",
        tone="teal",
        title=Phrase(text, parts),
        meta=format_filesize(size, get_language() or "en"),
    )


SOURCE = TimelineSource(
    name="files", label=gettext_lazy("Files"), objects=("*",), entries=files, covers=("file",),
)  # fmt: skip
