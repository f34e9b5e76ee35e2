"""Cells that a spreadsheet would take for a formula: made harmless on the way out, restored on the way in."""

from __future__ import annotations

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_QUOTED = tuple(f"'{c}" for c in (*_FORMULA, "'"))


def neutral(text: str) -> str:
    """The cell with an apostrophe before what a spreadsheet would compute, or would take for such an apostrophe."""
    return f"'{text}" if text.startswith(_FORMULA) or text.startswith(_QUOTED) else text


def restored(text: str) -> str:
    """The inverse of `neutral`."""
    return text[1:] if text.startswith(_QUOTED) else text
