"""Parameters that several routes take."""

from __future__ import annotations

from rapport.surfaces.api.calls import INTEGER, JSON, LIST, Param

FILTER = Param(
    name="filter", kind=JSON,
    help='A condition `{"field", "op", "value"}`, or `{"all": […]}`, `{"any": […]}`, `{"not": …}` of conditions. A '
    "path `reference.field` asks a record that is referred to, a relation (by the plural of its object) those that "
    "refer to this one.",
)  # fmt: skip
FIELDS = Param(
    name="fields", kind=LIST,
    help="Names of fields, separated by commas; `all` for every one. Without it, lists give the columns of the list "
    "and a record gives all.",
)  # fmt: skip
INCLUDE = Param(
    name="include", kind=LIST,
    help="References (by their names) and relations (by plurals), separated by commas, whose records shall stand in "
    "`included`.",
)  # fmt: skip
SORT = Param(name="sort", default="", help="A field, with `-` before it for descending; empty values come last.")
CURSOR = Param(name="cursor", default="", help="Where the page before ended: its `next`.")
Q = Param(name="q", required=True, help="What is looked for: words or their beginnings, in any order.")
BEFORE = Param(name="before", kind=INTEGER, least=1, help="Where the page before ended: its `next`.")


def size(default: int, most: int) -> Param:
    """How many entries a page has."""
    return Param(name="size", kind=INTEGER, default=default, least=1, most=most, help="How many there are on a page.")
