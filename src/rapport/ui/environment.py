"""The Jinja2 environment of every page: globals, filters, translation."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone, translation
from jinja2 import Environment
from jinja2.ext import Extension, InternationalizationExtension

from rapport.lib.format import tone_of
from rapport.ui import cards, cells, filters, fragments, markup, texts


def url(name: str, *args: Any, **kwargs: Any) -> str:
    return reverse(name, args=args or None, kwargs=kwargs or None)


def environment(**options: Any) -> Environment:
    """What `TEMPLATES[…]["OPTIONS"]["environment"]` of Django's Jinja2 backend names."""
    options = {"autoescape": True, "trim_blocks": True, "lstrip_blocks": True, **options}
    extensions: list[str | type[Extension]] = [
        InternationalizationExtension,
        "jinja2.ext.do",
        "jinja2.ext.loopcontrols",
        fragments.Kept,
    ]
    env = Environment(**options, extensions=extensions)  # noqa: S701 (autoescape is among the options)
    env.install_gettext_callables(  # type: ignore[attr-defined]
        translation.gettext,
        translation.ngettext,
        newstyle=True,
        pgettext=translation.pgettext,
        npgettext=translation.npgettext,
    )
    env.globals.update(
        _=texts.gettext,
        gettext=texts.gettext,
        static=lru_cache(maxsize=512)(static),
        url=url,
        icon=markup.icon,
        attrs=markup.attributes,
        now=timezone.localtime,
        tone_of=tone_of,
        language=translation.get_language,
        languages=settings.LANGUAGES,
        unique=markup.unique,
        _cards=cards.cards,
        _cell=cells.cell,
        _rows=cells.rows,
    )
    env.filters.update(filters.FILTERS)
    return env
