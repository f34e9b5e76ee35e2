"""Safe pieces of HTML made in Python: icons, attributes, rendered Markdown."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import nh3
from django.templatetags.static import static
from jinja2 import Undefined
from markupsafe import Markup, escape

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_counter = itertools.count(1)
_ATTRIBUTE = re.compile(r"[A-Za-z_:][-A-Za-z0-9_:.]*\Z")


@lru_cache(maxsize=1)
def _sprite() -> str:
    return static("vendor/icons.svg")


@lru_cache(maxsize=1024)
def icon(name: str, label: str | None = None, css: str = "") -> Markup:
    """An icon of the sprite: decoration, unless `label` names it for screen readers."""
    classes = f"icon {css}".strip()
    how = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup('<svg class="{}" {}><use href="{}#tabler-{}"></use></svg>').format(classes, how, _sprite(), name)


def attributes(values: Mapping[str, Any] | None = None, **more: Any) -> Markup:
    """HTML attributes from a mapping: `True` is a bare attribute; `None`, `False` and the undefined are left out.

    Keyword names write underscores for hyphens. Event handlers (`on…`) are refused.
    """
    pairs = [*(values or {}).items(), *((k.rstrip("_").replace("_", "-"), v) for k, v in more.items())]
    out = []
    for name, value in pairs:
        if value is None or value is False or isinstance(value, Undefined):
            continue
        if not _ATTRIBUTE.match(name) or name.lower().startswith("on"):
            raise ValueError(f"{name!r} is no attribute that a template may set")
        out.append(f" {name}" if value is True else f' {name}="{escape(value)}"')
    return Markup("".join(out))  # noqa: S704 (names are matched, values escaped)


def unique(prefix: str = "u") -> str:
    """An id that no other element of the page has."""
    return f"{prefix}-{next(_counter)}"


_TAGS = {
    *("a", "abbr", "b", "blockquote", "br", "code", "del", "em", "hr", "i", "li", "ol", "p", "pre", "s", "strong"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul"),
}
_cleaner = nh3.Cleaner(
    tags=_TAGS,
    attributes={"a": {"href", "title"}, "th": {"align"}, "td": {"align"}, "ol": {"start"}},
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel="noopener nofollow",
)


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt  # 60 ms that a command which shows no page does not wait for

    plain = {"html": False, "linkify": False, "breaks": True}
    return MarkdownIt("commonmark", plain).enable(["table", "strikethrough"])


def render_markdown(text: str) -> Markup:
    """Markdown as HTML from an allowlist: no raw HTML, no images, links that leak nothing."""
    return Markup(_cleaner.clean(_parser().render(text)))  # noqa: S704 (cleaned by the allowlist)


def clean_html(text: str) -> Markup:
    """HTML of others through the same allowlist."""
    return Markup(_cleaner.clean(text))  # noqa: S704 (cleaned by the allowlist)


@lru_cache(maxsize=256)
def highlighted(text: str, term: str) -> Markup:
    """`text` with each occurrence of `term` marked."""
    if not term:
        return escape(text)
    parts = re.split(f"({re.escape(term)})", text, flags=re.IGNORECASE)
    return Markup("").join(Markup("<mark>{}</mark>").format(p) if i % 2 else escape(p) for i, p in enumerate(parts))
