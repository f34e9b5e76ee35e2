"""Which playbooks belong to a record or a conversation, and how far they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.text import capfirst

from rapport.apps.playbooks import answers, steps
from rapport.apps.playbooks.models import Reply
from rapport.lib.format import format_number, read_number, write_number
from rapport.records.accounts.caller import Caller
from rapport.records.read import RecordView, RowView, visible
from rapport.registry import catalog

PLAYBOOKS = ("name", "description", "stages", "kinds", "sources", "lifecycles", "position")
STEPS = ("name", "playbook", "wording", "reply", "options", "fills", "must", "position")
MOST, MOST_STEPS = 100, 500


@dataclass(frozen=True, slots=True)
class Play:
    """A playbook with its steps in order, and the answers to them by step."""

    book: RowView
    steps: Sequence[RowView]
    answers: Mapping[int, Any]

    @property
    def done(self) -> int:
        """How many steps are answered."""
        return sum(1 for step in self.steps if step.id in self.answers)

    @property
    def left(self) -> list[str]:
        """Required steps without an answer."""
        return [step.title for step in self.steps if step.values.get("must") and step.id not in self.answers]


def active(caller: Caller) -> list[RowView]:
    """Playbooks in use that the caller may see, in their order."""
    book = catalog.current()["playbook"]
    if not caller.may(book, "read") or not caller.may(catalog.current()["playbook_step"], "read"):
        return []
    condition = {"field": "active", "op": "is", "value": True}
    return visible(caller, book).page(columns=PLAYBOOKS, filter=condition, sort="position", size=MOST).rows


def of_stage(books: Sequence[RowView], stage: int | None) -> list[RowView]:
    """Those for deals in a stage."""
    return [book for book in books if stage and stage in (book.values.get("stages") or ())]


def of_lead(books: Sequence[RowView], source: int | None) -> list[RowView]:
    """Those for conversations with leads of a source."""
    return [b for b in books if b.values.get("kinds") and _fits(b, "sources", source, "lifecycles")]


def of_conversation(books: Sequence[RowView], kind: str, lifecycle: str | None) -> list[RowView]:
    """Those for a kind of conversation with somebody in a life-cycle stage."""
    return [b for b in books if kind in (b.values.get("kinds") or ()) and _fits(b, "lifecycles", lifecycle, "sources")]


def _fits(book: RowView, name: str, value: Any, other: str) -> bool:
    """Whether a playbook is narrowed to this value, or not narrowed at all."""
    wanted = book.values.get(name) or ()
    return value in wanted if wanted else not book.values.get(other)


def plays(caller: Caller, books: Sequence[RowView], known: Mapping[int, Any]) -> list[Play]:
    """The playbooks with their steps; those without any step are left out."""
    if not books:
        return []
    condition = {"field": "playbook", "op": "in", "value": [book.id for book in books]}
    rows = visible(caller, "playbook_step").page(
        columns=STEPS, filter=condition, sort="position", size=MOST_STEPS
    ).rows  # fmt: skip
    found = {book.id: [row for row in rows if row.values["playbook"] == book.id] for book in books}
    return [Play(book, found[book.id], known) for book in books if found[book.id]]


def books_of(caller: Caller, known: Mapping[int, Any]) -> set[int]:
    """Playbooks of which steps are answered."""
    if not known:
        return set()
    rows = visible(caller, "playbook_step").page(columns=("playbook",), ids=sorted(known), size=len(known)).rows
    return {row.values["playbook"] for row in rows}


# -- what templates take ----------------------------------------------------------------------------------------------


def shown(caller: Caller, play: Play, *, prefix: str, sent: Mapping[str, str] | None = None,
          errors: Mapping[str, Sequence[Any]] | None = None) -> dict[str, Any]:  # fmt: skip
    """A playbook for a template; `sent` is what was typed, by name of the control, `errors` what is wrong, by step."""
    items = [_step(caller, play, step, prefix, sent, errors or {}) for step in play.steps]
    first = next((item for item in items if not item["answered"]), None)
    return {
        "id": play.book.id,
        "name": play.book.title,
        "description": play.book.values.get("description") or "",
        "steps": items,
        "next": first["id"] if first else None,
        "done": play.done,
        "all": len(items),
        "finished": not play.left,
    }


def _step(
    caller: Caller, play: Play, step: RowView, prefix: str, sent: Mapping[str, str] | None,
    errors: Mapping[str, Sequence[Any]],
) -> dict[str, Any]:  # fmt: skip
    values, name = step.values, f"step-{step.id}"
    row = play.answers.get(step.id)
    value = row.values.get("value") or "" if row else ""
    reply = values.get("reply") or Reply.TEXT
    typed = (sent or {}).get(name)
    control = {
        "name": name,
        "id": f"{prefix}{step.id}",
        "label": step.title,
        "widget": {"tick": "checkbox", "choice": "select", "number": "decimal", "date": "date"}.get(reply, "textarea"),
        "value": typed if typed is not None else _written(caller, reply, value),
        "choices": [{"value": o, "label": o} for o in steps.options(values.get("options"))],
        "attrs": {"rows": 2},
        "errors": [str(text) for text in errors.get(str(step.id), ())],
    }
    found = steps.target(values.get("fills"))
    return {
        "id": step.id,
        "title": step.title,
        "wording": values.get("wording") or "",
        "must": bool(values.get("must")),
        "answered": row is not None,
        "tick": reply == Reply.TICK,
        "date": dt.date.fromisoformat(value) if reply == Reply.DATE and value else None,
        "said": _said(caller, reply, value),
        "by": row.labels.get("updated_by") or "Rapport" if row else "",
        "at": row.values.get("updated_at") if row else None,
        "fills": capfirst(str(found[1].label)) if found else "",
        "control": control,
    }


def _said(caller: Caller, reply: str, value: str) -> str:
    """An answer as it is read: numbers with their groups."""
    try:
        return format_number(Decimal(value), caller.language) if reply == Reply.NUMBER and value else value
    except InvalidOperation:
        return value


def _written(caller: Caller, reply: str, value: str) -> str:
    return write_number(value, caller.language) if reply == Reply.NUMBER and value else value


def typed(caller: Caller, sent: Mapping[str, str], rows: Sequence[RowView]) -> dict[int, str]:
    """What a form says to each of the steps, as it is kept: numbers as the caller writes them are read."""
    found = {}
    for row in rows:
        text = sent.get(f"step-{row.id}", "").strip()
        number = row.values.get("reply") == Reply.NUMBER
        found[row.id] = read_number(text, caller.language) if number and text else text
    return found


def answered(caller: Caller, record: RecordView) -> dict[int, Any]:
    """Answers about a record; none for whoever may not see them."""
    may = caller.may(catalog.current()[answers.KEY], "read")
    return answers.of(caller, record.obj.key, record.id) if may else {}
