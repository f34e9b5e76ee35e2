"""Routes of every object, standard and custom."""

from __future__ import annotations

from rapport.features.duplicates import policies
from rapport.features.transfer.writers import WRITERS
from rapport.records.accounts.api_tokens import WRITE
from rapport.records.read.aggregating import MEASURES
from rapport.registry.catalog import RegisteredObject
from rapport.surfaces.api.calls import BOOLEAN, INTEGER, Param, Route
from rapport.surfaces.api.handlers import asking, bulk, exporting, files, merging, past, records, upserting, views
from rapport.surfaces.api.openapi import shapes
from rapport.surfaces.api.tables.params import BEFORE, CURSOR, FIELDS, FILTER, INCLUDE, SORT, Q, size

ONE, FILE = "{plural}/{id}", "file"
COUNT = Param(name="count", kind=BOOLEAN, help="Whether to count them as well, up to a thousand.")
DELETED = Param(name="deleted", kind=BOOLEAN, help="Look in the trash instead.")
VERSION = Param(
    name="version", kind=INTEGER, least=1,
    help="The version that was read: the change is refused only where the same fields were changed since. `If-Match` "
    "refuses it where anything was.",
)  # fmt: skip


DUPLICATES = Param(
    name="duplicates", default="", options=policies.INTERACTIVE,
    help="What to do where a record is there already, or one that is alike: `warn` tells of it in `duplicates`, "
    "`block` refuses (409, with `matches`), `merge` fills the gaps of the one that surely is the same, `queue` lets "
    "somebody look at both. Without it, administrators have chosen.",
)  # fmt: skip
MEASURE = Param(name="measure", default="count", options=tuple(MEASURES), help="What is measured.")
OF = Param(name="field", default="", help="The field that is measured, for every measure but count.")
GROUP_BY = Param(
    name="group_by", default="",
    help="A field with options, a reference, a user or a team; or a date with `:month` behind it. Without it, all "
    "records are one group.",
)  # fmt: skip
FORMAT = Param(
    name="format", default="csv", options=tuple(WRITERS),
    help="CSV, an Excel workbook, JSON lines, or vCards, which only people have.",
)  # fmt: skip
NAME = Param(name="name", default="", help="The file's name, where plain bytes are sent.")
REVISION = Param(name="revision", kind=INTEGER, least=1, help="An older version of the file.")


def _made_by_form(obj: RegisteredObject) -> bool:
    return obj.key != FILE


def _has_files(obj: RegisteredObject) -> bool:
    return obj.key != FILE and obj.spec.scope is None


def _merges(obj: RegisteredObject) -> bool:
    return obj.spec.merges


def _is_file(obj: RegisteredObject) -> bool:
    return obj.key == FILE


