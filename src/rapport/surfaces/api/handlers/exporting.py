"""A list as a file."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from rapport.features.programs import shapes
from rapport.features.transfer.exporting import export as export_list
from rapport.features.transfer.exporting import writers_of
from rapport.features.transfer.writers import WRITERS
from rapport.records.errors import Invalid
from rapport.surfaces.api.calls import Call, Reply


def export(call: Call) -> Reply:
    """The records that the caller may export, as the page of the list would give them. Raises Forbidden, Invalid."""
    obj, query = call.object, call.query
    columns = shapes.chosen(call.caller, obj, query["fields"])
    writer = WRITERS[query["format"]]
    if not writer.suits(obj):
        known = ", ".join(one.key for one in writers_of(obj))
        raise Invalid({"format": [_("Choose one of: %(options)s.") % {"options": known}]})
    stream = export_list(call.caller, obj, columns, query["filter"], query["sort"], form=writer.key)
    name = f"{obj.plural}-{timezone.localdate().isoformat()}.{writer.extension}"
    headers = {"Content-Type": writer.media_type, "Content-Disposition": f'attachment; filename="{name}"'}
    return Reply(stream=stream, headers=headers)
