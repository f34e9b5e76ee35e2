"""Imports in the making: a file that was uploaded, how it is read, where its columns go; tried, then begun."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from typing import Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.utils import timezone
from django.utils.crypto import get_random_string

from rapport.features.transfer import guessing, importing, jobs, making, mapping, runs
from rapport.features.transfer.cells import restored
from rapport.features.transfer.mapping import CREATE, LEAVE, Column, ImportMapping
from rapport.features.transfer.models import ImportDraft, ImportRun
from rapport.features.transfer.reading import Source
from rapport.features.transfer.targets import Target, offered, parse
from rapport.lib import json
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.customising import definitions
from rapport.records.errors import Forbidden, NotFound
from rapport.records.jobs import queue
from rapport.records.jobs.models import JobRow
from rapport.records.jobs.models import State as JobState
from rapport.records.write.creating import registered
from rapport.registry.catalog import RegisteredObject

PREVIEW, SAMPLE = 10, 1000
TRY = "import-try"
OPTIONS = ("format", "encoding", "delimiter", "header", "sheet")


@dataclass(frozen=True, slots=True)
class Content:
    """What columns hold, of the first rows: cells to show; how many of `SAMPLE` are filled, kinds, first values."""

    rows: list[tuple[int, list[str]]]
    filled: Mapping[str, int]
    kinds: Mapping[str, str]
    values: Mapping[str, Sequence[str]]


def make(caller: Caller, key: str, upload: File[bytes]) -> ImportDraft:
    """Keep an uploaded file and propose how to import it. Raises Forbidden, Invalid."""
    if not caller.may(registered(key), "create"):
        raise Forbidden
    path = default_storage.save(f"imports/{get_random_string(24)}", upload)
    try:
        draft = ImportDraft(
            object_key=key, name=(upload.name or "")[:200], path=path, user_id=caller.user_id, created_at=timezone.now()
        )
        _read(caller, draft, {})
        draft.pk = _insert(draft)
    except Exception:
        default_storage.delete(path)
        raise
    return draft


def _changing(draft: ImportDraft) -> dict[str, str | None]:
    """What of a draft may change, as it is stored."""
    kept = {name: json.dumps(getattr(draft, name)) for name in ("source", "mapping", "guessed")}
    return {**kept, "trial": None if draft.trial is None else json.dumps(draft.trial)}


def _insert(draft: ImportDraft) -> int:
    """Store a new draft; its key."""
    fixed = {name: getattr(draft, name) for name in ("object_key", "name", "path", "user_id")}
    values = {**fixed, "created_at": db.dialect().moment(draft.created_at), **_changing(draft)}
    text = f"INSERT INTO transfer_importdraft ({', '.join(values)}) VALUES ({db.marks(tuple(values))}) RETURNING id"
    made = db.row(Sql(text, tuple(values.values())))
    assert made is not None
    return int(made[0])


def _keep(draft: ImportDraft) -> None:
    """Store what changed of a draft."""
    changing = _changing(draft)
    sets = ", ".join(f"{name} = %s" for name in changing)
    db.execute(Sql(f"UPDATE transfer_importdraft SET {sets} WHERE id = %s", (*changing.values(), draft.pk)))


def _note(draft_id: int, trial: str | None) -> None:
    """Keep what trying gave."""
    db.execute(Sql("UPDATE transfer_importdraft SET trial = %s WHERE id = %s", (trial, draft_id)))


def of(caller: Caller, draft_id: int) -> ImportDraft:
    """A draft of the caller. Raises NotFound."""
    draft = ImportDraft.objects.filter(pk=draft_id, user_id=caller.user_id).first()
    if draft is None or not caller.may(registered(draft.object_key), "create"):
        raise NotFound
    return draft


def read_again(caller: Caller, draft: ImportDraft, told: Mapping[str, Any]) -> None:
    """Read the file as is told (see `Wishes`), and propose anew. Raises Invalid."""
    _read(caller, draft, told)
    _keep(draft)


def _read(caller: Caller, draft: ImportDraft, told: Mapping[str, Any]) -> None:
    with runs.copied(draft.path) as path:
        source = importing.recognise(caller, draft.object_key, path, **told)
        obj = registered(draft.object_key)
        wanted = mapping.propose(caller, obj, source)
        guessed = _guessed(caller, obj, source, wanted)
        wanted = mapping.with_formats(caller, obj, source, wanted.with_columns(guessed))
    draft.source, draft.mapping, draft.guessed, draft.trial = source.to_json(), wanted.to_json(), list(guessed), None


def _guessed(caller: Caller, obj: RegisteredObject, source: Source, wanted: ImportMapping) -> dict[str, Column]:
    """Targets by content of columns whose names say nothing; each field once."""
    taken = {parse(caller, obj, column.target).field.name for column in wanted.columns.values()}
    free = {target.field.name: target.field for target in offered(caller, obj) if target.field.name not in taken}
    found: dict[str, Column] = {}
    for name, kind in content(source, caller.country).kinds.items():
        target = None if name in wanted.columns else guessing.target(kind, free.values())
        if target is not None:
            found[name] = Column(str(target))
            del free[target.field.name]
    return found


def content(source: Source, country: str = "") -> Content:
    """What the first rows hold. Raises Invalid."""
    rows = [(line, cells) for line, cells in islice(source.rows(), SAMPLE) if len(cells) == len(source.columns)]
    texts = {name: [restored(cells[at].strip()) for _l, cells in rows] for at, name in enumerate(source.columns)}
    kinds = {name: guessing.kind(found, country) for name, found in texts.items()}
    values = {name: list(dict.fromkeys(filter(None, found)))[:PREVIEW] for name, found in texts.items()}
    return Content(rows[:PREVIEW], {name: sum(map(bool, found)) for name, found in texts.items()}, kinds, values)


def opened(caller: Caller, draft: ImportDraft) -> tuple[Source, Content]:
    """How the file is read, and what it holds. Raises Invalid, and NotFound where the file is gone."""
    try:
        with runs.copied(draft.path) as path:
            source = Source.from_json(path, draft.source)
            return source, content(source, caller.country)
    except FileNotFoundError as error:
        raise NotFound from error


def remap(
    caller: Caller, draft: ImportDraft, columns: Mapping[str, Column], duplicates: str = "", match: Sequence[str] = ()
) -> None:
    """Say where the columns go, and what becomes of rows about known records; an empty policy stays as it is.

    What was tried before counts no more. Raises Invalid.
    """
    obj = registered(draft.object_key)
    known = mapping.from_json(draft.mapping)
    before = known.columns
    if duplicates:
        known = mapping.from_json({"duplicates": duplicates, "match": match})
    with runs.copied(draft.path) as path:
        source = Source.from_json(path, draft.source)
        # The format of a column belongs to its field.
        kept = {
            name: replace(column, format=before[name].format)
            if name in before and before[name].target == column.target
            else column
            for name, column in columns.items()
        }
        wanted = ImportMapping(kept, duplicates=known.duplicates, match=known.match)
        wanted = mapping.with_formats(caller, obj, source, wanted)
        mapping.check(caller, obj, source, _known(obj, wanted), empty=True)
    if wanted.to_json() != draft.mapping:
        draft.mapping, draft.trial = wanted.to_json(), None
        draft.guessed = [n for n in draft.guessed if n in wanted.columns and wanted.columns[n] == before.get(n)]
        _keep(draft)


def _known(obj: RegisteredObject, wanted: ImportMapping) -> ImportMapping:
    """The mapping without the fields that are still to be made."""
    columns = {n: c for n, c in wanted.columns.items() if not c.create or c.target in obj.fields}
    return replace(wanted, columns=columns)


def _lenient(wanted: ImportMapping) -> ImportMapping:
    """The mapping for a trial: values that would become options first are no reason to refuse a row."""
    columns = {n: replace(c, wrong=LEAVE) if c.missing == CREATE else c for n, c in wanted.columns.items()}
    return replace(wanted, columns=columns)


def new_field(obj: RegisteredObject, label: str, type_key: str, taken: set[str]) -> Column:
    """A column that becomes a custom field; values that the field refuses are left out, and noted."""
    key = definitions.field_key(obj, label)
    key = definitions.free_key(key, {*taken, *obj.fields}, definitions.LONGEST_FIELD_KEY, "field")
    taken.add(key)
    return Column(key, create={"type": type_key, "label": label}, wrong=LEAVE)


def targets(caller: Caller, obj: RegisteredObject) -> list[Target]:
    """Where columns may go."""
    return list(offered(caller, obj))


def begin(caller: Caller, draft: ImportDraft, *, again: bool = False) -> ImportRun:
    """Import the file in the background; the draft has served. Raises Invalid, AlreadyImported."""
    told = {name: draft.source.get({"header": "has_header"}.get(name, name)) for name in OPTIONS}
    run = jobs.begin(
        caller, draft.object_key, draft.path, mapping.from_json(draft.mapping), name=draft.name, again=again, **told
    )
    db.execute(Sql("DELETE FROM transfer_importdraft WHERE id = %s", (draft.pk,)))
    return run


def discard(draft: ImportDraft) -> None:
    """Forget a draft and its file."""
    runs.remove_draft(draft.pk, draft.path)


# -- trying -----------------------------------------------------------------------------------------------------------


def attempt(caller: Caller, draft: ImportDraft) -> None:
    """Try the import in the background: everything but the commit."""
    _note(draft.pk, None)
    total = draft.source.get("about") or None
    queue.enqueue(TRY, {"draft": draft.pk}, key=f"{TRY}:{draft.pk}", user_id=caller.user_id, total=total)


def trying(draft: ImportDraft) -> JobRow | None:
    """The job that tries a draft, while it waits or runs."""
    return JobRow.objects.filter(key=f"{TRY}:{draft.pk}", state__in=(JobState.WAITING, JobState.RUNNING)).first()


def run_trial(context: Any) -> dict[str, int]:
    """The job."""
    from rapport.records.accounts import caller as callers

    draft = ImportDraft.objects.filter(pk=context.arguments["draft"]).first()
    caller = callers.of_user(context.user_id) if context.user_id else None
    if draft is None or caller is None:
        raise NotFound
    wanted = _known(registered(draft.object_key), mapping.from_json(draft.mapping))
    with runs.copied(draft.path) as path:
        source = Source.from_json(path, draft.source)
        new = making.new_options(draft.object_key, source, wanted)
        report = importing.attempt(caller, draft.object_key, source, _lenient(wanted), context.progress)
        for label, options in new.items():
            report.tell(label, options)
    _note(draft.pk, json.dumps(asdict(report)))
    return {"created": report.created, "rejected": report.rejected, "noted": report.noted}
