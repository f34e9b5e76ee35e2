"""Kinds of relations between people: the usual ones, as an administrator may have changed them, and added ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rapport.apps.customers.models import BACKWARDS, Tie
from rapport.lib.sql import Sql
from rapport.records import db, numbers, write
from rapport.records.accounts import caller as callers
from rapport.records.accounts import epochs
from rapport.records.customising import sync
from rapport.records.errors import Invalid
from rapport.records.write import Batch
from rapport.registry.extensions import Choices
from rapport.registry.fields import Choice, Text

KEY = "relation_kind"
USUAL = tuple(tie for tie in Tie if tie != Tie.OTHER)


@dataclass(frozen=True, slots=True)
class RelationKind:
    """A kind: its code, its words both ways, whether it draws in organisation charts, and its row, if it has one."""

    code: str
    name: Text
    inverse: Text
    chart: bool = False
    retired: bool = False
    row: int | None = None

    @property
    def symmetric(self) -> bool:
        """Whether it reads the same both ways."""
        return str(self.name) == str(self.inverse)


def every() -> Mapping[str, RelationKind]:
    """All kinds by code: the usual ones, then added ones in their order."""
    found = {t.value: RelationKind(t.value, t.label, BACKWARDS[t], chart=t == Tie.REPORTS) for t in USUAL}
    text = (
        "SELECT id, code, name, inverse, chart, retired FROM customers_relationkind WHERE deleted_at IS NULL "
        "ORDER BY position, id"
    )
    for key, code, name, inverse, chart, retired in db.rows(Sql(text)):
        usual = found.get(code)
        words = (name, inverse or name)
        if usual is not None and words == source(code):
            words = (usual.name, usual.inverse)
        found[code] = RelationKind(code, *words, bool(chart), bool(retired), key)
    return found


def source(code: str) -> tuple[str, str]:
    """The words of a usual kind as the sources have them, which every reader gets in their own language."""
    with translation.override("en"):
        return str(Tie(code).label), str(BACKWARDS[Tie(code)])


def kept(kind: RelationKind) -> tuple[str, str]:
    """The words of a kind as they are kept; those of a usual one that were not changed as the sources have them."""
    usual = next((tie for tie in USUAL if tie.value == kind.code), None)
    if usual and (str(kind.name), str(kind.inverse)) == (str(usual.label), str(BACKWARDS[usual])):
        return source(kind.code)
    return str(kind.name), str(kind.inverse)


def charted() -> list[str]:
    """Codes of the kinds that draw in organisation charts."""
    return [code for code, kind in every().items() if kind.chart]


def choices() -> Sequence[Choice]:
    """The options of the kind of a relation; last, words of one's own."""
    found = [Choice(kind.code, kind.name, retired=kind.retired) for kind in every().values()]
    return [*found, Choice(Tie.OTHER.value, Tie.OTHER.label)]


def prepare(batch: Batch) -> None:
    """A code for each kind, which its relations keep: of the usual kind that it stands in for, or one of its own."""
    for entry in batch.entries:
        if batch.action != "create" and not entry.changes("instead"):
            continue
        if batch.action != "create" and _used(entry.before["code"]):
            entry.refuse("instead", _("There are relations of this kind. Make another kind instead."))
            continue
        entry.values["code"] = entry.get("instead") or f"own-{numbers.take(KEY, 1)[0]}"


def _used(code: str) -> int:
    text = "SELECT COUNT(*) FROM customers_personrelation WHERE kind = %s AND deleted_at IS NULL"
    found = db.row(Sql(text, (code,)))
    return int(found[0]) if found else 0


def used() -> dict[str, int]:
    """How many relations there are of each kind."""
    text = "SELECT kind, COUNT(*) FROM customers_personrelation WHERE deleted_at IS NULL GROUP BY kind"
    return dict(db.rows(Sql(text)))


def effects(batch: Batch) -> None:
    """Every process learns of the change; relations are called as their kind is. An added kind in use stays."""
    if batch.action == "delete":
        for entry in batch.entries:
            code = entry.before["code"]
            if code not in Tie.values and (count := _used(code)):
                text = ngettext(
                    "%(count)d relation is of this kind. Retire it instead.",
                    "%(count)d relations are of this kind. Retire it instead.", count,
                )  # fmt: skip
                raise Invalid({"": [text % {"count": count}]}, text % {"count": count})
    epochs.raise_(epochs.REGISTRY)
    transaction.on_commit(sync.refresh)
    for entry in batch.entries:
        if batch.action in {"create", "update"} and (entry.changes("name") or entry.changes("inverse")):
            _rename(
                entry.get("code"), {"name": entry.get("name"), "inverse": entry.get("inverse") or entry.get("name")}
            )


def _rename(code: str, words: Mapping[str, Any]) -> None:
    text = "SELECT id FROM customers_personrelation WHERE kind = %s AND deleted_at IS NULL"
    ids = [row[0] for row in db.rows(Sql(text, (code,)))]
    if ids:
        write.update_many(callers.system("relation-kinds"), "personrelation", ids, words)


CHOICES = Choices(name="relation-kinds", object_key="personrelation", field="kind", of=choices)
