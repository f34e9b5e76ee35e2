"""What apps and features add to the running system: commands, tools of agents, jobs, checks, parts of the demo."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rapport.registry.fields import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command of `rapport`: `callback` is a click command that may use Django."""

    name: str
    callback: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """What an agent may call. `run(caller, arguments)` gives JSON that fits the schema `answer`.

    `takes` is the `msgspec.Struct` of its arguments. One that writes takes `preview` and `group` besides and runs in a
    transaction that a preview rolls back. `help` is read by a model, so it is said in English only.
    """

    name: str
    title: Text
    help: str
    takes: type
    answer: Mapping[str, Any]
    run: Callable[[Any, Any], dict[str, Any]]
    writes: bool = False
    destructive: bool = False
    idempotent: bool = False
    order: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Background work. `run(context)` may be run twice; `every` schedules it. A lost lease starts it again.

    Work that mostly waits for others (`waits`) runs beside other jobs, so that a slow answer holds up nobody. Of work
    that is not to be `kept`, the row is gone when it has succeeded.
    """

    name: str
    run: Callable[[Any], Any]
    label: Text
    every: dt.timedelta | None = None
    attempts: int = 5
    lease: dt.timedelta = dt.timedelta(minutes=2)
    waits: bool = False
    kept: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What `doctor` found: `ok`, what it saw, and what to do when not ok."""

    ok: bool
    saw: str
    todo: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A check of `rapport doctor`."""

    name: str
    run: Callable[[], CheckResult]


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """Demo data of one domain: `load(context)` after those named in `after`.

    Records are removed by the mark on their writes; `remove()` takes out what is no record.
    """

    name: str
    load: Callable[[Any], None]
    after: tuple[str, ...] = field(default_factory=tuple)
    remove: Callable[[], None] | None = None
