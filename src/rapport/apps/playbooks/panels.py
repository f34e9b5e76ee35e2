"""Playbooks on the pages of deals, leads and interactions, answered in their place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from rapport.apps.playbooks import answers, choosing
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid, NotFound
from rapport.records.read import RecordView, RowView, visible
from rapport.registry import catalog
from rapport.registry.extensions import Page, Panel
from rapport.surfaces.web import toasts
from rapport.surfaces.web.record.answers import see_other
from rapport.surfaces.web.requests import Request


def panel(caller: Caller, record: RecordView) -> Mapping[str, Any] | None:
    """The playbooks of the record's stage, source or kind, and others of which steps were answered."""
    books = choosing.active(caller)
    if not books:
        return None
    known = choosing.answered(caller, record)
    now = {book.id for book in _fitting(books, record)}
    others = choosing.books_of(caller, known) - now if known else set()
    found = choosing.plays(caller, [book for book in books if book.id in now | others], known)
    if not found:
        return None
    return {"plays": [_shown(caller, record, play, current=play.book.id in now) for play in found]}


def _fitting(books: Sequence[RowView], record: RecordView) -> list[RowView]:
    values = record.values
    match record.obj.key:
        case "deal":
            return choosing.of_stage(books, values.get("stage") if values.get("outcome") == "open" else None)
        case "lead":
            ended = values.get("status") in {"converted", "disqualified"}
            return [] if ended else choosing.of_lead(books, values.get("source"))
        case _:
            return []


def _shown(
    caller: Caller, record: RecordView, play: choosing.Play, *, current: bool, **more: Any
) -> dict[str, Any]:  # fmt: skip
    may = "edit" in record.may and caller.may(catalog.current()[answers.KEY], "create")
    url = reverse("playbook-answer", args=[record.obj.plural, record.id, play.book.id])
    made = choosing.shown(caller, play, prefix=f"play-{play.book.id}-", **more)
    return {**made, "current": current, "url": url if may else None}


@require_POST
def answer(request: Request, plural: str, record_id: int, playbook: int) -> HttpResponse:
    """Keep the answer to a step; the playbook again, with what is wrong. Raises NotFound, Forbidden."""
    caller = request.caller
    obj = catalog.current().by_plural.get(plural)
    book = next((b for b in choosing.active(caller) if b.id == playbook), None)
    if obj is None or obj.key not in answers.ABOUT or book is None:
        raise NotFound
    record = visible(caller, obj).get(record_id)
    rows = choosing.plays(caller, [book], {})
    step = next((s for play in rows for s in play.steps if str(s.id) == request.POST.get("step")), None)
    if step is None:
        raise NotFound
    errors: Mapping[str, Sequence[Any]] = {}
    try:
        answers.answer(caller, record, choosing.typed(caller, request.POST.dict(), [step]))
    except Invalid as error:
        errors = error.errors
    if not request.headers.get("HX-Request"):
        for texts in errors.values():
            toasts.tell(request, " ".join(map(str, texts)), level="error")
        return see_other(reverse("record", args=[plural, record_id]))
    return _answered(request, record, book, step, errors)


def _answered(
    request: Request, record: RecordView, book: RowView, step: RowView, errors: Mapping[str, Sequence[Any]]
) -> HttpResponse:  # fmt: skip
    caller = request.caller
    play = choosing.plays(caller, [book], choosing.answered(caller, record))[0]
    sent = request.POST.dict() if errors else None
    current = book in _fitting([book], record)
    shown = _shown(caller, record, play, current=current, sent=sent, errors=errors)
    if errors:
        shown["next"] = step.id
    response = render(
        request, "playbooks/play.html", {"play": shown, "focus": True}, status=422 if errors else 200
    )  # fmt: skip
    if step.values.get("fills") and not errors:
        response["HX-Trigger"] = toasts.ascii_json({"main:refresh": True})
    return response


PANEL = Panel(
    name="playbooks", objects=answers.ABOUT, template="playbooks/panel.html", context=panel, title=_("Playbook"),
    place="main", order=2, covers=(answers.KEY,),
)  # fmt: skip
PAGE = Page(
    name="playbook-answer", path="playbooks/<str:plural>/<int:record_id>/<int:playbook>/answer/", view=answer
)  # fmt: skip
