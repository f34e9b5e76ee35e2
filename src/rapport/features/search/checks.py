"""Start-up check: objects declared in code must have numbers of their own in the index."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error

from rapport.features.search.texts import number_of
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject


def check_objects(**_kwargs: Any) -> list[CheckMessage]:
    """Objects declared in code that search could not tell from each other."""
    return clashes([catalog.current()[key] for key in catalog.registered()])


def clashes(objects: list[RegisteredObject]) -> list[CheckMessage]:
    """An error for each object whose number another one before it has."""
    taken: dict[int, str] = {}
    found: list[CheckMessage] = []
    for obj in objects:
        other = taken.setdefault(number_of(obj), obj.key)
        if other != obj.key:
            text = f"{obj.key}: search can't tell it from {other}"
            found.append(Error(text, hint="Give one of them another `key`.", id="rapport.E020"))
    return found
