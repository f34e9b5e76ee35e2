"""The names of acts in the audit log."""

from __future__ import annotations

import ast
from pathlib import Path

import rapport
from rapport.surfaces.web.settings.acts import ACTS, named

NOTERS = {"record": 0, "administering": 1, "_defining": 1, "_noting": 0}
"""Functions that note an act, with the place of its name among their arguments."""


def acts() -> set[str]:
    """Every act that a call in the sources names."""
    found: set[str] = set()
    for path in Path(rapport.__path__[0]).rglob("*.py"):
        text = path.read_text()
        if "audit" not in text and "administering" not in text:
            continue
        for call in ast.walk(ast.parse(text)):
            if isinstance(call, ast.Call):
                place = NOTERS.get(ast.unparse(call.func).removeprefix("audit."))
                if place is not None and len(call.args) > place:
                    constants = ast.walk(call.args[place])
                    found |= {c.value for c in constants if isinstance(c, ast.Constant) and isinstance(c.value, str)}
    return found


def test_every_act_has_a_name() -> None:
    found = acts()
    assert {"sign-in", "share", "field no longer indexed", "second factor added"} <= found
    assert found - ACTS.keys() == set()


def test_an_act_of_an_app_is_named_by_itself() -> None:
    assert named("ship launched") == "ship launched"
