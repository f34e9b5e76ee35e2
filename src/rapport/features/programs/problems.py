"""Refusals as `application/problem+json` (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.db import DataError, IntegrityError
from django.http import UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.lib.requests import request_id
from rapport.records import away, errors
from rapport.registry import catalog

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:rapport:problem:"
TITLES: dict[str, Any] = {
    "malformed": gettext_lazy("The request can't be read"),
    "unauthenticated": gettext_lazy("A token is needed"),
    "forbidden": gettext_lazy("You may not do this"),
    "scope": gettext_lazy("The token may not do this"),
    "merged": gettext_lazy("It stands in another record"),
    "not-found": gettext_lazy("There is nothing here"),
    "method": gettext_lazy("This address does not take this method"),
    "conflict": gettext_lazy("Someone else was faster"),
    "in-flight": gettext_lazy("The same request is still being answered"),
    "ambiguous": gettext_lazy("Several records match"),
    "duplicate": gettext_lazy("Such a record is there already"),
    "changed": gettext_lazy("The record has been changed"),
    "too-large": gettext_lazy("The request is too large"),
    "media-type": gettext_lazy("This kind of content is not taken here"),
    "invalid": gettext_lazy("Some entries need your attention"),
    "key-reused": gettext_lazy("This key was used for another request"),
    "too-slow": gettext_lazy("The question takes too long"),
    "too-many": gettext_lazy("Too many requests"),
    "failed": gettext_lazy("Something went wrong"),
    "away": gettext_lazy("Rapport is away for a moment"),
}


class Problem(Exception):
    """An answer that says what is wrong and what to do. `errors`: `{"field", "detail"}` each."""

    def __init__(
        self, status: int, code: str, detail: Any = "", *, errors: list[dict[str, Any]] | None = None,
        headers: Mapping[str, str] | None = None, **more: Any,
    ) -> None:  # fmt: skip
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.errors, self.headers, self.more = errors or [], dict(headers or {}), more

    def document(self) -> dict[str, Any]:
        """As JSON."""
        said: dict[str, Any] = {"type": TYPE + self.code, "title": str(TITLES[self.code]), "status": self.status}
        if self.detail:
            said["detail"] = str(self.detail)
        if self.errors:
            said["errors"] = self.errors
        said |= self.more
        if known := request_id.get():
            said["request_id"] = known
        return said


def of_errors(found: Mapping[str, list[Any]]) -> list[dict[str, Any]]:
    """The messages of `Invalid`, each with its field (empty for the whole)."""
    return [{"field": name, "detail": str(text)} for name, texts in found.items() for text in texts]


_BY_CLASS: tuple[tuple[type[errors.RecordsError], str], ...] = (
    (errors.NotFound, "not-found"),
    (errors.Forbidden, "forbidden"),
    (errors.Outdated, "conflict"),
    (errors.TooSlow, "too-slow"),
)


def of_refusal(error: errors.RecordsError) -> Problem:
    """What one of the two doors refused."""
    if isinstance(error, errors.Invalid):
        return Problem(422, "invalid", error.message, errors=of_errors(error.errors))
    if isinstance(error, errors.Conflict):
        detail = _("Read the record again, and send the change for its present version.")
        fields = [{"field": name, "detail": str(error.message)} for name in error.fields]
        return Problem(409, "conflict", detail, errors=fields, version=error.version)
    if isinstance(error, errors.Merged):
        obj = catalog.current()[error.object_key]
        return Problem(
            410, "merged", error.message, merged_into=error.survivor, url=f"/api/v1/{obj.plural}/{error.survivor}"
        )
    code = next((code for kind, code in _BY_CLASS if isinstance(error, kind)), "malformed")
    return Problem(error.status, code, error.message)


def of_error(error: Exception) -> Problem | None:
    """What else can be said of an error; None for a mistake of the program."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, errors.RecordsError):
        return of_refusal(error)
    if isinstance(error, RequestDataTooBig):
        return Problem(413, "too-large", _("Send less at once."))
    if isinstance(error, (BadRequest, SuspiciousOperation, UnreadablePostError, MultiPartParserError)):
        return Problem(400, "malformed", _("Look at the form of the request: it ends early or is not what it says."))
    if away.is_away(error):
        detail = _("The database can't be reached right now. Nothing was lost; try again in a moment.")
        return Problem(503, "away", detail, headers={"Retry-After": str(away.RETRY_SECONDS)})
    if isinstance(error, DataError):
        return Problem(422, "invalid", _("A value is too large, or not one that can be kept."))
    if isinstance(error, IntegrityError):
        return Problem(409, "conflict", _("Another write was faster. Send the request again."))
    return None
