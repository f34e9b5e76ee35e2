"""What an endpoint is told of: acts on chosen objects, each with a filter of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid
from rapport.records.filters import FilterCompiler
from rapport.registry import catalog

ACTS = {
    "create": "created", "update": "updated", "delete": "deleted", "restore": "restored", "erase": "erased",
    "merge": "updated", "merged": "deleted", "unmerge": "updated", "unmerged": "restored", "move": "updated",
}  # fmt: skip
"""Actions of the write door, and what they are called in the type of a message.

Of a merge, receivers hear what it comes to for each record: the survivor is updated, the others are gone.
"""
LABELS = {
    "created": gettext_lazy("created"), "updated": gettext_lazy("updated"), "deleted": gettext_lazy("deleted"),
    "restored": gettext_lazy("restored"), "erased": gettext_lazy("erased"),
}  # fmt: skip
EVERY = "*"
"""Stands for every object, those of the future too."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Acts on records of one object, or of `EVERY`, that match a filter."""

    object: str
    acts: tuple[str, ...]
    filter: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As it is kept and shown to programs."""
        return {"object": self.object, "acts": list(self.acts), "filter": dict(self.filter)}


def kept(rows: Iterable[Mapping[str, Any]]) -> tuple[Wanted, ...]:
    """What an endpoint keeps."""
    return tuple(Wanted(row["object"], tuple(row["acts"]), row.get("filter") or {}) for row in rows)


def of_object(wanted: Iterable[Wanted], key: str) -> Wanted | None:
    """What is wanted of an object: what is said of it, else what is said of all."""
    by_key = {one.object: one for one in wanted}
    return by_key.get(key) or by_key.get(EVERY)


def checked(caller: Caller, wanted: Iterable[Wanted]) -> tuple[Wanted, ...]:
    """The same in order, each object once, acts known, filters such as the caller may ask. Raises Invalid."""
    found: dict[str, Wanted] = {}
    objects = catalog.current().objects
    for one in wanted:
        if one.object != EVERY and (one.object not in objects or not caller.may(objects[one.object], "read")):
            raise _fault(_("There is no object %(name)s here.") % {"name": one.object[:60]})
        if one.object in found:
            raise _fault(_("Name each object once: %(name)s is there twice.") % {"name": one.object})
        if unknown := [act for act in one.acts if act not in LABELS]:
            known = {"name": unknown[0][:60], "known": ", ".join(LABELS)}
            raise _fault(_("%(name)s is no act. Choose among: %(known)s.") % known)
        if one.filter:
            if one.object == EVERY:
                raise _fault(_("A filter needs an object. Name the object in place of *."))
            FilterCompiler(caller).where(objects[one.object], one.filter)
        if acts := tuple(act for act in LABELS if act in one.acts):
            found[one.object] = Wanted(one.object, acts, one.filter)
    if not found:
        raise _fault(_("Choose at least one act of one object."))
    return tuple(found.values())


def _fault(message: str) -> Invalid:
    return Invalid({"events": [message]})
