"""The organisation chart of a company: who reports to whom, as far as the reader may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.apps.customers import kinds
from rapport.apps.customers.relations import KEY, leaders
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.read import RowView, visible
from rapport.registry import catalog
from rapport.registry.extensions import Panel

MOST = 500
"""People of a company that the chart looks at."""


@dataclass(slots=True)
class Node:
    """Someone in the chart, with those who report to them."""

    title: str
    job: str
    url: str
    below: list[Node] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many report to them, directly or not."""
        return sum(1 + node.count for node in self.below)


def chart(caller: Caller, record: Any) -> Mapping[str, Any] | None:
    """The trees of the company's people; None where nobody reports to anybody."""
    relation = catalog.current()[KEY]
    if not caller.may(relation, "read") or not caller.sees(relation, relation.fields["kind"]) or not _any(record.id):
        return None
    door = visible(caller, "person")
    here = {"field": "company", "op": "is", "value": record.id}
    rows = {row.id: row for row in door.page(columns=("job",), filter=here, sort="name", size=MOST).rows}
    above = leaders(sorted(rows))
    elsewhere = sorted(set(above.values()) - rows.keys())
    if elsewhere:
        rows |= {row.id: row for row in door.page(columns=("job",), ids=elsewhere, size=len(elsewhere)).rows}
    trees = _trees(rows, {who: whom for who, whom in above.items() if whom in rows})
    return {"trees": trees, "others": sum(not tree.below for tree in trees)} if any(t.below for t in trees) else None


def _any(company: int) -> bool:
    charted = kinds.charted()
    if not charted:
        return False
    text = (
        "SELECT 1 FROM customers_personrelation r JOIN customers_person p ON p.id = r.person_id "
        f"WHERE p.company_id = %s AND r.kind IN ({db.marks(charted)}) AND r.deleted_at IS NULL LIMIT 1"
    )
    return db.row(Sql(text, (company, *charted))) is not None


def _trees(rows: Mapping[int, RowView], above: Mapping[int, int]) -> list[Node]:
    """Those who report to nobody, each with everyone below; of a circle, the first stands on top."""
    plural = catalog.current()["person"].plural
    nodes = {
        key: Node(row.title or _("(no name)"), row.values.get("job") or "", reverse("record", args=[plural, key]))
        for key, row in rows.items()
    }
    tops = []
    for key, node in nodes.items():
        leader = above.get(key)
        if leader is None or _leads_back(key, above):
            tops.append(node)
        else:
            nodes[leader].below.append(node)
    return tops


def _leads_back(key: int, above: Mapping[int, int]) -> bool:
    """Whether the way up from someone comes back to them, and they are the first on it."""
    way, at = [key], above.get(key)
    while at is not None and at not in way:
        way.append(at)
        at = above.get(at)
    return at == key and key == min(way)


PANEL = Panel(
    name="organisation", objects=("company",), template="customers/organisation.html", context=chart,
    title=gettext_lazy("Organisation"), place="main", order=60,
)  # fmt: skip
