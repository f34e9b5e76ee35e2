"""A file has one subject and a function one level of thought: long ones are told, very long ones refused."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import PurePosixPath

from tools.lint.rule import Example, Finding, Rule, is_own_python

FILE_ADVICE, FILE_LIMIT = 400, 500
FUNCTION_ADVICE, FUNCTION_LIMIT = 40, 80


def measure(path: str, text: str) -> Iterable[tuple[int, int, str, str]]:
    """(size, line, what, key) of the file and, in Python, of each function; a docstring does not count."""
    yield len(text.splitlines()), 1, "file", "file"
    if not path.endswith(".py"):
        return
    for node in ast.walk(ast.parse(text, path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            docstring = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
            size = (node.end_lineno or node.lineno) - node.lineno + 1 - docstring
            yield size, node.lineno, f"function {node.name}", node.name


def check(path: str, text: str) -> Iterable[Finding]:
    """What is beyond the limit."""
    for size, line, what, key in measure(path, text):
        limit = FILE_LIMIT if key == "file" else FUNCTION_LIMIT
        if size > limit:
            yield Finding(path, line, f"{what} has {size} lines, the limit is {limit}: split it by subject", key)


def advice(path: str, text: str) -> Iterable[Finding]:
    """What is beyond the aim but within the limit."""
    for size, line, what, key in measure(path, text):
        aim, limit = (FILE_ADVICE, FILE_LIMIT) if key == "file" else (FUNCTION_ADVICE, FUNCTION_LIMIT)
        if aim < size <= limit:
            yield Finding(path, line, f"{what} has {size} lines (aim: {aim})", key)


def _applies(path: PurePosixPath) -> bool:
    if (
        "vendor" in path.parts
        or "assets" in path.parts
        or path.parts[0] not in ("src", "tests", "tools", "benchmarks", "examples")
    ):
        return False
    return is_own_python(path) or path.suffix in (".js", ".css", ".html")


HERE = "src/rapport/lib/long.py"
RULE = Rule(
    name="size",
    why="What does not fit on a few screens is not understood by the next reader.",
    applies=_applies,
    check=check,
    exceptions={
        "benchmarks/doors.py: reads": "a table of what is measured, without a decision in it",
        "tests/ui/gallery/content.py: timeline": "data of the gallery, without a decision in it",
        "tests/ui/gallery/content.py: form_fields": "data of the gallery, without a decision in it",
    },
    good=(
        Example(HERE, "x = 1\n" * FILE_LIMIT),
        Example(HERE, "def f():\n" + "    x = 1\n" * (FUNCTION_LIMIT - 1)),
        Example(HERE, 'def f():\n    """' + "\n" * 30 + '    """\n' + "    x = 1\n" * (FUNCTION_LIMIT - 1)),
    ),
    bad=(
        Example(HERE, "x = 1\n" * (FILE_LIMIT + 1)),
        Example(HERE, "def f():\n" + "    x = 1\n" * FUNCTION_LIMIT),
    ),
)
