"""Relations between people: their words both ways, no circles in who reports to whom, and where they are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.apps.customers import kinds
from rapport.apps.customers.models import Tie
from rapport.lib.sql import Sql, all_of
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.read import visible
from rapport.records.write import Batch, Entry
from rapport.registry import catalog
from rapport.registry.extensions import Panel

KEY = "personrelation"
MOST = 60
"""Relations that the page of a person shows."""


def prepare(batch: Batch) -> None:
    """Name both directions; refuse relations to oneself, and circles of who reports to whom."""
    touched: list[Entry] = []
    known = kinds.every()
    charted = [code for code, kind in known.items() if kind.chart]
    for entry in batch.entries:
        if batch.action == "create" or entry.changes("kind"):
            _name(entry, known.get(entry.get("kind") or Tie.OTHER))
        if {"person", "other", "kind"} & entry.values.keys() and entry.get("person") and entry.get("other"):
            touched.append(entry)
    reports = [entry for entry in touched if entry.get("kind") in charted]
    leads = _leads_above({entry.get("other") for entry in reports}, charted)
    for entry in touched:
        person, other = entry.get("person"), entry.get("other")
        if person == other:
            entry.refuse("other", _("Choose another person."))
        elif entry.get("kind") in charted and person in _above(other, leads):
            entry.refuse("other", _("This would be a circle: whoever is chosen reports to this person."))


def _name(entry: Entry, kind: kinds.RelationKind | None) -> None:
    """The words of the kind where no others were given; those of the kind before make way."""
    if kind is not None and kind.retired:
        entry.refuse("kind", _("This kind of relation is retired. Choose another one."))
    for field, words in (("name", kind.name if kind else ""), ("inverse", kind.inverse if kind else "")):
        if not entry.values.get(field):
            entry.values[field] = str(words)


def _leads_above(people: set[int], charted: Sequence[str]) -> dict[int, set[int]]:
    """To whom each of the people reports, and those to whom these report, up to the top: one statement a level."""
    found: dict[int, set[int]] = {}
    wave = set(people) if charted else set()
    while wave:
        for part in db.chunks(sorted(wave)):
            text = (
                "SELECT person_id, other_id FROM customers_personrelation WHERE deleted_at IS NULL "
                f"AND kind IN ({db.marks(charted)}) AND person_id IN ({db.marks(part)})"
            )
            for who, whom in db.rows(Sql(text, (*charted, *part))):
                found.setdefault(who, set()).add(whom)
        wave = {key for who in wave for key in found.get(who, ())} - found.keys()
        for key in wave:
            found[key] = set()
    return found


def _above(person: int, leads: Mapping[int, set[int]]) -> set[int]:
    """A person, and everyone whom they report to, directly or not."""
    seen, left = {person}, [person]
    while left:
        new = leads.get(left.pop(), set()) - seen
        seen |= new
        left += new
    return seen


def panel(caller: Caller, record: Any) -> Mapping[str, Any] | None:
    """What a person is to others and others to them, and their households."""
    relation, household = catalog.current()[KEY], catalog.current()["household"]
    may = caller.may(relation, "create") and "edit" in record.may
    create = f"{reverse('quick', args=[relation.plural])}?{urlencode({'person': record.id})}"
    items = [*_households(caller, record.id), *_relations(caller, record.id)]
    if not items and not may:
        return None
    join = f"{reverse('quick', args=[household.plural])}?{urlencode({'members': record.id})}"
    return {
        "items": items,
        "create_url": create if may else None,
        "household_url": join if caller.may(household, "create") else None,
    }


def _households(caller: Caller, person: int) -> list[dict[str, Any]]:
    household = catalog.current()["household"]
    if not caller.may(household, "read") or not caller.sees(household, household.fields["members"]):
        return []
    where = {"field": "members", "op": "has", "value": person}
    rows = visible(caller, household).page(columns=("members",), filter=where, size=5).rows
    return [
        {
            "words": _("lives in"),
            "title": row.title,
            "url": reverse("record", args=[household.plural, row.id]),
            "icon": household.spec.icon,
            "others": ", ".join(text for key, text in row.labels.get("members") or () if key != person),
        }
        for row in rows
    ]


def _relations(caller: Caller, person: int) -> list[dict[str, Any]]:
    relation = catalog.current()[KEY]
    if not caller.may(relation, "read") or not caller.sees(relation, relation.fields["kind"]):
        return []
    where = all_of([Sql("(t.person_id = %s OR t.other_id = %s)", (person, person)), visible(caller, relation).where()])
    text = (
        "SELECT t.id, t.person_id, t.other_id, t.kind, t.name, t.inverse FROM customers_personrelation t "
        f"WHERE {where.text} ORDER BY t.kind, t.id LIMIT {MOST}"
    )
    rows = db.rows(Sql(text, where.params))
    names = visible(caller, "person").labels(key for row in rows for key in row[1:3] if key != person)
    known = kinds.every() if rows else {}
    found: dict[tuple[int, str], dict[str, Any]] = {}
    for key, who, whom, kind, name, inverse in rows:
        forwards = who == person
        them = whom if forwards else who
        words = _words(known.get(kind), name, inverse, forwards=forwards)
        if them in names:
            found[them, words] = {
                "words": words,
                "title": names[them] or _("(no name)"),
                "url": reverse("record", args=[catalog.current()["person"].plural, them]),
                "icon": "user",
                "edit_url": reverse("record", args=[relation.plural, key]),
            }
    return list(found.values())


def _words(kind: kinds.RelationKind | None, name: str, inverse: str, *, forwards: bool) -> str:
    """The relation in the reader's words, from the person of the page to the other one."""
    if kind is None:
        return name if forwards else inverse
    return str(kind.name if forwards else kind.inverse)


def leaders(people: Sequence[int]) -> dict[int, int]:
    """To whom each of the people reports first, of those who report to someone."""
    charted = kinds.charted()
    found: dict[int, int] = {}
    for part in db.chunks(people) if charted else ():
        text = (
            "SELECT person_id, other_id FROM customers_personrelation WHERE deleted_at IS NULL "
            f"AND kind IN ({db.marks(charted)}) AND person_id IN ({db.marks(part)}) ORDER BY id DESC"
        )
        found.update(db.rows(Sql(text, (*charted, *part))))
    return found


PANEL = Panel(
    name="relations", objects=("person",), template="customers/relations.html", context=panel,
    title=gettext_lazy("Relations"), order=40, covers=(KEY, "household"),
)  # fmt: skip
