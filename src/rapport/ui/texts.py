"""Translated texts for templates, looked up once a language: a page asks for some two hundred of them."""

from __future__ import annotations

from typing import Any

from django.utils import translation
from markupsafe import Markup

_kept: dict[tuple[str | None, str], Markup] = {}
MOST = 20_000


def gettext(message: str, **variables: Any) -> Markup:
    """The message in the active language with its variables escaped into it (Jinja's "newstyle" gettext)."""
    key = (translation.get_language(), message)
    text = _kept.get(key)
    if text is None:
        text = Markup(translation.gettext(message))  # noqa: S704 (messages are ours; variables are escaped below)
        if len(_kept) < MOST:
            _kept[key] = text
    return text % variables if "%" in text else text
