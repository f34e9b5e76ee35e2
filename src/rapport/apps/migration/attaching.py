"""Attached files: found among the files of the export, kept on the record that they belong to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from django.core.files import File
from django.utils.translation import gettext as _

from rapport.apps.migration import provenance
from rapport.apps.migration.rows import first_of
from rapport.apps.migration.shapes import Table, Vendor
from rapport.apps.migration.sheets import Sheet
from rapport.features.files import storing
from rapport.records.accounts.caller import Caller
from rapport.records.errors import RecordsError

DEEP = 3
"""Folders and name by which a file is looked for."""


class Attachments:
    """The files of an export by where they may lie. `bodies` are (table, sheet) that tell of files by their ids."""

    def __init__(self, vendor: Vendor, members: Mapping[str, Path], bodies: Iterable[tuple[Table, Sheet]] = ()) -> None:
        self.vendor = vendor
        self.by_end: dict[str, Path] = {}
        for name, path in members.items():
            parts = PurePosixPath(name.casefold()).parts
            for count in range(1, DEEP + 1):
                self.by_end.setdefault("/".join(parts[-count:]), path)
        self.bodies: dict[str, tuple[str, Path]] = {}
        for table, sheet in bodies:
            for _line, cells in sheet.rows(vendor):
                name, where = self._of(table, sheet, cells)
                if where is not None:
                    self.bodies[vendor.external(first_of(sheet, cells, table.id))] = (name, where)

    def _of(self, table: Table, sheet: Sheet, cells: Sequence[str]) -> tuple[str, Path | None]:
        """The name of the file of a row, and where its bytes are."""
        told = {name: first_of(sheet, cells, str(names)) for name, names in table.fields.items()}
        name = told.get("name", "") or told.get("id", "")
        ending = told.get("ending", "").lstrip(".")
        if ending and not name.casefold().endswith(f".{ending.casefold()}"):
            name = f"{name}.{ending}"
        for pattern in table.path:
            wanted = pattern.format(**{**told, "name": name}).casefold()
            if wanted in self.by_end:
                return name, self.by_end[wanted]
        return name, self.by_end.get(name.casefold())

    def attach(self, caller: Caller, table: Table, sheet: Sheet, cells: Sequence[str]) -> tuple[int, list[str]]:
        """Keep the files of a row on the records that it names: how many are there, and what was wrong."""
        found: list[tuple[str, Path | None]]
        if table.body:
            keys = [self.vendor.external(k.strip()) for k in first_of(sheet, cells, table.body).split(";") if k.strip()]
            found = [_or_nothing(self.bodies, key) for key in keys]
        else:
            found = [self._of(table, sheet, cells)]
        homes = self._homes(table, sheet, cells)
        if not homes or not found:
            return 0, [] if not found else [_("What this file belongs to is not among what was brought over.")]
        kept, wrong = 0, []
        for name, path in found:
            if path is None:
                wrong.append(_("The file %(name)s is not in the export.") % {"name": name})
                continue
            for object_key, record_id in homes:
                try:
                    with path.open("rb") as stream:
                        storing.store(caller, File(stream, name=name), object_key, record_id)
                    kept += 1
                except RecordsError as error:
                    errors = getattr(error, "errors", {})
                    texts = [str(m) for messages in errors.values() for m in messages] or [str(error.message)]
                    wrong.append(f"{name}: {' '.join(texts)}")
        return kept, wrong

    def _homes(self, table: Table, sheet: Sheet, cells: Sequence[str]) -> list[tuple[str, int]]:
        for ref in table.refs:
            texts = [self.vendor.external(t.strip()) for t in first_of(sheet, cells, ref.names).split(";") if t.strip()]
            for kind in ref.to:
                found = provenance.find(self.vendor.key, kind, texts)
                if found:
                    return [(b.object_key, b.record_id) for b in found.values()]
        return []


def _or_nothing(bodies: Mapping[str, tuple[str, Path]], key: str) -> tuple[str, Path | None]:
    return bodies[key] if key in bodies else (key, None)  # noqa: SIM401 (its type is wider)
