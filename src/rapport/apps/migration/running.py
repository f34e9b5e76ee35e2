"""A migration from beginning to end: looked through, begun, written file by file, taken up again after a stop."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from rapport.apps.migration import archives, making, provenance, surveying
from rapport.apps.migration.attaching import Attachments
from rapport.apps.migration.models import Migration, MigrationStep, State
from rapport.apps.migration.rows import Item, Shaper
from rapport.apps.migration.shapes import BODIES, FILES, RECORDS, Table, Vendor
from rapport.apps.migration.sheets import Sheet
from rapport.apps.migration.vendors import VENDORS
from rapport.apps.migration.writing import REFUSALS, Writer
from rapport.features.transfer import runs
from rapport.features.transfer.pacing import Pacer, few_collections, settings_of_bulk
from rapport.lib import json
from rapport.lib.sql import Sql
from rapport.records import db, indexing
from rapport.records.accounts import audit, users
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.models import User
from rapport.records.errors import Forbidden, Invalid, NotFound, Outdated

Progress = Callable[[int], None]
Told = tuple[Sequence[Item], int, int]
"""Items that were dealt with, how many records were made, how many rows were known already."""
STEP_COLUMNS = ("migration_id", "place", "file", "kind", "late", "columns", "total", "position", "created", "known",
                "rejected", "noted", "done")  # fmt: skip


class TakenOver(Outdated):
    """Another process goes on with this migration."""


def vendor_of(key: str) -> Vendor:
    """The vendor with this key. Raises Invalid."""
    if key not in VENDORS:
        message = _("There is no system %(name)s. There are: %(names)s") % {"name": key, "names": ", ".join(VENDORS)}
        raise Invalid({"vendor": [message]}, message)
    return VENDORS[key]


def begin(caller: Caller, vendor: str, path: str, name: str, *, stored: bool) -> Migration:
    """A migration whose files are still to be looked through. Raises Forbidden, Invalid."""
    if not caller.is_admin:
        raise Forbidden
    vendor_of(vendor)
    values: dict[str, Any] = {
        "vendor": vendor, "name": name[:200], "path": path, "stored": stored, "state": State.LOOKING, "plan": "{}",
        "options": "{}", "made": "{}", "problem": "", "user_id": caller.user_id,
        "created_at": db.dialect().moment(timezone.now()),
    }  # fmt: skip
    text = f"INSERT INTO migration_migration ({', '.join(values)}) VALUES ({db.marks(values)}) RETURNING id"
    made = db.row(Sql(text, tuple(values.values())))
    assert made is not None
    return Migration.objects.get(pk=made[0])


def put(migration: Migration, **values: Any) -> None:
    """Change what is kept of a migration."""
    stored: dict[str, Any] = {n: json.dumps(v) if n in {"plan", "options", "made"} else v for n, v in values.items()}
    if values.get("finished_at"):
        stored["finished_at"] = db.dialect().moment(values["finished_at"])
    sets = ", ".join(f"{name} = %s" for name in stored)
    db.execute(Sql(f"UPDATE migration_migration SET {sets} WHERE id = %s", (*stored.values(), migration.pk)))
    for name, value in values.items():
        setattr(migration, name, value)


@contextmanager
def members_of(migration: Migration) -> Iterator[archives.Members]:
    """The files of a migration. Raises Invalid, NotFound."""
    if not migration.path:
        raise NotFound(_("The files of this migration are not kept any more. Upload them again."))
    if not migration.stored:
        with archives.opened(Path(migration.path)) as members:
            yield members
        return
    try:
        with runs.copied(migration.path) as path, archives.opened(path) as members:
            yield {migration.name: path} if list(members) == [path.name] else members
    except FileNotFoundError as error:
        raise NotFound(_("The files of this migration are not kept any more. Upload them again.")) from error


def look(caller: Caller, migration: Migration, progress: Progress = lambda done: None) -> None:
    """Look through the files and keep the plan. Raises Invalid."""
    with members_of(migration) as members:
        plan = surveying.survey(caller, vendor_of(migration.vendor), members, progress)
    put(migration, plan=plan, state=State.READY, problem="")


def start(caller: Caller, migration: Migration, options: Mapping[str, Any]) -> None:
    """Keep what was chosen, and the steps; `perform` does the rest. Raises Forbidden, Invalid."""
    if not caller.is_admin:
        raise Forbidden
    if migration.state != State.READY:
        raise Invalid({"": [_("This migration was started already.")]})
    if options.get("unknown", making.ME) not in making.UNKNOWN_OWNERS:
        names = ", ".join(making.UNKNOWN_OWNERS)
        raise Invalid({"unknown": [_("Choose one of: %(names)s.") % {"names": names}]})
    vendor = vendor_of(migration.vendor)
    with transaction.atomic():
        db.insert_many("migration_migrationstep", STEP_COLUMNS, list(_steps(vendor, migration)))
        put(migration, options=dict(options), state=State.RUNNING)


def _steps(vendor: Vendor, migration: Migration) -> Iterator[tuple[Any, ...]]:
    """Passes over the files in their order: rows, then what comes late, then attachments."""
    files = [(entry, vendor.by_kind[entry["kind"]]) for entry in migration.plan["files"]]
    first = [(e, t, False) for e, t in files if t.role == RECORDS]
    late = [(e, t, True) for e, t in files if t.role == RECORDS and has_late(t)]
    attached = [(e, t, False) for e, t in files if t.role == FILES]
    for place, (entry, table, is_late) in enumerate((*first, *late, *attached)):
        yield (
            migration.pk, place, entry["name"][:500], table.kind, is_late, "[]", entry["total"], 0, 0, 0, 0, 0, False,
        )  # fmt: skip


def has_late(table: Table) -> bool:
    """Whether rows of a table are gone through once more when everything is there."""
    return table.late is not None or any(table.kind in ref.to for ref in table.refs)


def batch_of(migration: Migration) -> str:
    """What the change log calls all that a migration wrote."""
    return f"migration:{migration.pk}"


def steps_of(migration: Migration) -> list[MigrationStep]:
    """The steps of a migration in their order."""
    return list(MigrationStep.objects.filter(migration=migration).order_by("place"))


def perform(caller: Caller, migration: Migration, progress: Progress = lambda done: None) -> None:
    """Write everything from where it stands. `progress` may raise to stop it; it can be taken up again.

    Raises Forbidden, Invalid, NotFound.
    """
    if not caller.is_admin:
        raise Forbidden
    vendor = vendor_of(migration.vendor)
    caller = caller.through("import", batch=batch_of(migration))
    if not migration.made:
        put(migration, made=making.make(caller, vendor, migration.plan, migration.options))
    with members_of(migration) as members, _open_users(caller, migration.made.get("invited", ())):
        found, _left = surveying.read(vendor, members)
        run = _Run(caller, vendor, migration, members, found, progress)
        with settings_of_bulk(), few_collections():
            for step in steps_of(migration):
                if not step.done:
                    run.step(step)
    put(migration, state=State.DONE, finished_at=timezone.now())
    if run.written >= 10_000:
        indexing.look_again()
    if migration.stored and migration.path:
        forget_file(migration)
    audit.record("import", caller=caller, subject=vendor.label, detail={"migration": migration.pk, "rows": run.written})


def forget_file(migration: Migration) -> None:
    """Delete the uploaded files when this is committed."""
    from django.core.files.storage import default_storage

    path = migration.path
    put(migration, path="")
    transaction.on_commit(lambda: default_storage.delete(path))


@contextmanager
def _open_users(caller: Caller, ids: Sequence[int]) -> Iterator[None]:
    """Let users who were made for owners own records, and close their accounts again."""
    closed = list(User.objects.filter(pk__in=ids, is_active=False).values_list("pk", flat=True))
    for key in closed:
        users.activate(caller, key)
    try:
        yield
    finally:
        for key in ids:
            users.deactivate(caller, key)


class _Run:
    """One turn of a migration."""

    def __init__(
        self, caller: Caller, vendor: Vendor, migration: Migration, members: archives.Members,
        found: Sequence[surveying.Found], progress: Progress,
    ) -> None:  # fmt: skip
        self.caller, self.vendor, self.migration, self.progress = caller, vendor, migration, progress
        self.files = {(f.sheet.name, f.table.kind): f for f in found}
        self.entries = {(e["name"], e["kind"]): e for e in migration.plan["files"]}
        self.members, self.pacer = members, Pacer()
        self.attachments: Attachments | None = None
        self.written = sum(s.position for s in steps_of(migration))

    def step(self, step: MigrationStep) -> None:
        """Go through one file from where it stands."""
        found = self.files.get((step.file, step.kind))
        if found is None:
            raise NotFound(_("The file %(name)s is not in the export any more.") % {"name": step.file})
        sheet, table = found.sheet, found.table
        db.execute(
            Sql(
                "UPDATE migration_migrationstep SET columns = %s WHERE id = %s",
                (json.dumps(list(sheet.columns)), step.pk),
            )
        )
        write = self._attach(table, sheet) if table.role == FILES else self._records(step, table, sheet)
        position, lines = step.position, sheet.rows(self.vendor, step.position)
        while part := list(islice(lines, self.pacer.rows)):
            self.pacer.took(len(part), write(step, position, part))
            position += len(part)
            self.written += len(part)
            self.progress(self.written)
        db.execute(Sql("UPDATE migration_migrationstep SET done = %s WHERE id = %s", (True, step.pk)))

    def _records(self, step: MigrationStep, table: Table, sheet: Sheet) -> Callable[..., float]:
        entry = self.entries[(sheet.name, table.kind)]
        zone = self.migration.options.get("zone") or self.caller.zone
        left = set(self.migration.options.get("left", ()))
        fields = {n: f["key"] for n, f in entry["fields"].items() if f"{sheet.name}:{n}" not in left}
        options = {n: f["values"] for n, f in entry["fields"].items() if f.get("values")}
        told = {**entry, "fields": fields, "options": options}
        shaper = Shaper(self.caller, self.vendor, table, sheet, told, self.migration.made, zone)
        writer = Writer(self.caller, self.vendor, table, shaper, self.migration.pk)
        writer.load()

        def write(step: MigrationStep, position: int, part: Sequence[tuple[int, Sequence[str]]]) -> float:
            read = [(line, cells) for line, cells in part if len(cells) == len(sheet.columns)]
            odd = [Item(line, cells, "", {}, errors=[_wrong(cells)]) for line, cells in part
                   if len(cells) != len(sheet.columns)]  # fmt: skip

            def shaped() -> list[Item]:
                items = [shaper.item(line, cells) for line, cells in read if shaper.takes(cells)]
                writer.relate(items, own=step.late)
                return items

            if step.late:
                items = shaped()
                return self._commit(step, position, len(part), lambda: (items, writer.finish(items), 0))
            new, old = writer.fresh(shaped())
            insert = writer.prepare(new)

            def wrote(create: Callable[[], list[tuple[str, int]]], new: Sequence[Item]) -> Told:
                made = create()
                provenance.keep(self.vendor.key, table.kind, writer.obj.key, self.migration.pk, made)
                return [*new, *odd], len(made), len(old)

            try:
                return self._commit(step, position, len(part), lambda: wrote(insert, new))
            except REFUSALS:
                again, _old = writer.fresh(shaped())
                return self._commit(step, position, len(part), lambda: wrote(lambda: writer.create(again), again))

        return write

    def _commit(self, step: MigrationStep, position: int, count: int, write: Callable[[], Told]) -> float:
        """One transaction: the rows, what was wrong with them, and the position after them.

        Answers the seconds for which it kept others from writing.
        """
        self.pacer.rest()
        with transaction.atomic():
            begun = time.monotonic()
            claim(step, position, count)
            self._tell(step, *write())
        return time.monotonic() - begun

    def _attach(self, table: Table, sheet: Sheet) -> Callable[..., float]:
        if self.attachments is None:
            bodies = [(f.table, f.sheet) for f in self.files.values() if f.table.role == BODIES]
            self.attachments = Attachments(self.vendor, self.members, bodies)
        attachments = self.attachments

        def write(step: MigrationStep, position: int, part: Sequence[tuple[int, Sequence[str]]]) -> float:
            def attach() -> Told:
                items, kept = [], 0
                for line, cells in part:
                    if not any(cells):
                        continue
                    count, wrong = attachments.attach(self.caller, table, sheet, cells)
                    kept += count
                    if wrong:
                        told, refused = (wrong, []) if count else ([], wrong)
                        items.append(Item(line, cells, "", {}, notes=told, errors=refused))
                return items, kept, 0

            return self._commit(step, position, len(part), attach)

        return write

    @staticmethod
    def _tell(step: MigrationStep, items: Sequence[Item], created: int, known: int) -> None:
        """Count a set's rows, and keep the refused ones and the notes, in the transaction of the set."""
        refused = [item for item in items if item.errors]
        noted = [item for item in items if item.notes and not item.errors]
        issues = [
            (step.pk, i.line, json.dumps(list(i.cells)), "; ".join(i.errors or i.notes), not i.errors)
            for i in (*refused, *noted)
        ]
        db.insert_many("migration_migrationissue", ("step_id", "line", "cells", "reasons", "imported"), issues)
        text = (
            "UPDATE migration_migrationstep SET created = created + %s, known = known + %s, rejected = rejected + %s, "
            "noted = noted + %s WHERE id = %s"
        )
        db.execute(Sql(text, (created, known, len(refused), len(noted), step.pk)))


def _wrong(cells: Any) -> str:
    return getattr(cells, "why", "") or _("The row has more cells than there are columns.")


def claim(step: MigrationStep, position: int, count: int) -> None:
    """Move the position on, first thing in the transaction of a set. Raises TakenOver where another process did."""
    text = "UPDATE migration_migrationstep SET position = position + %s WHERE id = %s AND position = %s"
    if not db.execute(Sql(text, (count, step.pk, position))):
        raise TakenOver


class _Tried(Exception):
    """Rolls a trial back."""


def attempt(caller: Caller, migration: Migration, options: Mapping[str, Any]) -> list[MigrationStep]:
    """Everything but the commit: the steps as they would end. For the command, in a process of its own."""
    from rapport.records.customising import sync

    kept = migration.state
    found: list[MigrationStep] = []
    try:
        with transaction.atomic():
            start(caller, migration, options)
            perform(caller, migration)
            found = steps_of(migration)
            raise _Tried
    except _Tried:
        pass
    finally:
        migration.state, migration.made = kept, {}
        sync.refresh()
    return found
