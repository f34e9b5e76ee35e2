"""A list as a CSV file: the records, columns and order that the page shows."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from rapport.features.transfer.exporting import export_csv
from rapport.surfaces.web.lists import finding, tables
from rapport.surfaces.web.lists import state as states
from rapport.surfaces.web.lists.boards import on_show


@require_POST
def export(request: HttpRequest, plural: str) -> HttpResponseBase:
    """Download the list. A post, since it is written down in the audit log."""
    state = states.read(request, plural)
    lines = export_csv(
        state.caller, state.obj, tables.columns_of(state), finding.condition(state, on_show(state)), state.sort,
        among=finding.records(state), search=state.q,
    )  # fmt: skip
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    name = f"{state.obj.plural}-{timezone.localdate().isoformat()}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
