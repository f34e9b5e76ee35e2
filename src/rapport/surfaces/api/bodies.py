"""What a request carries: JSON that fits the route's type, a form with a file, or plain bytes."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext as _

from rapport.features.programs.decoding import decoded
from rapport.features.programs.problems import Problem
from rapport.surfaces.api.calls import Call, Route

JSON_TYPES = ("application/json", "application/merge-patch+json")


def with_body(call: Call, route: Route) -> Call:
    """The call with its body read. Raises Problem."""
    request = call.request
    if route.media:
        if request.content_type in route.media or "*/*" in route.media:
            return call
        raise _media(route.media)
    raw = request.body
    if route.body is None:
        if raw and raw.strip() not in (b"", b"{}", b"null"):
            raise Problem(400, "malformed", _("This takes no content."))
        return call
    if request.content_type not in JSON_TYPES:
        raise _media(JSON_TYPES)
    return replace(call, body=decoded(raw, route.body))


def _media(known: tuple[str, ...]) -> Problem:
    detail = _("Send the header Content-Type with one of: %(known)s.") % {"known": ", ".join(known)}
    return Problem(415, "media-type", detail, headers={"Accept": ", ".join(known)})
