"""What is told of an event in a few words: the page that was looked at, the product and the amount of a track."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from rapport.lib import json
from rapport.lib.format import format_number

PAGE = ("title", "path", "url")
NAMED = ("product", "name", "title", "query", "plan")
AMOUNTS = ("revenue", "total", "value", "price")
LONGEST = 80


def read(text: str) -> dict[str, Any]:
    """A JSON object as it was sent; an empty one where it can't be read."""
    try:
        found = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def page(name: str, properties: str, context: str) -> str:
    """What a page is called: its name, title, path or address."""
    around = read(context).get("page")
    places = (read(properties), around if isinstance(around, dict) else {})
    found = (place.get(part) for part in PAGE for place in places)
    return name or next((t for value in found if (t := _text(value))), "") or _("a page")


def facts(properties: str) -> str:
    """One or two telling properties: what it was about, and how much."""
    own = read(properties)
    found = [t for name in NAMED if (t := _text(own.get(name)))][:1]
    amount = next((v for name in AMOUNTS if _is_number(v := own.get(name))), None)
    if amount is not None:
        currency = _text(own.get("currency"))[:3].upper()
        found.append(" ".join(filter(None, (format_number(amount, get_language() or "en"), currency))))
    return " · ".join(found)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(value: Any) -> str:
    return str(value).strip()[:LONGEST] if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
