"""What an act tells afterwards: a message of the next page, or for htmx events that the page's modules act on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

Undo = Mapping[str, Any]
"""`{url, label?, fields?}`: what a toast's button posts."""


def ascii_json(value: Any) -> str:
    """JSON that fits into a header: everything beyond ASCII escaped."""
    return json.dumps(value, ensure_ascii=True, default=str)


def undo_of(url: str, **fields: Any) -> Undo:
    """The undo button of a toast."""
    return {"url": url, "label": _("Undo"), "fields": fields}


def tell(request: HttpRequest, text: Any, *, level: str = "success", undo: Undo | None = None) -> None:
    """Show a toast on the next page of this session."""
    levels = {"info": messages.INFO, "success": messages.SUCCESS, "warning": messages.WARNING, "error": messages.ERROR}
    messages.add_message(request, levels[level], str(text), extra_tags=ascii_json({"undo": undo}) if undo else "")


def read(request: HttpRequest) -> list[dict[str, Any]]:
    """The toasts of this page as `ui/page.html` takes them."""
    found = []
    for message in messages.get_messages(request):
        tags = message.extra_tags or ""
        more = json.loads(tags) if tags.startswith("{") else {}
        found.append({"level": message.level_tag, "text": str(message.message), "tags": tags, **more})
    return found


def done(
    text: Any = "", *, level: str = "success", undo: Undo | None = None, refresh: bool = True, close: bool = True
) -> HttpResponse:
    """The answer to htmx after an act: a toast, dialogs closed, the page shown again."""
    events: dict[str, Any] = {}
    if text:
        events["toast"] = {"text": str(text), "level": level, **({"undo": undo} if undo else {})}
    if close:
        events["dialog:close"] = True
    if refresh:
        events["main:refresh"] = True
    response = HttpResponse(status=204)
    response.headers["HX-Trigger"] = ascii_json(events)
    response.headers["HX-Push-Url"] = "false"  # the address of a post is no place to come back to
    return response
