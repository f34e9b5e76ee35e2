"""What traits say of a person, as raw values of the fields of people; what no field takes is left out later."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from rapport.apps.cdp import telling
from rapport.apps.cdp.models import EventKind
from rapport.apps.customers.models import Lifecycle, Source
from rapport.registry.catalog import RegisteredObject

TEXTS = {
    "first_name": ("firstname",), "last_name": ("lastname",), "job": ("title", "job"), "birthday": ("birthday",),
    "emails": ("email",), "phones": ("phone",),
}  # fmt: skip
"""Field to the names of its trait, without regard to case, spaces and underscores."""
PLACE = {
    "street": "street", "city": "city", "state": "region", "region": "region", "postalcode": "postcode",
    "postcode": "postcode", "zip": "postcode", "country": "country",
}  # fmt: skip
SUBSCRIBES = ("newsletter", "subscribed", "newslettersubscribed")
MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def combined(events: Iterable[tuple[str, str, str]]) -> dict[str, Any]:
    """Traits of events (kind, traits, context) in their order: later ones go before earlier ones.

    Those of a group are of the group; those of a context count as they stand there.
    """
    found: dict[str, Any] = {}
    for kind, own, context in events:
        around = telling.read(context).get("traits")
        for part in (around, telling.read(own) if kind != EventKind.GROUP else None):
            if isinstance(part, dict):
                found |= {plain(name): value for name, value in part.items() if value not in (None, "")}
    return found


def plain(name: str) -> str:
    """The name of a trait as it is compared."""
    return re.sub(r"[\s_.-]", "", name).lower()


def values(obj: RegisteredObject, traits: Mapping[str, Any], user: str = "") -> dict[str, Any]:
    """Raw values by field. A user id that is an e-mail address counts as one where no trait says another."""
    found: dict[str, Any] = {}
    for field, names in TEXTS.items():
        if text := next((t for name in names if (t := _text(traits.get(name)))), ""):
            found[field] = text[:10] if field == "birthday" else text
    if "emails" not in found and MAIL.fullmatch(user):
        found["emails"] = user
    if not {"first_name", "last_name"} & found.keys() and (name := _text(traits.get("name"))):
        first, _gap, last = name.rpartition(" ")
        found |= {"first_name": first, "last_name": last} if first else {"first_name": last}
    if isinstance(address := traits.get("address"), dict):
        parts = {PLACE[plain(name)]: _text(value) for name, value in address.items() if plain(name) in PLACE}
        if parts := {name: text for name, text in parts.items() if text}:
            found["addresses"] = [parts]
    standard = {name for names in TEXTS.values() for name in names} | {"name", "address"}
    for custom in obj.customs:
        if (name := plain(custom.name)) in traits and name not in standard:
            found[custom.name] = traits[name]
    return found


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).replace("\0", "").strip()


def of_new(traits: Mapping[str, Any]) -> dict[str, Any]:
    """What only somebody who is made gets: from where they came, and how far they are."""
    subscribes = any(traits.get(name) is True for name in SUBSCRIBES)
    return {"source": Source.WEB.value, "lifecycle": (Lifecycle.SUBSCRIBER if subscribes else Lifecycle.VISITOR).value}