ROUTES = (
    Route(
        name="list", method="GET", path="{plural}", run=records.list_, summary="List",
        query=(FILTER, FIELDS, SORT, CURSOR, size(50, records.MOST_ROWS), INCLUDE, COUNT), answer=shapes.page,
    ),
    Route(
        name="create", method="POST", path="{plural}", run=records.create, summary="Create", scope=WRITE,
        needs="create", query=(DUPLICATES,), body=records.Written, sent=shapes.new, answer=shapes.made, status=201,
        offered=_made_by_form, etag=True,
    ),
    Route(
        name="trash", method="GET", path="{plural}/trash", run=records.trash, summary="List the trash", needs="delete",
        query=(size(50, 200),), answer=shapes.trash,
    ),
    Route(
        name="get", method="GET", path=ONE, run=records.get, summary="Get",
        query=(FIELDS, INCLUDE, DELETED), answer=shapes.record, etag=True,
    ),
    Route(
        name="update", method="PATCH", path=ONE, run=records.update, summary="Update", scope=WRITE, needs="edit",
        query=(VERSION,), body=records.Written, sent=shapes.changed, answer=shapes.written, etag=True,
    ),
    Route(
        name="delete", method="DELETE", path=ONE, run=records.delete, summary="Move to the trash", scope=WRITE,
        needs="delete", status=204,
    ),
    Route(
        name="restore", method="POST", path=f"{ONE}/restore", run=records.restore, summary="Take out of the trash",
        scope=WRITE, needs="delete", answer=shapes.written, etag=True,
    ),
    Route(
        name="upsert", method="PUT", path="{plural}/by/{field}/{value}", run=upserting.upsert, scope=WRITE,
        summary="Create, or update what is there", needs="create", query=(DUPLICATES,), body=records.Written,
        sent=shapes.changed, answer=shapes.made, offered=_made_by_form, etag=True,
        help="The field is a unique one, such as a custom field with the number in another system, or one that "
        "identifies, such as `emails` of people. 201: the record is new.",
    ),
    Route(
        name="export", method="GET", path="{plural}/export", run=exporting.export, summary="Export",
        query=(FORMAT, FILTER, FIELDS, SORT), binary=True,
        help="All records that the filter finds and that may be exported, as a file that is sent while it is made. It "
        "stands in the audit log. An import takes it back as it is.",
    ),
    Route(
        name="search", method="GET", path="{plural}/search", run=asking.find, summary="Search",
        query=(Q, size(20, 100)), answer=shapes.hits,
    ),
    Route(
        name="aggregate", method="GET", path="{plural}/aggregate", run=asking.aggregate, summary="Count and measure",
        query=(MEASURE, OF, GROUP_BY, FILTER), answer=shapes.measures,
        help="Amounts of money are in minor units, each currency a group of its own.",
    ),
    Route(
        name="history", method="GET", path=f"{ONE}/history", run=past.history, summary="List the history",
        query=(BEFORE, size(50, 200)), answer=shapes.history,
    ),
    Route(
        name="revert", method="POST", path=f"{ONE}/revert", run=past.revert, summary="Take back an act", scope=WRITE,
        needs="edit", body=past.Revert, answer=shapes.reverted,
    ),
    Route(
        name="merge", method="POST", path=f"{ONE}/merge", run=merging.merge, summary="Merge others into this",
        scope=WRITE, needs="delete", body=merging.MergeGiven, answer=shapes.merged, offered=_merges, etag=True,
        help="Of each field the value stays; gaps are filled from the others, the last changed first, and lists are "
        "united. `fields` names the record whose value wins, or `all`. With `dry_run`, the answer shows the record as "
        "it would be, and nothing is written.",
    ),
    Route(
        name="unmerge", method="POST", path=f"{ONE}/unmerge", run=merging.unmerge, summary="Take a merge back",
        scope=WRITE, needs="delete", body=merging.UnmergeGiven, answer=shapes.unmerged, offered=_merges, etag=True,
        help="The merged records come back with the values and relations that they had. Fields that were edited since "
        "stay as they are and are named in `kept`.",
    ),
    Route(
        name="merges", method="GET", path=f"{ONE}/merges", run=merging.merges, summary="List merges",
        answer=shapes.merges, offered=_merges,
    ),
    Route(
        name="bulk_create", method="POST", path="{plural}/bulk/create", run=bulk.create, summary="Create many",
        scope=WRITE, needs="create", query=(DUPLICATES,), body=bulk.Creations, sent=shapes.many_new,
        answer=bulk.Results, offered=_made_by_form,
    ),
    Route(
        name="bulk_update", method="POST", path="{plural}/bulk/update", run=bulk.update, summary="Update many",
        scope=WRITE, needs="edit", body=bulk.Updates, sent=shapes.many_changed, answer=bulk.Results,
    ),
    Route(
        name="bulk_upsert", method="POST", path="{plural}/bulk/upsert", run=bulk.upsert, scope=WRITE, needs="create",
        summary="Create many, or update those that are there", query=(DUPLICATES,), body=bulk.Upserts,
        sent=shapes.many_upserted, answer=bulk.Results, offered=_made_by_form,
    ),
    Route(
        name="bulk_delete", method="POST", path="{plural}/bulk/delete", run=bulk.delete, scope=WRITE, needs="delete",
        summary="Move many to the trash", body=bulk.Ids, answer=bulk.Results,
    ),
    Route(
        name="bulk_restore", method="POST", path="{plural}/bulk/restore", run=bulk.restore, scope=WRITE,
        needs="delete", summary="Take many out of the trash", body=bulk.Ids, answer=bulk.Results,
    ),
    Route(
        name="files", method="GET", path=f"{ONE}/files", run=files.of_record, summary="List files", answer=shapes.files,
        offered=_has_files,
    ),
    Route(
        name="attach", method="POST", path=f"{ONE}/files", run=files.upload, summary="Add a file", scope=WRITE,
        needs="edit", query=(NAME,), media=(files.FORM, files.BYTES), answer=shapes.file, status=201,
        offered=_has_files, etag=False,
        help="A file of the same name on the record becomes a new version of it.",
    ),
    Route(
        name="upload", method="POST", path="{plural}", run=files.upload, summary="Upload a file of no record",
        scope=WRITE, needs="create", query=(NAME,), media=(files.FORM, files.BYTES), answer=shapes.file, status=201,
        offered=_is_file,
    ),
    Route(
        name="content", method="GET", path=f"{ONE}/content", run=files.content, summary="Download",
        query=(REVISION,), binary=True, offered=_is_file,
    ),
    Route(
        name="views", method="GET", path="{plural}/views", run=views.list_views, summary="List saved views",
        answer=views.Views,
    ),
    Route(
        name="create_view", method="POST", path="{plural}/views", run=views.create_view, summary="Save a view",
        scope=WRITE, body=views.ViewGiven, answer=views.ViewAnswer, status=201,
    ),
    Route(
        name="update_view", method="PATCH", path="{plural}/views/{id}", run=views.update_view, scope=WRITE,
        summary="Change a saved view", body=views.ViewGiven, answer=views.ViewAnswer,
    ),
    Route(
        name="delete_view", method="DELETE", path="{plural}/views/{id}", run=views.delete_view, scope=WRITE,
        summary="Remove a saved view", status=204,
    ),
)  # fmt: skip
