"""Placeholders of kept texts: `{{ person.first_name }}`, filled with what the writer may see."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from rapport.records.accounts.caller import Caller
from rapport.records.errors import NotFound
from rapport.records.read import visible
from rapport.records.write import Batch
from rapport.registry import catalog

PLACEHOLDER = re.compile(r"\{\{\s*([a-z_]+)\.([a-z0-9_]+)\s*\}\}")
ME = {"name": lambda caller: caller.name, "email": lambda caller: caller.email}


def unknown(text: str, objects: Collection[str]) -> Iterator[str]:
    """Placeholders that nothing will fill where a text may be about records of these objects."""
    for match in PLACEHOLDER.finditer(text):
        of, name = match.groups()
        known = name in ME if of == "me" else of in objects and name in catalog.current()[of].fields
        if not known:
            yield match[0]


def fill(text: str, caller: Caller, about: Mapping[str, int | None]) -> str:
    """The text with its placeholders filled; `about` says which record each object is. What is unknown is left out."""
    kept: dict[str, Any] = {}

    def value(match: re.Match[str]) -> str:
        of, name = match.groups()
        if of == "me":
            return str(ME[name](caller)) if name in ME else ""
        if of not in about:
            return match[0]
        if of not in kept:
            kept[of] = _record(caller, of, about[of])
        record = kept[of]
        field = record.obj.fields.get(name) if record else None
        if field is None or name not in record.values:
            return ""
        label = record.labels.get(name)
        return str(label) if isinstance(label, str) else field.type.to_text(field, record.values[name])

    return PLACEHOLDER.sub(value, text)


def _record(caller: Caller, key: str, record_id: int | None) -> Any:
    if record_id is None:
        return None
    try:
        return visible(caller, key).get(record_id)
    except NotFound:
        return None


def check(batch: Batch, names: Iterable[str], objects: Collection[str]) -> None:
    """Refuse texts of a batch with placeholders that nothing can fill."""
    for entry in batch.entries:
        for name in names:
            if name in entry.values and (wrong := list(unknown(entry.get(name) or "", objects))):
                entry.refuse(name, _("Nothing fills %(placeholders)s.") % {"placeholders": ", ".join(wrong)})
