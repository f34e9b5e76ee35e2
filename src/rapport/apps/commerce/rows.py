"""Rows of the line editor as HTML: one is rendered by the template with marks in it, all are filled in from it.

A macro for each of two hundred rows would take most of the time of a page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from markupsafe import Markup, escape

from rapport.apps.commerce.editor import COUNTING, FIELDS

_OPEN, _CLOSE = "\ue000", "\ue001"
_MARK = re.compile(f"{_OPEN}([a-z_]+){_CLOSE}")
_SELECTED, _HIDDEN, _WRONG = Markup(" selected"), Markup(" hidden"), Markup(' class="has-error"')
BLANK: Mapping[str, str] = {"quantity": "1"}
"""What a new row begins with."""


def _mark(name: str) -> str:
    return f"{_OPEN}{name}{_CLOSE}"


PATTERN: Mapping[str, Any] = {
    **{name: _mark(name) for name in ("name", "id", "label", "net", "error", "hidden", "wrong")},
    "raw": {name: _mark(name) for name in FIELDS},
    "selected": {key: _mark(f"is_{key or 'always'}") for key in COUNTING},
}
"""A row whose values are marks."""


def filled(pattern: Markup, rows: Iterable[Mapping[str, Any]]) -> Markup:
    """The rows, each as the pattern says, their values escaped."""
    parts = _MARK.split(str(pattern))
    texts, names = parts[::2], parts[1::2]
    made: list[str] = []
    for row in rows:
        values = _values(row)
        for text, name in zip(texts, names, strict=False):
            made += (text, values.get(name, ""))
        made.append(texts[-1])
    return Markup("".join(made))  # noqa: S704 (pieces of a rendered template, and values that were escaped)


def _values(row: Mapping[str, Any]) -> dict[str, Markup]:
    """What stands at the marks for a row `{name, id, raw, label, net, errors}`, escaped."""
    raw, errors = row["raw"], row.get("errors") or ()
    values = {
        **{name: text.replace(_OPEN, "") for name, text in raw.items()},
        "name": row["name"],
        "id": row.get("id") or "",
        "label": row.get("label") or "",
        "net": row.get("net") or "",
        "error": " ".join(errors),
        "hidden": "" if errors else _HIDDEN,
        "wrong": _WRONG if errors else "",
        f"is_{raw.get('counts') or 'always'}": _SELECTED,
    }
    return {name: escape(value) for name, value in values.items() if value}
