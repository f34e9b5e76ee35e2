"""Who gets a lead: the first rule that fits; of a team, in turn or whoever has the fewest open leads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy, ngettext

from rapport.apps.leads.models import About, How
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.directory import members
from rapport.records.read import visible
from rapport.records.write import Batch, update_each
from rapport.registry.objects import Action

BY_HAND = frozenset({"page", "quick"})
"""Doors at which whoever enters a lead has said who is to have it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule with the users whom it may choose."""

    about: str
    contains: str
    how: str
    users: tuple[int, ...]

    def fits(self, text: str) -> bool:
        """Whether a lead with this text in the field looked at falls under the rule."""
        return self.about == About.ANY or (bool(text) and self.contains.lower() in text.lower())


class Assigner:
    """Gives leads out one after another; reads rules, turns and loads once."""

    def __init__(self) -> None:
        self.rules = _rules()
        self.sources: Mapping[int, str] = (
            dict(db.rows(Sql("SELECT id, name FROM leads_leadsource"))) if self.rules else {}
        )
        users = sorted({u for rule in self.rules for u in rule.users})
        self.last = _by_owner("MAX(id)", "1 = 1", users)
        self.load = _by_owner("COUNT(*)", "deleted_at IS NULL AND status IN ('new', 'working', 'qualified')", users)
        self.clock = max(self.last.values(), default=0)

    def owner(self, values: Mapping[str, Any]) -> int | None:
        """Who gets a lead with these values; None when no rule fits."""
        rule = next((r for r in self.rules if r.users and r.fits(self._text(r, values))), None)
        if rule is None:
            return None
        counts = self.load if rule.how == How.LOAD else self.last
        chosen = min(rule.users, key=lambda u: (counts.get(u, 0), self.last.get(u, 0), u))
        self.clock += 1
        self.last[chosen] = self.clock
        self.load[chosen] = self.load.get(chosen, 0) + 1
        return chosen

    def _text(self, rule: Rule, values: Mapping[str, Any]) -> str:
        value: Any = values.get(rule.about) or ""
        return self.sources.get(value, "") if rule.about == About.SOURCE else str(value)


def _rules() -> list[Rule]:
    text = (
        "SELECT about, contains, how, assignee_id, among_id FROM leads_assignmentrule "
        "WHERE active AND deleted_at IS NULL ORDER BY position, id"
    )
    return [
        Rule(about, contains, how, (assignee,) if assignee else members(among))
        for about, contains, how, assignee, among in db.rows(Sql(text))
    ]


def _by_owner(measure: str, where: str, users: Sequence[int]) -> dict[int, int]:
    if not users:
        return {}
    of = f"owner_id IN ({db.marks(users)})"
    statement = Sql(
        f"SELECT owner_id, {measure} FROM leads_lead WHERE {where} AND {of} GROUP BY owner_id", tuple(users)
    )
    return dict(db.rows(statement))


def settle(batch: Batch) -> None:
    """Give new leads to somebody: those without an owner, and all that came by another door than a form of a page."""
    if batch.action != "create":
        return
    entries = [e for e in batch.entries if e.get("owner") is None or batch.caller.door not in BY_HAND]
    if not entries:
        return
    assigner = Assigner()
    for entry in entries:
        if owner := assigner.owner(entry.values):
            entry.values |= {"owner": owner, "assigned_at": batch.moment(entry)}


def assign(caller: Caller, ids: list[int]) -> str:
    """Give leads out by the rules, whoever has them now. Raises NotFound, Forbidden."""
    assigner, items = Assigner(), []
    columns = tuple(a.value for a in About if a != About.ANY)
    for part in db.chunks(sorted(ids)):
        rows = visible(caller, "lead").page(columns=columns, ids=part, sort="created_at", size=len(part)).rows
        items += [(row.id, {"owner": owner}) for row in rows if (owner := assigner.owner(row.values))]
    update_each(caller, "lead", items)
    return ngettext("%(count)d lead given out.", "%(count)d leads given out.", len(items)) % {"count": len(items)}


ASSIGN = Action(
    key="assign", label=gettext_lazy("Give out by the rules"), icon="users", run=assign,
    offered={"field": "status", "op": "in", "value": ["new", "working", "qualified"]},
)  # fmt: skip
