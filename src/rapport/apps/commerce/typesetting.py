"""Typst: a template, data and pictures become a PDF. Nothing but these is read, and what is set is never run."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rapport.lib import json

if TYPE_CHECKING:
    import typst

TEMPLATES = Path(__file__).parent / "typst"
MAIN = "main.typ"


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """The fonts of typst, and those of the machine for letters that these lack; looked for once."""
    import typst

    return typst.Fonts()


def pdf(template: str, data: Mapping[str, Any], files: Mapping[str, bytes] | None = None) -> bytes:
    """The PDF of a template of this folder. Raises ValueError for a picture that can't be drawn."""
    import typst  # 30 ms that few processes need

    with tempfile.TemporaryDirectory(prefix="rapport-pdf-") as name:
        folder = Path(name)
        (folder / MAIN).write_bytes(_template(template))
        for path, content in (files or {}).items():
            (folder / path).write_bytes(content)
        try:
            return typst.compile(
                folder / MAIN, root=folder, font_paths=_fonts(), format="pdf", sys_inputs={"data": json.dumps(data)}
            )
        except typst.TypstError as error:
            raise ValueError(error.message) from error


@lru_cache(maxsize=8)
def _template(name: str) -> bytes:
    return (TEMPLATES / name).read_bytes()
