"""Lists to choose from: time zones, currencies, countries, languages, themes."""

from __future__ import annotations

import unicodedata
import zoneinfo
from functools import lru_cache

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from rapport.lib.format import locale_of
from rapport.lib.money import currencies

NO_COUNTRIES = frozenset({"EU", "EZ", "UN", "ZZ", "XA", "XB"})
"""Codes that look like those of countries."""
ICONS = (
    "anchor address-book archive bell bolt bookmark box briefcase building building-community building-store bulb cake "
    "calendar chart-bar chart-pie checkbox circle clock cloud coin credit-card cube database device-desktop "
    "device-mobile discount file-invoice file-text flag flame folder gift globe hash headset heart home id inbox key "
    "lifebuoy link list-check map-pin medal message note notes package palette phone photo plug presentation "
    "printer puzzle receipt rocket route salad scale server shield shopping-cart sitemap speakerphone stack-2 star "
    "table tag target template ticket tool trophy truck user users-group video wallet world"
)
"""Icons that suit an object."""


def icons() -> list[tuple[str, str]]:
    """Icons for custom objects."""
    return [(name, name.replace("-", " ")) for name in ICONS.split()]


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
