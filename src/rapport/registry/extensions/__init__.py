"""Extension points: frozen data that apps and features register and that surfaces and the engine mount.

Each kind is a small dataclass; `register` files it, `all_of(kind)` lists those of a kind in the order registered.
"""

from __future__ import annotations

from typing import Any, TypeVar

from rapport.registry.extensions.pages import (
    Beside,
    CalendarLayer,
    Composer,
    FirstStep,
    MenuGroup,
    Page,
    Panel,
    PublicRoute,
    Setting,
    Tile,
    TimelineSource,
    TourStop,
)
from rapport.registry.extensions.records import (
    Act,
    ArchiveRule,
    Choices,
    Hold,
    Identity,
    MergeRule,
    Notice,
    On,
    PersonalData,
    Teller,
    Within,
)
from rapport.registry.extensions.running import Check, CheckResult, Command, Demo, Job, Tool

__all__ = [
    "Act",
    "ArchiveRule",
    "Beside",
    "CalendarLayer",
    "Check",
    "CheckResult",
    "Choices",
    "Command",
    "Composer",
    "Demo",
    "FirstStep",
    "Hold",
    "Identity",
    "Job",
    "MenuGroup",
    "MergeRule",
    "Notice",
    "On",
    "Page",
    "Panel",
    "PersonalData",
    "PublicRoute",
    "Setting",
    "Teller",
    "Tile",
    "TimelineSource",
    "Tool",
    "TourStop",
    "Within",
    "all_of",
    "named",
    "register",
]
E = TypeVar("E")

_registered: dict[type[Any], dict[str, Any]] = {}


def register(*extensions: Any) -> None:
    """File extensions by kind. Raises ValueError when a name of the kind is taken."""
    for extension in extensions:
        named = _registered.setdefault(type(extension), {})
        if extension.name in named:
            raise ValueError(f"{type(extension).__name__} {extension.name!r} is registered")
        named[extension.name] = extension


def all_of(kind: type[E]) -> list[E]:
    """Extensions of a kind, in the order registered."""
    return list(_registered.get(kind, {}).values())


def named(kind: type[E], name: str) -> E | None:
    """The extension of a kind with this name."""
    return _registered.get(kind, {}).get(name)
