"""Cells and rows of lists, built as text: half of all pages are lists, and macros cost ten times as much.

Same marks as the macros of `ui/macros/basic.html`; all that is given is escaped, `Markup` is taken as it is.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any

from django.utils.translation import gettext as _
from markupsafe import Markup

from rapport.lib.format import initials, tone_of
from rapport.ui import filters
from rapport.ui.markup import icon

Data = Mapping[str, Any]
_SPECIAL = re.compile("[&<>\"']").search


def get(data: Any, name: str, default: Any = None) -> Any:
    """A value of a mapping or an attribute of an object."""
    if type(data) is dict or isinstance(data, Mapping):
        return data.get(name, default)
    return getattr(data, name, default)


def escape(text: str) -> str:
    """Text fit for HTML; most has nothing to escape, and looking for it is quicker than replacing nothing."""
    return html.escape(text) if _SPECIAL(text) else text


def safe(value: Any) -> str:
    """Text fit for HTML, attributes included."""
    kind = type(value)
    if kind is str:
        return escape(value)
    if kind is Markup:
        return str.__str__(value)
    if value is None:
        return ""
    if hasattr(value, "__html__"):
        return str(value.__html__())
    return escape(str(value))


@lru_cache(maxsize=4096)
def badge(text: Any, tone: str | None = None, symbol: str | None = None) -> str:
    """A short coloured word."""
    mark = icon(symbol) if symbol else ""
    return f'<span class="badge tone-{safe(tone or "neutral")}">{mark}<span class="clip">{safe(text)}</span></span>'


@lru_cache(maxsize=4096)
def avatar(name: Any, tone: str | None = None, symbol: str | None = None, css: str = " avatar-s") -> str:
    """Initials on a colour that stays the same; decoration beside the name."""
    text = str(name or "")
    inner = icon(symbol) if symbol else safe(initials(text))
    return f'<span class="avatar tone-{safe(tone or tone_of(text))}{css}" aria-hidden="true">{inner}</span>'


def _link(v: Data) -> str:
    mark = f"{icon(v['icon'], None, 'icon-s')} " if v.get("icon") else ""
    return f'<a href="{safe(v["url"])}">{mark}{safe(v["text"])}</a>'


def _person(v: Data) -> str:
    css = " avatar-s is-square" if v.get("square") else " avatar-s"
    name = f'<a href="{safe(v["url"])}">{safe(v["text"])}</a>' if v.get("url") else f"<span>{safe(v['text'])}</span>"
    return f'<span class="cell-person">{avatar(v["text"], v.get("tone"), v.get("icon"), css)}{name}</span>'


def _badges(v: Data) -> str:
    return f'<span class="cell-badges">{"".join(badge(get(b, "text"), get(b, "tone")) for b in v["items"])}</span>'


def _time(v: Data, text: str, css: str = "") -> str:
    return f'<time datetime="{v["value"].isoformat()}"{css}>{safe(text)}</time>'


def _date(v: Data) -> str:
    css = f' class="tone-text tone-{safe(v["tone"])}"' if v.get("tone") else ""
    return _time(v, filters.show_date(v["value"], v.get("style") or "medium"), css)


def _age(v: Data) -> str:
    return _time(v, filters.age(v["value"]), f' title="{safe(filters.show_datetime(v["value"]))}"')


def _bool(v: Data) -> str:
    if v["value"]:
        return str(icon("check", _("Yes"), "icon-s"))
    no = safe(_("No"))
    return f'<span class="faint">–<span class="visually-hidden">{no}</span></span>'


def _web(v: Data) -> str:
    rel = 'rel="noopener nofollow noreferrer" target="_blank"'
    return f'<a href="{safe(v["url"])}" {rel}>{safe(v["text"])}</a>'


def _progress(v: Data) -> str:
    tone = f" tone-{safe(v['tone'])}" if v.get("tone") else ""
    shown, most = safe(v.get("text") or v["value"]), safe(v.get("max") or 100)
    bar = f'<progress class="bar{tone}" value="{safe(v["value"])}" max="{most}" aria-label="{shown}"></progress>'
    return f'<span class="cell-progress">{bar}<span class="num">{shown}</span></span>'


KINDS: dict[str, Callable[[Data], str]] = {
    "text": lambda v: safe(v["text"]),
    "link": _link,
    "person": _person,
    "badge": lambda v: badge(v["text"], v.get("tone"), v.get("icon")),
    "badges": _badges,
    "money": lambda v: safe(filters.money(v["amount"], v["currency"])),
    "number": lambda v: safe(filters.number(v["value"], v.get("digits"))),
    "percent": lambda v: safe(filters.percent(v["value"])),
    "date": _date,
    "datetime": lambda v: _time(v, filters.show_datetime(v["value"])),
    "age": _age,
    "bool": _bool,
    "email": lambda v: f'<a href="mailto:{safe(v["text"])}">{safe(v["text"])}</a>',
    "phone": lambda v: f'<a href="tel:{safe(v["text"].replace(" ", ""))}" class="num">{safe(v["text"])}</a>',
    "web": _web,
    "progress": _progress,
    "code": lambda v: f"<code>{safe(v['text'])}</code>",
    "html": lambda v: safe(v["html"]),
}


def show(value: Any) -> str:
    """The HTML of one cell: text, Markup, or a mapping with `kind`."""
    kind = type(value)
    if kind is str:
        return escape(value)
    if kind is Markup:
        return str.__str__(value)
    if kind is dict or isinstance(value, Mapping):
        return KINDS[value.get("kind", "text")](value)
    return safe(value)


def cell(value: Any) -> Markup:
    """`show` for templates."""
    return Markup(show(value))  # noqa: S704 (built of escaped parts)


def rows(t: Any) -> Markup:
    """The rows of a table (its shape: README) and, where there are more, the one that fetches them."""
    columns = [_Column(c) for c in get(t, "columns")]
    table_id, selects, acts = safe(get(t, "id")), get(t, "select"), get(t, "row_actions")
    select_text = safe(_("Select"))
    out: list[str] = []
    for row in get(t, "rows"):
        of = row.get if type(row) is dict else partial(get, row)
        row_id, muted = safe(of("id")), ' class="is-muted"' if of("muted") else ""
        out.append(f'<tr data-row="{row_id}"{muted}>')
        if selects:
            label = f'aria-label="{select_text} {safe(of("label") or row_id)}"'
            out.append(
                '<td class="col-select"><input type="checkbox" class="form-check-input" name="ids" '
                f'value="{row_id}" form="{table_id}-bulk" {label}></td>'
            )
        url = of("url")
        out += [column.show(value, url) for column, value in zip(columns, of("cells") or (), strict=False)]
        if acts:
            out.append(f'<td class="col-actions">{safe(of("actions"))}</td>')
        out.append("</tr>")
    if more := get(t, "next_url"):
        out.append(_more(table_id, len(columns) + bool(selects) + bool(acts), safe(more)))
    return Markup("".join(out))  # noqa: S704 (built of escaped parts)


class _Column:
    """What the cells of a column share."""

    def __init__(self, column: Any) -> None:
        css = ("is-end num " if get(column, "align") == "end" else "") + (
            "is-primary" if get(column, "primary") else ""
        )
        self.primary = get(column, "primary")
        label = safe(get(column, "label"))
        self.full = f'<td data-label="{label}" class="{css.strip()}">'
        self.empty = f'<td data-label="{label}" class="{(css + " is-blank").strip()}"></td>'

    def show(self, value: Any, url: str | None) -> str:
        """The cell; that of the primary column leads to the record."""
        if value is None and not self.primary:
            return self.empty
        shown = "" if value is None else show(value)
        if self.primary and url:
            name = shown or safe(_("(no name)"))
            return f'{self.full}<a class="row-link" href="{safe(url)}">{name}</a></td>'
        return f"{self.full}{shown}</td>" if shown else self.empty


def _more(table_id: str, span: int, url: str) -> str:
    text = safe(_("Load more"))
    link = (
        f'<a class="btn btn-quiet" href="{url}" hx-get="{url}" hx-trigger="revealed, click" '
        f'hx-target="#{table_id}-more" hx-swap="outerHTML">{text}</a>'
    )
    return f'<tr class="more" id="{table_id}-more"><td colspan="{span}">{link}</td></tr>'
