"""From an address to its route: fixed names first, then `{plural}` of any object."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rapport.records.errors import NotFound
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.surfaces.api.calls import BIGGEST, Route

PLURAL, ID, REST = "{plural}", "{id}", "{value}"


@dataclass(slots=True)
class _Node:
    """What may follow a part of an address: literal parts, a number, a word; and the routes that end here."""

    literal: dict[str, _Node] = field(default_factory=dict)
    number: _Node | None = None
    words: dict[str, _Node] = field(default_factory=dict)
    routes: list[Route] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Found:
    """Routes of an address by method, the object that it names, and the values of its parts."""

    routes: Mapping[str, Route]
    obj: RegisteredObject | None
    path: dict[str, Any]


class Router:
    """The routes as a tree."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self.routes = tuple(routes)
        self.fixed, self.of_objects = _Node(), _Node()
        for route in self.routes:
            parts = route.path.split("/")
            whose = parts[0] == PLURAL
            node = self.of_objects if whose else self.fixed
            for part in parts[1:] if whose else parts:
                node = _step(node, part)
            node.routes.append(route)

    def find(self, path: str) -> Found:
        """The routes of a path below `/api/v1/`. Raises NotFound."""
        parts = path.rstrip("/").split("/")
        values: dict[str, Any] = {}
        if parts[0] in self.fixed.literal:
            node, obj = _walk(self.fixed, parts, values), None
        else:
            obj = catalog.current().by_plural.get(parts[0])
            node = _walk(self.of_objects, parts[1:], values) if obj is not None else None
        if node is None or not node.routes:
            raise NotFound
        routes = {r.method: r for r in node.routes if obj is None or r.offered(obj)}
        if not routes:
            raise NotFound
        return Found(routes, obj, values)


def _step(node: _Node, part: str) -> _Node:
    if part == ID:
        node.number = node.number or _Node()
        return node.number
    if part.startswith("{"):
        return node.words.setdefault(part[1:-1], _Node())
    return node.literal.setdefault(part, _Node())


def _walk(node: _Node, parts: list[str], values: dict[str, Any]) -> _Node | None:
    for at, part in enumerate(parts):
        if (following := node.literal.get(part)) is not None:
            node = following
        elif node.number is not None and part.isascii() and part.isdigit() and len(part) < 20:
            if not 0 < (number := int(part)) <= BIGGEST:
                return None
            values["id"] = number
            node = node.number
        elif node.words and part:
            name, following = next(iter(node.words.items()))
            if name == REST[1:-1]:
                values[name] = "/".join(parts[at:])
                return following
            values[name] = part
            node = following
        else:
            return None
    return node
