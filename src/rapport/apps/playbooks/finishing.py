"""Gates of stages that ask for a finished playbook: every required step is answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from rapport.apps.playbooks import choosing
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts import caller as callers
from rapport.registry.extensions import Hold


def left(leaving: Mapping[int, int]) -> Mapping[int, Sequence[str]]:
    """Required steps without an answer, of the playbooks of the stage that each deal leaves."""
    system = callers.system()
    stages = set(leaving.values())
    books = [book for book in choosing.active(system) if stages & set(book.values.get("stages") or ())]
    musts = {
        play.book.id: [(step.id, step.title) for step in play.steps if step.values.get("must")]
        for play in choosing.plays(system, books, {})
    }
    answered: set[tuple[int, int]] = set()
    for part in db.chunks(sorted(leaving)):
        text = (
            "SELECT deal_id, step_id FROM playbooks_playbookanswer WHERE deleted_at IS NULL "
            f"AND deal_id IN ({db.marks(part)})"
        )
        answered.update(db.rows(Sql(text, tuple(part))))
    return {
        deal: [
            title
            for book in choosing.of_stage(books, stage)
            for step, title in musts.get(book.id, ())
            if (deal, step) not in answered
        ]
        for deal, stage in leaving.items()
    }


HOLD = Hold(name="playbooks", label=_("The playbooks of this stage"), left=left)
