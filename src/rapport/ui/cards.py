"""Cards of a board, built as text for the same reason as the rows of `cells.py`; shapes at the head of `board.html`."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from markupsafe import Markup

from rapport.ui.cells import avatar, badge, get, safe
from rapport.ui.markup import attributes, icon


def cards(board: Any, column: Any) -> Markup:
    """The cards of a column and, where there are more, the item that fetches them."""
    move_text, icon_text = safe(_("Move to…")), _("Move {card}")
    out = [_card(card, move_text, icon_text) for card in get(column, "cards") or ()]
    if more := get(column, "next_url"):
        out.append(_more(f"{safe(get(board, 'id'))}-more-{safe(get(column, 'id'))}", safe(more)))
    return Markup("".join(out))  # noqa: S704 (built of escaped parts)


def _card(card: Any, move_text: str, icon_text: str) -> str:
    title, flag, version = safe(get(card, "title")), get(card, "flag"), get(card, "version")
    css = f"card-item has-flag tone-{safe(flag)}" if flag else "card-item"
    label = icon_text.replace("{card}", str(get(card, "title")))
    head = f'<li class="{css}" data-card="{safe(get(card, "id"))}" data-version="{safe(version)}" data-title="{title}">'
    link = f'<a class="card-title" href="{safe(get(card, "url"))}"{attributes(get(card, "attrs"))}>{title}</a>'
    move = (
        '<button type="button" class="btn btn-quiet btn-icon btn-sm card-move" data-move '
        f'title="{move_text}" aria-haspopup="menu" aria-label="{safe(label)}">{icon("dots")}</button>'
    )
    sub = get(card, "subtitle")
    subtitle = f'<div class="card-subtitle clip">{safe(sub)}</div>' if sub else ""
    return f"{head}{link}{move}{subtitle}{_foot(card)}</li>"


def _foot(card: Any) -> str:
    value, badges, who = get(card, "value"), get(card, "badges") or (), get(card, "avatar")
    if not (value or badges or who):
        return ""
    parts = [f'<span class="card-value num">{safe(value)}</span>'] if value else []
    parts.extend(badge(get(b, "text"), get(b, "tone"), get(b, "icon")) for b in badges)
    if who:
        name = safe(get(who, "name"))
        hidden = avatar(get(who, "name"), get(who, "tone"))
        parts.append(
            f'<span class="card-who" title="{name}">{hidden}<span class="visually-hidden">{name}</span></span>'
        )
    return f'<div class="card-foot">{"".join(parts)}</div>'


def _more(item_id: str, url: str) -> str:
    text = safe(_("Load more"))
    link = (
        f'<a class="btn btn-quiet btn-sm btn-block" href="{url}" hx-get="{url}" hx-trigger="revealed, click" '
        f'hx-target="closest li" hx-swap="outerHTML">{text}</a>'
    )
    return f'<li class="board-more" id="{item_id}">{link}</li>'
