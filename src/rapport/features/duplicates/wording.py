"""In words, why two records may be one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from rapport.features.duplicates.finding import Match
from rapport.features.duplicates.suggesting import Reason
from rapport.registry.catalog import RegisteredObject
from rapport.registry.fields import Text

HOW: dict[str, Text] = {
    "same": pgettext_lazy("two values are", "same"),
    "alike": pgettext_lazy("two values are", "spelled alike"),
    "sounds": pgettext_lazy("two values are", "sounds alike"),
    "turned": pgettext_lazy("two values are", "exchanged"),
    "typos": pgettext_lazy("two values are", "two letters or digits differ"),
    "nickname": pgettext_lazy("two values are", "short and long form"),
    "near": pgettext_lazy("two values are", "close"),
    "typo": pgettext_lazy("two values are", "one letter or digit differs"),
    "part": pgettext_lazy("two values are", "same in part"),
    "initial": pgettext_lazy("two values are", "same initial"),
    "shared": pgettext_lazy("two values are", "same, but shared"),
    "different": pgettext_lazy("two values are", "different"),
}
"""How two values compare, by `Reason.how`."""
WHAT: dict[str, Text] = {"visitor": pgettext_lazy("what two records share", "visitor of a website")}
"""What is compared and is no field, by `Reason.what`."""


def said(obj: RegisteredObject, reason: Reason) -> str:
    """A reason as "Birthday: same"."""
    field = obj.fields.get(reason.what.partition(".")[0])
    label = capfirst(str(field.label)) if field else capfirst(str(WHAT.get(reason.what, reason.what)))
    return _("%(field)s: %(how)s") % {"field": label, "how": HOW.get(reason.how, reason.how)}


def as_json(obj: RegisteredObject, matches: Iterable[Match]) -> list[dict[str, Any]]:
    """Matches as programs are told of them."""
    return [
        {
            "id": match.id, "title": match.title, "score": round(match.score, 3), "exact": match.exact,
            "reasons": reasons(obj, match.reasons),
        }
        for match in matches
    ]  # fmt: skip


def reasons(obj: RegisteredObject, given: Iterable[Reason]) -> list[str]:
    """What speaks for two records being one, in words."""
    return [said(obj, reason) for reason in given if reason.weight > 0]
