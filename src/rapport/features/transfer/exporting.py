"""Exporting a list: what the caller may export and see of it, in the order of the list, in a format of `writers`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils import translation
from django.utils.translation import gettext as _

from rapport.features.transfer.writers import WRITERS
from rapport.features.transfer.writers.base import Pages, Writer
from rapport.records.accounts import audit
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Forbidden, Invalid
from rapport.records.filters.compiler import Filter
from rapport.records.read import Page, Visible, visible
from rapport.registry.catalog import RegisteredObject

PAGE = 500


def writers_of(obj: RegisteredObject) -> list[Writer]:
    """The formats in which records of an object can be exported."""
    return [writer for writer in WRITERS.values() if writer.suits(obj)]


def export(
    caller: Caller, obj: RegisteredObject | str, columns: Sequence[str] = (), filter: Filter | None = None,
    sort: str = "", *, among: Visible | None = None, search: str = "", form: str = "csv",
) -> Iterator[bytes]:  # fmt: skip
    """The bytes of a file of the records, page by page.

    `among` narrows them beyond the filter, to what `search` has found for instance, which is told to the audit log.
    It is in the audit log before the first byte leaves. Raises Forbidden, Invalid, TooSlow, before the first byte.
    """
    found = among or visible(caller, obj)
    obj = found.obj
    if not caller.may(obj, "export") or not caller.may(obj, "read"):
        raise Forbidden
    writer = WRITERS.get(form)
    if writer is None or not writer.suits(obj):
        message = _("There is no format %(name)s. There are: %(names)s")
        names_ = ", ".join(w.key for w in writers_of(obj))
        raise Invalid({"form": [message % {"name": form[:40], "names": names_}]})
    names = [name for name in (writer.columns(obj) or columns or obj.column_names) if name in found.fields]
    first = found.page(columns=names, filter=filter, sort=sort, size=PAGE)
    detail = {"columns": names, "filter": filter or {}, "sort": sort, "format": form}
    audit.record("export", caller=caller, subject=obj.key, detail=detail | ({"search": search} if search else {}))
    return _spoken(writer.write(obj, names, _pages(found, first, names, filter, sort)), translation.get_language())


def _spoken(parts: Iterator[bytes], language: str | None) -> Iterator[bytes]:
    """The parts in the language in which they were asked for: when they are sent, another may be the thread's."""
    end = object()
    part: object = b""
    while part is not end:
        with translation.override(language):
            part = next(parts, end)
        if isinstance(part, bytes):
            yield part


def _pages(found: Visible, page: Page, names: Sequence[str], filter: Filter | None, sort: str) -> Pages:
    """The records that may be exported, a page at a time."""
    while True:
        allowed = found.allowed([row.id for row in page.rows], "export")
        if rows := [row for row in page.rows if row.id in allowed]:
            yield rows
        if page.next is None:
            return
        page = found.page(columns=names, filter=filter, sort=sort, size=PAGE, cursor=page.next)
