"""One record and lists of them: list, get, create, update, delete, restore."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from rapport.features.duplicates import policies, wording
from rapport.features.programs import shapes
from rapport.features.programs.problems import Problem
from rapport.lib.sql import Sql
from rapport.records import db, write
from rapport.records.errors import NotFound
from rapport.records.read import visible
from rapport.records.read.visible import CAP
from rapport.surfaces.api import including
from rapport.surfaces.api.calls import Call, Reply

PREFIX = "/api/v1"
MOST_ROWS = 200
THERE = gettext_noop("Update the record that is there, or send other values.")


class Written(msgspec.Struct, forbid_unknown_fields=True):
    """Values of fields, by name."""

    fields: dict[str, Any]


def list_(call: Call) -> Reply:
    """A page of records."""
    obj, query = call.object, call.query
    names = shapes.chosen(call.caller, obj, query["fields"])
    wanted = including.check(call.caller, obj, query["include"])
    view = visible(call.caller, obj)
    columns = (*names, *including.needs(obj, wanted))
    page = view.page(
        columns=columns, filter=query["filter"], sort=query["sort"], cursor=query["cursor"], size=query["size"]
    )
    only = frozenset(names) if len(columns) > len(names) else None
    shape: dict[str, Any] = {"items": [shapes.record(obj, row, only) for row in page.rows], "next": page.next}
    if wanted:
        including.include(call.caller, obj, page.rows, wanted, shape)
    if query["count"]:
        found = view.count(query["filter"])
        shape["count"] = {"value": found, "at_least": found >= CAP}
    return Reply(shape)


def get(call: Call) -> Reply:
    """One record."""
    obj, query = call.object, call.query
    only = frozenset(shapes.chosen(call.caller, obj, query["fields"])) if query["fields"] else None
    wanted = including.check(call.caller, obj, query["include"])
    view = visible(call.caller, obj).get(call.id, trashed=bool(query["deleted"]))
    shape = shapes.record(obj, view, only)
    if wanted:
        listed: dict[str, Any] = {"items": [shape]}
        including.include(call.caller, obj, [view], wanted, listed)
        shape |= {name: value for name, value in listed.items() if name != "items"}
    return Reply(shape, headers={"ETag": shapes.etag(view.version)})


def create(call: Call) -> Reply:
    """A new record."""
    return make(call, call.body.fields)


def make(call: Call, raw: dict[str, Any]) -> Reply:
    """A new record with these values; or what is to be done where it is there already. Raises Problem."""
    caller, obj = call.caller, call.object
    decision = policies.decide(caller, obj, raw, call.query["duplicates"])
    found = wording.as_json(obj, decision.matches)
    if decision.act == policies.BLOCK:
        raise Problem(409, "duplicate", _(THERE), matches=found)
    if decision.act == policies.MERGE:
        policies.fill(caller, obj, decision.matches[0].id, raw)
        return answer(call, decision.matches[0].id)
    reply = answer(call, write.create(caller, obj.key, raw), 201)
    if found and decision.act == policies.WARN:
        reply.data["duplicates"] = found
    return reply


def answer(call: Call, record_id: int, status: int = 200) -> Reply:
    """The record after a write: whole, or as `Prefer: return=minimal` wishes only its number and version."""
    obj = call.object
    headers = {"Location": f"{PREFIX}/{obj.plural}/{record_id}"} if status == 201 else {}
    if "return=minimal" in call.header("Prefer"):
        headers["Preference-Applied"] = "return=minimal"
        return Reply({"id": record_id, "object": obj.key}, status, headers)
    try:
        shape = shapes.read(call.caller, obj, record_id)
    except NotFound:  # one may write what one may not read
        return Reply({"id": record_id, "object": obj.key}, status, headers)
    headers["ETag"] = shapes.etag(shape["version"])
    return Reply(shape, status, headers, record=(obj.key, record_id))


def update(call: Call) -> Reply:
    """Some fields of a record."""
    with _as_expected(call):
        write.update(call.caller, call.object.key, call.id, call.body.fields, version=call.query["version"])
    return answer(call, call.id)


@contextmanager
def _as_expected(call: Call) -> Iterator[None]:
    """One transaction with the check of `If-Match`, where it is given."""
    if not (expected := call.header("If-Match")):
        yield
        return
    with transaction.atomic():
        check_version(call, expected)
        yield


def check_version(call: Call, expected: str) -> None:
    """Refuse a write to a record that is not as it was read. Raises NotFound, Problem."""
    if expected.strip() == "*":
        return
    visible(call.caller, call.object).get(call.id)
    lock = " FOR UPDATE" if connection.vendor == "postgresql" else ""
    row = db.row(Sql(f'SELECT version FROM "{call.object.table}" WHERE id = %s{lock}', (call.id,)))
    now = shapes.etag(int(row[0])) if row else ""
    if now not in [tag.strip() for tag in expected.split(",")]:
        detail = _("Read the record again, and send the change for its present version.")
        raise Problem(412, "changed", detail, headers={"ETag": now})


def delete(call: Call) -> Reply:
    """Into the trash."""
    with _as_expected(call):
        write.delete(call.caller, call.object.key, [call.id])
    return Reply(status=204)


def restore(call: Call) -> Reply:
    """Out of the trash."""
    write.restore(call.caller, call.object.key, [call.id])
    return answer(call, call.id)


def trash(call: Call) -> Reply:
    """What the caller could restore."""
    found = visible(call.caller, call.object).trash(size=call.query["size"])
    items = [{"id": key, "title": title, "deleted_at": at} for key, title, at in found]
    return Reply({"items": items})
