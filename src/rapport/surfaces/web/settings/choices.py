"""Lists to choose from: time zones, currencies, countries, languages, themes."""

from __future__ import annotations

import unicodedata
import zoneinfo
from functools import lru_cache

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from rapport.lib.format import locale_of
from rapport.lib.money import currencies

NO_COUNTRIES = frozenset({"EU", "EZ", "UN", "ZZ", "XA", "XB"})
"""Codes that look like those of countries."""
ICONS = {
    "anchor": pgettext_lazy("icon", "anchor"), "address-book": pgettext_lazy("icon", "address book"),
    "archive": pgettext_lazy("icon", "archive"), "bell": pgettext_lazy("icon", "bell"),
    "bolt": pgettext_lazy("icon", "bolt"), "bookmark": pgettext_lazy("icon", "bookmark"),
    "box": pgettext_lazy("icon", "box"), "briefcase": pgettext_lazy("icon", "briefcase"),
    "building": pgettext_lazy("icon", "building"), "building-community": pgettext_lazy("icon", "building community"),
    "building-store": pgettext_lazy("icon", "building store"), "bulb": pgettext_lazy("icon", "bulb"),
    "cake": pgettext_lazy("icon", "cake"), "calendar": pgettext_lazy("icon", "calendar"),
    "chart-bar": pgettext_lazy("icon", "chart bar"), "chart-pie": pgettext_lazy("icon", "chart pie"),
    "checkbox": pgettext_lazy("icon", "checkbox"), "circle": pgettext_lazy("icon", "circle"),
    "clock": pgettext_lazy("icon", "clock"), "cloud": pgettext_lazy("icon", "cloud"),
    "coin": pgettext_lazy("icon", "coin"), "credit-card": pgettext_lazy("icon", "credit card"),
    "cube": pgettext_lazy("icon", "cube"), "database": pgettext_lazy("icon", "database"),
    "device-desktop": pgettext_lazy("icon", "device desktop"), "device-mobile": pgettext_lazy("icon", "device mobile"),
    "discount": pgettext_lazy("icon", "discount"), "file-invoice": pgettext_lazy("icon", "file invoice"),
    "file-text": pgettext_lazy("icon", "file text"), "flag": pgettext_lazy("icon", "flag"),
    "flame": pgettext_lazy("icon", "flame"), "folder": pgettext_lazy("icon", "folder"),
    "gift": pgettext_lazy("icon", "gift"), "globe": pgettext_lazy("icon", "globe"),
    "hash": pgettext_lazy("icon", "hash"), "headset": pgettext_lazy("icon", "headset"),
    "heart": pgettext_lazy("icon", "heart"), "home": pgettext_lazy("icon", "home"), "id": pgettext_lazy("icon", "id"),
    "inbox": pgettext_lazy("icon", "inbox"), "key": pgettext_lazy("icon", "key"),
    "lifebuoy": pgettext_lazy("icon", "lifebuoy"), "link": pgettext_lazy("icon", "link"),
    "list-check": pgettext_lazy("icon", "list check"), "map-pin": pgettext_lazy("icon", "map pin"),
    "medal": pgettext_lazy("icon", "medal"), "message": pgettext_lazy("icon", "message"),
    "note": pgettext_lazy("icon", "note"), "notes": pgettext_lazy("icon", "notes"),
    "package": pgettext_lazy("icon", "package"), "palette": pgettext_lazy("icon", "palette"),
    "phone": pgettext_lazy("icon", "phone"), "photo": pgettext_lazy("icon", "photo"),
    "plug": pgettext_lazy("icon", "plug"), "presentation": pgettext_lazy("icon", "presentation"),
    "printer": pgettext_lazy("icon", "printer"), "puzzle": pgettext_lazy("icon", "puzzle"),
    "receipt": pgettext_lazy("icon", "receipt"), "rocket": pgettext_lazy("icon", "rocket"),
    "route": pgettext_lazy("icon", "route"), "salad": pgettext_lazy("icon", "salad"),
    "scale": pgettext_lazy("icon", "scale"), "server": pgettext_lazy("icon", "server"),
    "shield": pgettext_lazy("icon", "shield"), "shopping-cart": pgettext_lazy("icon", "shopping cart"),
    "sitemap": pgettext_lazy("icon", "sitemap"), "speakerphone": pgettext_lazy("icon", "speakerphone"),
    "stack-2": pgettext_lazy("icon", "stack"), "star": pgettext_lazy("icon", "star"),
    "table": pgettext_lazy("icon", "table"), "tag": pgettext_lazy("icon", "tag"),
    "target": pgettext_lazy("icon", "target"), "template": pgettext_lazy("icon", "template"),
    "ticket": pgettext_lazy("icon", "ticket"), "tool": pgettext_lazy("icon", "tool"),
    "trophy": pgettext_lazy("icon", "trophy"), "truck": pgettext_lazy("icon", "truck"),
    "user": pgettext_lazy("icon", "user"), "users-group": pgettext_lazy("icon", "users group"),
    "video": pgettext_lazy("icon", "video"), "wallet": pgettext_lazy("icon", "wallet"),
    "world": pgettext_lazy("icon", "world"),
}  # fmt: skip
"""Icons that suit an object."""


def icons() -> list[tuple[str, str]]:
    """Icons for custom objects, named and sorted in the reader's language."""
    return sorted(((name, str(label)) for name, label in ICONS.items()), key=lambda pair: _plain(pair[1]))


def zones() -> list[tuple[str, str]]:
    """Time zones of cities, and UTC."""
    return [(name, name.replace("_", " ")) for name in _zone_names()]


@lru_cache(maxsize=1)
def _zone_names() -> tuple[str, ...]:
    known = zoneinfo.available_timezones()
    return ("UTC", *sorted(n for n in known if "/" in n and not n.startswith(("Etc/", "SystemV/", "US/", "posix"))))


def currency_list() -> list[tuple[str, str]]:
    """Currencies by code, named in the reader's language."""
    names = locale_of(translation.get_language() or "en").currencies
    return [(code, f"{code} · {names.get(code, code)}") for code in currencies()]


def own_currencies() -> list[tuple[str, str]]:
    """Currencies for somebody to choose, or none in particular."""
    return [("", _("The organisation's currency")), *currency_list()]


def countries() -> list[tuple[str, str]]:
    """Countries named and sorted in the reader's language."""
    names = locale_of(translation.get_language() or "en").territories
    found = [(c, str(n)) for c, n in names.items() if len(c) == 2 and c.isalpha() and c not in NO_COUNTRIES]
    return sorted(found, key=lambda pair: _plain(pair[1]))


def _plain(name: str) -> str:
    """A name without its accents: Österreich stands between Oman and Pakistan."""
    return "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c)).casefold()


def languages() -> list[tuple[str, str]]:
    """Languages that Rapport speaks."""
    return [(code, str(name)) for code, name in settings.LANGUAGES]


def themes() -> list[tuple[str, str]]:
    """How pages look."""
    return [("auto", _("As the system")), ("light", _("Light")), ("dark", _("Dark"))]


def week_starts() -> list[tuple[str, str]]:
    """Days with which weeks begin, 0 for Monday, named in the reader's language."""
    names = locale_of(translation.get_language() or "en").days["format"]["wide"]
    return [(str(day), str(names[day])) for day in (0, 6, 5)]
