"""Trim a minified style sheet to the class families a page may use, inside one cascade layer."""

from __future__ import annotations

import re
from collections.abc import Iterator

CLASS = re.compile(r"\.((?:[A-Za-z_]|\\.)(?:[\w-]|\\.)*)")


def blocks(css: str) -> Iterator[tuple[str, str]]:
    """Pairs of prelude and body of each top-level rule; strings and comments are respected."""
    i, size = 0, len(css)
    while i < size:
        if css.startswith("/*", i):
            i = css.index("*/", i) + 2
            continue
        start = i
        while i < size and css[i] not in "{;}":
            i = _skip_string(css, i)
        if i >= size:
            return
        if css[i] != "{":
            i += 1
            continue
        prelude, body = css[start:i], i + 1
        depth, i = 1, i + 1
        while depth:
            depth += (css[i] == "{") - (css[i] == "}")
            i = _skip_string(css, i)
        yield prelude, css[body : i - 1]


def _skip_string(css: str, i: int) -> int:
    if css[i] not in "\"'":
        return i + 1
    end = i + 1
    while css[end] != css[i]:
        end += 2 if css[end] == "\\" else 1
    return end + 1


def selectors(prelude: str) -> list[str]:
    """Split a selector list at its top-level commas."""
    parts, depth, start = [], 0, 0
    for i, char in enumerate(prelude):
        depth += (char in "([") - (char in ")]")
        if char == "," and depth == 0:
            parts.append(prelude[start:i])
            start = i + 1
    return [*parts, prelude[start:]]


def kept(selector: str, keep: re.Pattern[str], drop: re.Pattern[str]) -> bool:
    if drop.search(selector):
        return False
    return all(keep.fullmatch(name.replace("\\", "")) for name in CLASS.findall(selector))


def rules(css: str, keep: re.Pattern[str], drop: re.Pattern[str]) -> Iterator[str]:
    for prelude, body in blocks(css):
        if prelude.startswith(("@media", "@supports")):
            if drop.search(prelude):
                continue
            inner = "".join(rules(body, keep, drop))
            if inner:
                yield f"{prelude}{{{inner}}}"
        elif prelude.startswith("@keyframes"):
            yield f"{prelude}{{{body}}}"
        elif not prelude.startswith("@"):
            left = [s for s in selectors(prelude) if kept(s, keep, drop)]
            if left and body:
                yield f"{','.join(left)}{{{body}}}"


def trim(css: str, *, keep: str, drop: str, layer: str) -> str:
    """Rules whose every class matches `keep` and whose selector or condition does not match `drop`.

    Custom properties and keyframes that nothing left uses go as well. The result sits in `@layer`,
    so that a style sheet outside of layers always wins.
    """
    banner = re.search(r"/\*!.*?\*/", css, re.S)
    body = "".join(rules(css, re.compile(keep), re.compile(drop)))
    while True:
        shorter = _unused(body)
        if shorter == body:
            break
        body = shorter
    return f"{banner.group(0) if banner else ''}\n@layer {layer}{{{body}}}\n"


def _unused(css: str) -> str:
    used = set(re.findall(r"var\((--[\w-]+)", css))
    css = re.sub(
        r"(?<=[{;])(--[\w-]+):(?:[^;{}\"']|\"[^\"]*\"|'[^']*')*(;|(?=\}))",
        lambda m: m.group(0) if m.group(1) in used else "",
        css,
    )
    css = re.sub(r"[^{};]+\{\}", "", css)
    animations = " ".join(re.findall(r"animation(?:-name)?:[^;}]*", css))
    for name in set(re.findall(r"@keyframes ([\w-]+)", css)):
        if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", animations):
            css = re.sub(rf"@keyframes {re.escape(name)}\{{(?:[^{{}}]*\{{[^{{}}]*\}})*\}}", "", css)
    return css
