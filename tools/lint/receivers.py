"""No receivers of model signals: what must happen after a write follows from outbox events."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import PurePosixPath

from tools.lint.rule import Example, Finding, Rule, is_own_python, room

SIGNALS = {"pre_save", "post_save", "pre_delete", "post_delete", "m2m_changed", "pre_init", "post_init"}


def check(path: str, text: str) -> Iterable[Finding]:
    """Every mention of a model signal, imported or by attribute."""
    for node in ast.walk(ast.parse(text, path)):
        names: list[str] = []
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("django.db.models"):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.Attribute):
            names = [node.attr]
        for name in SIGNALS.intersection(names):
            yield Finding(path, node.lineno, f"{name}: subscribe to the outbox event instead of the model signal", name)


def _applies(path: PurePosixPath) -> bool:
    return is_own_python(path) and room(path) != ""


HERE = "src/rapport/apps/sales/events.py"
RULE = Rule(
    name="receivers",
    why="A signal fires inside someone else's transaction, in no visible order, and never for bulk writes.",
    applies=_applies,
    check=check,
    good=(
        Example(HERE, "from django.db.models.signals import post_migrate\npost_migrate.connect(f)"),
        Example(HERE, "On('record.updated', run)"),
    ),
    bad=(
        Example(HERE, "from django.db.models.signals import post_save"),
        Example(HERE, "from django.db.models import signals\nsignals.post_delete.connect(f)"),
    ),
)
