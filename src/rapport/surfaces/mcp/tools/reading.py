"""Searching, listing, reading and measuring records of any object."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from django.utils.translation import gettext_lazy as _

from rapport.features.programs import measures, shapes
from rapport.features.programs.schemas import ID, MAYBE, MOMENT, NUMBER_OR_NONE, TEXT, thing
from rapport.features.search.finding import search
from rapport.records.accounts.caller import Caller
from rapport.records.history import reading
from rapport.records.read import visible
from rapport.records.read.visible import CAP
from rapport.registry.extensions import Tool
from rapport.surfaces.mcp.tools.arguments import BIGGEST, Arguments, Fields, Filter, Id, Object, found

Size = Annotated[int, msgspec.Meta(ge=1, le=200, description="How many at most.")]


class Searched(Arguments):
    """What is searched."""

    query: Annotated[str, msgspec.Meta(min_length=1, max_length=200, description="Words, as one types them.")]
    objects: Annotated[list[str], msgspec.Meta(max_length=50, description="Only these objects; empty: all.")] = []
    size: Annotated[int, msgspec.Meta(ge=1, le=100, description="How many at most.")] = 20


class Got(Arguments):
    """Which record."""

    object: Object
    id: Id
    fields: Fields = []


class Listed(Arguments):
    """Which records, in which order."""

    object: Object
    filter: Filter = {}
    fields: Fields = []
    sort: Annotated[str, msgspec.Meta(max_length=100, description="A field; with - before it, descending.")] = ""
    cursor: Annotated[str, msgspec.Meta(max_length=2000, description="`next` of the page before.")] = ""
    size: Size = 50
    count: Annotated[bool, msgspec.Meta(description="Tell how many there are in all, counted to 1,000.")] = False


class Reported(Arguments):
    """What is measured, over which records."""

    object: Object
    measure: Literal["count", "sum", "average", "minimum", "maximum"] = "count"
    field: Annotated[str, msgspec.Meta(description="The field that is measured, for every measure but count.")] = ""
    group_by: Annotated[
        str, msgspec.Meta(description="A groupable field, or a date with `:month` behind it; empty: one group.")
    ] = ""
    filter: Filter = {}


class Past(Arguments):
    """Whose history, older than which act."""

    object: Object
    id: Id
    before: Annotated[int, msgspec.Meta(ge=0, le=BIGGEST, description="`next` of the page before; 0: newest.")] = 0
    size: Size = 50


def find(caller: Caller, given: Searched) -> dict[str, Any]:
    """Records that answer a text, the best first."""
    keys = [found(caller, key).key for key in given.objects] or None
    return {"items": [hit.as_json() for hit in search(caller, given.query, objects=keys, limit=given.size)]}


def get(caller: Caller, given: Got) -> dict[str, Any]:
    """One record."""
    obj = found(caller, given.object)
    names = frozenset(shapes.chosen(caller, obj, given.fields)) if given.fields else None
    return {"record": shapes.read(caller, obj, given.id, names)}


def list_(caller: Caller, given: Listed) -> dict[str, Any]:
    """A page of records."""
    obj = found(caller, given.object)
    view = visible(caller, obj)
    page = view.page(
        columns=shapes.chosen(caller, obj, given.fields), filter=given.filter, sort=given.sort, cursor=given.cursor,
        size=given.size,
    )  # fmt: skip
    answer: dict[str, Any] = {"items": [shapes.record(obj, row) for row in page.rows], "next": page.next}
    if given.count:
        counted = view.count(given.filter)
        answer["count"] = {"value": counted, "at_least": counted >= CAP}
    return answer


def report(caller: Caller, given: Reported) -> dict[str, Any]:
    """A measure, whole or by group."""
    obj = found(caller, given.object)
    return measures.aggregate(
        caller, obj, measure=given.measure, of=given.field, by=given.group_by, filter=given.filter
    )


def history(caller: Caller, given: Past) -> dict[str, Any]:
    """The acts on a record, newest first."""
    obj = found(caller, given.object)
    acts, following = reading.acts(caller, obj.key, given.id, before=given.before or None, limit=given.size)
    return {"items": [shapes.act(act) for act in acts], "next": following}


RECORD = thing(
    {
        "id": ID, "object": TEXT, "version": {"type": "integer"}, "title": MAYBE, "fields": {"type": "object"},
        "labels": {"type": "object"}, "may": {"type": "array", "items": TEXT},
    },
    ("id", "object", "version", "title", "fields", "labels"),
)  # fmt: skip
_HIT = thing(
    {
        "id": ID, "object": TEXT, "title": TEXT, "detail": TEXT, "score": {"type": "number"},
        "matched": {"type": "array", "items": TEXT},
    }
)  # fmt: skip
_COUNT = thing({"value": {"type": "integer"}, "at_least": {"type": "boolean"}})
_GROUP = thing(
    {
        "group": {}, "label": MAYBE, "count": {"type": "integer"}, "value": {"type": ["number", "string", "null"]},
        "currency": MAYBE,
    },
    ("group", "label", "count", "value"),
)  # fmt: skip
_ACT = thing(
    {
        "id": ID, "at": MOMENT, "action": TEXT, "version": {"type": "integer"}, "actor": NUMBER_OR_NONE,
        "actor_name": TEXT, "door": TEXT, "batch": MAYBE,
        "fields": {"type": "object", "additionalProperties": thing({"before": {}, "after": {}})},
    }
)  # fmt: skip

TOOLS = (
    Tool(
        name="search", title=_("Search"), takes=Searched, run=find, order=30,
        answer=thing({"items": {"type": "array", "items": _HIT}}),
        help="Find records by words in their names, addresses, texts; typing errors are forgiven. The best come first.",
    ),
    Tool(
        name="list_records", title=_("List records"), takes=Listed, run=list_, order=40,
        answer=thing(
            {"items": {"type": "array", "items": RECORD}, "next": MAYBE, "count": _COUNT}, ("items", "next")
        ),
        help="A page of records under a filter, in an order. Where `next` is not null, give it as `cursor` to go on.",
    ),
    Tool(
        name="get_record", title=_("Get a record"), takes=Got, run=get, order=50, answer=thing({"record": RECORD}),
        help="One record with all its fields, its version (to be given to update_record) and what you may do to it.",
    ),
    Tool(
        name="record_history", title=_("History of a record"), takes=Past, run=history, order=60,
        answer=thing({"items": {"type": "array", "items": _ACT}, "next": NUMBER_OR_NONE}),
        help="Who changed a record, when, through which door, from what to what. Newest first.",
    ),
    Tool(
        name="report", title=_("Report"), takes=Reported, run=report, order=70,
        answer=thing({"measure": TEXT, "items": {"type": "array", "items": _GROUP}}),
        help="Count, sum, average, minimum or maximum over records, by the values of a field or by month. Amounts of "
        "money are in minor units, each currency a group of its own.",
    ),
)  # fmt: skip
