"""No tracked file names a folder of somebody's machine or the host of a package registry."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from tools.lint.rule import Example, Finding, Rule

# In pieces, so that this file does not name them itself.
FOLDERS = re.compile(
    r"(?<![\w.$}<>-])/(?:"
    + "|".join(("wor" + "k/", "roo" + "t/", "(?:home|Users)/[A-Z]?[a-z]+/" + r"\w"))
    + r")(?!\.\.\.)"
)
REGISTRIES = re.compile(
    "|".join((r"pypi\." + "org", r"pythonhosted\." + "org", r"registry\.npmjs\." + "org", "file://" + "/")),
    re.IGNORECASE,
)


def check(path: str, text: str) -> Iterable[Finding]:
    """Lines that name such a place."""
    for number, line in enumerate(text.splitlines(), 1):
        for pattern, what in ((FOLDERS, "folder of one machine"), (REGISTRIES, "registry host")):
            if match := pattern.search(line):
                yield Finding(path, number, f"{what}: {match[0]}", match[0])


def _applies(path: PurePosixPath) -> bool:
    vendored = "vendor" in path.parts or "assets" in path.parts
    return not vendored and path.name not in ("LICENSE",)


HERE = "docs/index.md"
RULE = Rule(
    name="places",
    why="Such a line works for one person only, and tells strangers about that person's machine.",
    applies=_applies,
    check=check,
    good=(
        Example(HERE, "/var/lib/rapport/data and ~/rapport and $HOME/work/x"),
        Example(HERE, "see https://rapport.example/work"),
        Example(HERE, "cut -d/ -f2"),
        Example(HERE, "path('home/changes/'); get('/home/changes/')"),
    ),
    bad=(
        Example(HERE, "cd /wor" + "k/main"),
        Example(HERE, "cat /roo" + "t/.ssh"),
        Example(HERE, "/home" + "/anna/rapport"),
        Example(HERE, "--index-url https://pypi." + "org/simple"),
        Example(HERE, '"resolved": "https://registry.npmjs.' + 'org/a"'),
    ),
)
