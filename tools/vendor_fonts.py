"""Cuts a variable font into the files that style sheets name: the letters of each `unicode-range`, the weights in use.

Needs `pip install "fonttools[woff]==4.68.0"` beside what `make env` installs; only maintainers run it.
"""

from __future__ import annotations

import io
import re

_FACE = re.compile(r"@font-face \{(.*?)\}", re.S)
_PART = re.compile(r"U\+([0-9A-F]+)(?:-([0-9A-F]+))?")


def letters(css: str, file: str) -> set[int]:
    """Code points of the `unicode-range` of the face that loads a file. Raises KeyError without one."""
    for face in _FACE.findall(css):
        if f"/{file}" in face:
            parts = _PART.findall(face.partition("unicode-range:")[2])
            return {code for first, last in parts for code in range(int(first, 16), int(last or first, 16) + 1)}
    raise KeyError(file)


def cut(data: bytes, letters: set[int], weights: tuple[int, int]) -> bytes:
    """The WOFF2 font with these letters alone (those of them that it has), between two weights."""
    from fontTools import subset
    from fontTools.ttLib import TTFont
    from fontTools.varLib import instancer

    font = TTFont(io.BytesIO(data), recalcTimestamp=False)
    font.flavor = None
    options = subset.Options(layout_features=["*"], notdef_outline=True)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=letters)
    subsetter.subset(font)
    plain = io.BytesIO()
    font.save(plain)
    plain.seek(0)
    font = instancer.instantiateVariableFont(TTFont(plain, recalcTimestamp=False), {"wght": weights})
    font.flavor = "woff2"
    made = io.BytesIO()
    font.save(made)
    return made.getvalue()
