"""Templates fit the content policy: no inline handlers, scripts or styles, nothing that htmx evaluates."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from tools.lint.rule import Example, Finding, Rule, room

COMMENT = re.compile(r"\{#.*?#\}|<!--.*?-->|\{% comment %\}.*?\{% endcomment %\}", re.DOTALL)
TAG = re.compile(r"<[a-zA-Z][^<>]*>", re.DOTALL)
INSIDE = (
    (re.compile(r"\son[a-z]+\s*=", re.IGNORECASE), "inline event handler"),
    (re.compile(r"\s(?:data-)?hx-(?:on\b|vars\b)"), "htmx attribute that evaluates script"),
    (re.compile(r"""\shx-(?:vals|headers|config)\s*=\s*["']js:"""), "htmx attribute that evaluates script"),
    (re.compile(r"\sstyle\s*="), "inline style"),
    (re.compile(r"""=\s*["']?\s*javascript:""", re.IGNORECASE), "javascript: address"),
)
SCRIPT = re.compile(r"<script\b(?P<attributes>[^>]*)>", re.IGNORECASE)
DATA_BLOCK = re.compile(r"""type\s*=\s*["']application/(?:ld\+)?json["']""")


def check(path: str, text: str) -> Iterable[Finding]:
    """Inline scripts, handlers and styles of one template."""
    text = COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)

    def finding(position: int, what: str, key: str) -> Finding:
        return Finding(path, text.count("\n", 0, position) + 1, what, key.strip())

    for tag in TAG.finditer(text):
        for pattern, what in INSIDE:
            if match := pattern.search(tag[0]):
                yield finding(tag.start() + match.start(), f"{what}: {match[0].strip()}", match[0])
    for match in SCRIPT.finditer(text):
        if not re.search(r"\bsrc\s*=", match["attributes"]) and not DATA_BLOCK.search(match["attributes"]):
            yield finding(match.start(), "inline script", match[0])
    for match in re.finditer(r"<style\b", text):
        yield finding(match.start(), "inline style sheet", match[0])


def _applies(path: PurePosixPath) -> bool:
    return path.suffix == ".html" and room(path) != ""


HERE = "src/rapport/surfaces/web/jinja2/web/list.html"
RULE = Rule(
    name="templates",
    why="The Content-Security-Policy refuses inline script and style, so they would silently fail.",
    applies=_applies,
    check=check,
    good=(
        Example(HERE, '<script type="module" src="{{ static(\'a.js\') }}"></script>'),
        Example(HERE, '<script type="application/json" id="fields">{{ fields }}</script>'),
        Example(HERE, '<a href="/x" hx-get="/y" data-once="1">on click = here</a>'),
        Example(HERE, '<!-- <b onclick="x"> --> {# style="a" #}'),
    ),
    bad=(
        Example(HERE, '<button onclick="go()">'),
        Example(HERE, "<script>go()</script>"),
        Example(HERE, '<script type="module">go()</script>'),
        Example(HERE, '<a href="javascript:go()">'),
        Example(HERE, '<div hx-on:click="go()">'),
        Example(HERE, "<div hx-vals='js:{a: go()}'>"),
        Example(HERE, '<p style="color: red">'),
        Example(HERE, "<style>p {}</style>"),
    ),
)
