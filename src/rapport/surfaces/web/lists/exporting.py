"""A list as a file: the records, columns and order that the page shows."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from rapport.features.transfer.exporting import export as export_list
from rapport.features.transfer.writers import WRITERS
from rapport.surfaces.web.lists import finding, tables
from rapport.surfaces.web.lists import state as states
from rapport.surfaces.web.lists.boards import on_show


@require_POST
def export(request: HttpRequest, plural: str) -> HttpResponseBase:
    """Download the list. A post, since it is written down in the audit log."""
    state, form = states.read(request, plural), request.POST.get("form", "csv")
    content = export_list(
        state.caller, state.obj, tables.columns_of(state), finding.condition(state, on_show(state)), state.sort,
        among=finding.records(state), search=state.q, form=form,
    )  # fmt: skip
    writer = WRITERS[form]
    response = StreamingHttpResponse(content, content_type=writer.media_type)
    name = f"{state.obj.plural}-{timezone.localdate().isoformat()}.{writer.extension}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
