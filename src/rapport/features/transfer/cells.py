"""Cells that a spreadsheet would take for a formula: made harmless on the way out, restored on the way in."""

from __future__ import annotations

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_QUOTED = tuple(f"'{c}" for c in (*_FORMULA, "'"))


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would compute a text that is typed into it."""
    return text.startswith(_FORMULA)


def neutral(text: str) -> str:
    """The cell with an apostrophe before what a spreadsheet would compute, or would take for such an apostrophe."""
    return f"'{text}" if text.startswith(_FORMULA) else kept(text)


def kept(text: str) -> str:
    """The cell of a format that marks texts as such: unchanged but for what `restored` would change."""
    return f"'{text}" if text.startswith(_QUOTED) else text


def restored(text: str) -> str:
    """The inverse of `neutral` and of `kept`, but for what only `neutral` changes."""
    return text[1:] if text.startswith(_QUOTED) else text
