"""What a rule is, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One line that breaks a rule. `key` names the place without its line number, for lists of exceptions."""

    path: str
    line: int
    text: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """A text that the rule must accept (good) or refuse (bad) when found at `path`."""

    path: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A check of one file at a time.

    `exceptions` maps `path: key` of a finding to the reason why it may stay; an exception that nothing
    needs any more is itself a finding, so that the list only shrinks.
    """

    name: str
    why: str
    applies: Callable[[PurePosixPath], bool]
    check: Callable[[str, str], Iterable[Finding]]
    good: Sequence[Example]
    bad: Sequence[Example]
    exceptions: dict[str, str] = field(default_factory=dict)


def room(path: PurePosixPath) -> str:
    """The room of a source file: `records` for `src/rapport/records/…`, empty outside the package."""
    parts = path.parts
    return parts[2] if len(parts) > 3 and parts[:2] == ("src", "rapport") else ""


def is_own_python(path: PurePosixPath) -> bool:
    """Python written by hand, so no migrations."""
    return path.suffix == ".py" and "migrations" not in path.parts
