"""Many writes in one transaction: what is much cheaper for all at once than for each waits for the end.

SQLite's full-text index writes a segment of its own at each flush, and merges segments all the time. It flushes
whenever another statement may have to be taken back, so what goes into it must come last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connection

Do = Callable[[Sequence[Any]], None]


class _Waiting:
    """What waits, by what shall be done with it. It is for one level of savepoints: those within do all at once."""

    def __init__(self) -> None:
        self.items: dict[Do, list[Any]] = {}
        self.level = len(connection.savepoint_ids)

    def add(self, do: Do, items: Sequence[Any]) -> bool:
        """Let items wait; whether they do."""
        if len(connection.savepoint_ids) != self.level:
            return False
        self.items.setdefault(do, []).extend(items)
        return True

    def settle(self) -> None:
        """Do what waits."""
        while self.items:
            do, items = self.items.popitem()
            do(items)


_waiting: ContextVar[_Waiting | None] = ContextVar("waiting", default=None)


@contextmanager
def together() -> Iterator[None]:
    """Within the transaction at hand: what is put off within is done at the end; where this raises, it is not.

    A savepoint settles it too, on SQLite: what is rolled back afterwards must not take along what came before.
    """
    if _waiting.get() is not None:
        yield
        return
    own: Any = connection
    waiting = _Waiting()
    token, own.before_savepoint = _waiting.set(waiting), waiting.settle
    try:
        yield
        waiting.settle()
    finally:
        own.before_savepoint = None
        _waiting.reset(token)


def put_off(do: Do, items: Sequence[Any]) -> None:
    """Do it with the items at the end of `together`, with all that came meanwhile; at once outside of it."""
    waiting = _waiting.get()
    if waiting is None or not waiting.add(do, items):
        do(items)


def settle() -> None:
    """Do now what waits: before anything that must find it done."""
    if waiting := _waiting.get():
        waiting.settle()
