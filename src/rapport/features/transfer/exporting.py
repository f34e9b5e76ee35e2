"""Exporting a list as CSV: what the caller may export and see of it, in the order of the list, cells made harmless."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rapport.features.transfer.cells import neutral
from rapport.records.accounts import audit
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Forbidden
from rapport.records.filters.compiler import Filter
from rapport.records.read import RowView, Visible, visible
from rapport.registry.catalog import RegisteredObject
from rapport.registry.fields import FieldSpec
from rapport.registry.types.contacts import ADDRESS_PARTS

PAGE = 500
LABELLED = frozenset({"reference", "file", "user", "team"})
LISTED = frozenset({"references", "participants"})
Cell = Callable[[RowView], str]


def export_csv(
    caller: Caller, obj: RegisteredObject | str, columns: Sequence[str] = (), filter: Filter | None = None,
    sort: str = "", *, among: Visible | None = None, search: str = "",
) -> Iterator[bytes]:  # fmt: skip
    """Lines of a CSV file (UTF-8 with a byte order mark): a header of labels, then the records.

    `among` narrows them beyond the filter, to what `search` has found for instance, which is told to the audit log.
    It is in the audit log before the first line leaves. Raises Forbidden, Invalid, TooSlow, before the first line.
    """
    found = among or visible(caller, obj)
    obj = found.obj
    if not caller.may(obj, "export") or not caller.may(obj, "read"):
        raise Forbidden
    names = [name for name in (columns or obj.column_names) if name in found.fields]
    cells = [cell for name in names for cell in _cells(obj, obj.fields[name])]
    first = found.page(columns=names, filter=filter, sort=sort, size=PAGE)
    detail = {"columns": names, "filter": filter or {}, "sort": sort, **({"search": search} if search else {})}
    audit.record("export", caller=caller, subject=obj.key, detail=detail)

    def lines() -> Iterator[bytes]:
        yield "\ufeff".encode() + _line(_header(cells))
        page = first
        while True:
            allowed = found.allowed([row.id for row in page.rows], "export")
            yield b"".join(_line([neutral(cell(row)) for _n, cell in cells]) for row in page.rows if row.id in allowed)
            if page.next is None:
                return
            page = found.page(columns=names, filter=filter, sort=sort, size=PAGE, cursor=page.next)

    return lines()


def _header(cells: Sequence[tuple[tuple[str, str], Cell]]) -> list[str]:
    """Labels; where two are alike, names."""
    counts = Counter(label for (_name, label), _cell in cells)
    return [neutral(label if counts[label] == 1 else name) for (name, label), _cell in cells]


def _cells(obj: RegisteredObject, field: FieldSpec) -> list[tuple[tuple[str, str], Cell]]:
    """((name, label), cell) of the columns of a field; an address has one for each part."""
    name, type_ = field.name, field.type
    if type_.key in {"address", "addresses"}:
        return [((f"{name}.{part}", f"{field.label} {part}"), _part(name, part)) for part in ADDRESS_PARTS]
    head = (name, str(field.label))
    if type_.key in LABELLED:
        return [(head, lambda row: str(row.labels.get(name) or ""))]
    if type_.key in LISTED:
        return [(head, lambda row: "; ".join(text for _key, text in row.labels.get(name) or ()))]
    return [(head, lambda row: type_.to_text(field, row.values.get(name)))]


def _part(name: str, part: str) -> Cell:
    def cell(row: RowView) -> str:
        value: Any = row.values.get(name) or {}
        if not isinstance(value, dict):
            value = value[0]
        return str(value.get(part, ""))

    return cell


def _line(cells: Sequence[str]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue().encode()
