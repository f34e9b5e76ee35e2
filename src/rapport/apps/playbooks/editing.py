"""The editor of a playbook: what its form holds, and writing the playbook with all of its steps at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext as _

from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid, NotFound
from rapport.records.read import RecordView, visible

MOST = 60
"""Steps that one playbook may have."""
LINES = ("name", "description", "position")
LISTS = ("stages", "kinds", "sources", "lifecycles")
PARTS = ("name", "wording", "reply", "options", "fills")


@dataclass(slots=True)
class Row:
    """A step in the form: key of the step (0: a new one), what stands in its inputs, and what is wrong with them."""

    id: int = 0
    raw: dict[str, Any] = field(default_factory=lambda: {**dict.fromkeys(PARTS, ""), "reply": "text", "must": False})
    errors: dict[str, list[str]] = field(default_factory=dict)

    @property
    def blank(self) -> bool:
        """Whether nothing was entered."""
        return not self.id and not any(self.raw[n] for n in ("name", "wording", "options", "fills"))


@dataclass(slots=True)
class Sheet:
    """A playbook in the form, with its steps in order."""

    values: dict[str, Any]
    rows: list[Row]
    errors: dict[str, list[str]] = field(default_factory=dict)


def stored(caller: Caller, book: RecordView) -> Sheet:
    """The playbook as it is kept."""
    condition = {"field": "playbook", "op": "is", "value": book.id}
    found = visible(caller, "playbook_step").page(
        columns=(*PARTS, "must"), filter=condition, sort="position", size=MOST
    ).rows  # fmt: skip
    rows = [Row(r.id, {**{n: r.values.get(n) or "" for n in PARTS}, "must": bool(r.values.get("must"))}) for r in found]
    values = {n: book.values.get(n) for n in (*LINES, "active")}
    return Sheet({**values, **{n: list(book.values.get(n) or ()) for n in LISTS}}, rows or [Row()])


def sent(data: QueryDict) -> Sheet:
    """The playbook as a form sends it."""
    rows = []
    for name in data.getlist("row")[:MOST]:
        key = data.get(f"{name}-id", "")
        raw: dict[str, Any] = {n: data.get(f"{name}-{n}", "").strip() for n in PARTS}
        raw["must"] = f"{name}-must" in data
        rows.append(Row(int(key) if key.isascii() and key.isdigit() and len(key) < 19 else 0, raw))
    values: dict[str, Any] = {n: data.get(n, "").strip() for n in LINES}
    values |= {n: data.getlist(n) for n in LISTS} | {"active": "active" in data}
    return Sheet(values, rows or [Row()])


def arranged(sheet: Sheet, act: str) -> int | None:
    """Add, move or remove a step, as a button of the form says; the place of that step, None for no such act."""
    verb, _dash, place = act.partition("-")
    at = int(place) if place.isascii() and place.isdigit() and len(place) < 4 else -1
    rows = sheet.rows
    if verb == "add" and len(rows) < MOST:
        rows.append(Row())
        return len(rows) - 1
    if not 0 <= at < len(rows):
        return None
    to = {"up": at - 1, "down": at + 1}.get(verb, at)
    if verb == "remove":
        del rows[at]
        if not rows:
            rows.append(Row())
        return min(at, len(rows) - 1)
    if to == at or not 0 <= to < len(rows):
        return at if verb in {"up", "down"} else None
    rows[at], rows[to] = rows[to], rows[at]
    return to


def save(caller: Caller, book: int, sheet: Sheet) -> None:
    """Write the playbook and its steps in their order; steps that are missing are deleted.

    Raises Invalid, with what is wrong noted in the sheet; then nothing is written.
    """
    sheet.rows = [row for row in sheet.rows if not row.blank] or sheet.rows[:1]
    known = set(visible(caller, "playbook_step").ids({"field": "playbook", "op": "is", "value": book}))
    if not {row.id for row in sheet.rows if row.id} <= known:
        raise NotFound
    with transaction.atomic():
        try:
            write.update(caller, "playbook", book, {**sheet.values, "position": sheet.values["position"] or 10})
        except Invalid as error:
            sheet.errors = _texts(error.errors)
        for position, row in enumerate((r for r in sheet.rows if not r.blank), 1):
            _step(caller, book, row, position)
        gone = sorted(known - {row.id for row in sheet.rows})
        if gone:
            write.delete(caller, "playbook_step", gone)
        if sheet.errors or any(row.errors for row in sheet.rows):
            raise Invalid({"": [_("Some entries need your attention.")]})


def _step(caller: Caller, book: int, row: Row, position: int) -> None:
    values: Mapping[str, Any] = {**row.raw, "position": position}
    try:
        if row.id:
            write.update(caller, "playbook_step", row.id, values)
        else:
            row.id = write.create(caller, "playbook_step", {**values, "playbook": book})
    except Invalid as error:
        row.errors = _texts(error.errors)


def _texts(errors: Mapping[str, Sequence[Any]]) -> dict[str, list[str]]:
    return {name: [str(text) for text in texts] for name, texts in errors.items()}
