"""Erasing a record from migrations: rows kept with a reason, and uploaded exports, that tell of it."""

from __future__ import annotations

from rapport.apps.migration import running
from rapport.apps.migration.models import Migration
from rapport.features.transfer.erasing import Traits
from rapport.lib import json
from rapport.lib.sql import Sql, one_of
from rapport.records import db
from rapport.records.write import storing
from rapport.registry.catalog import RegisteredObject

PART = 1000


def erase(obj: RegisteredObject, ids: list[int]) -> None:
    """Forget where the records came from, kept rows that tell of them, and all uploaded exports: these hold everybody.

    A migration whose files are gone can't be taken up without another upload.
    """
    traits = Traits()
    for part in db.chunks(ids):
        for entry in storing.full_rows(obj, one_of("t.id", part), lock=False):
            traits.learn(obj, entry.before.get)
        marks = db.marks(part)
        text = f"DELETE FROM migration_provenance WHERE object_key = %s AND record_id IN ({marks})"
        db.execute(Sql(text, (obj.key, *part)))
    last = 0
    while found := db.rows(
        Sql(f"SELECT id, cells FROM migration_migrationissue WHERE id > %s ORDER BY id LIMIT {PART}", (last,))
    ):
        last = found[-1][0]
        doomed = [key for key, cells in found if traits.tell_in(str(c) for c in json.column(cells))]
        if doomed:
            db.execute(Sql(f"DELETE FROM migration_migrationissue WHERE id IN ({db.marks(doomed)})", tuple(doomed)))
    for migration in Migration.objects.filter(stored=True).exclude(path=""):
        running.forget_file(migration)
