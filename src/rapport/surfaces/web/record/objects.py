"""From an address to the object and the record that it names."""

from __future__ import annotations

from django.utils.http import url_has_allowed_host_and_scheme

from rapport.records.accounts.caller import Caller
from rapport.records.errors import NotFound
from rapport.records.read import RecordView, visible
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.surfaces.web.requests import Request


def object_of(caller: Caller, plural: str) -> RegisteredObject:
    """The object with this plural. Raises NotFound, also for one of which the caller may see nothing."""
    obj = catalog.current().by_plural.get(plural)
    if obj is None or not caller.may(obj, "read"):
        raise NotFound
    return obj


def record_of(caller: Caller, plural: str, record_id: int) -> tuple[RegisteredObject, RecordView]:
    """Object and record. Raises NotFound."""
    obj = object_of(caller, plural)
    return obj, visible(caller, obj).get(record_id)


def next_of(request: Request, otherwise: str) -> str:
    """Where a post leads: the path that it names, if that is one of ours, else `otherwise`."""
    path = request.POST.get("next", "")
    fine = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if fine else otherwise
