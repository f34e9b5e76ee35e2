"""Gates of stages: what must be filled, done or approved before a deal goes on.

Going on means to a later stage of the same pipeline that is not a lost one; the gates of every stage in between count.
What happened elsewhere earlier (an import with its own dates) passes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from rapport.apps.sales.models import Outcome
from rapport.records.accounts import caller as callers
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Forbidden, Invalid
from rapport.records.read import visible
from rapport.records.write import Batch, Entry, create_many, update_each
from rapport.registry.extensions import Hold, all_of
from rapport.registry.objects import Action

Stage = Mapping[str, Any]
Stages = Mapping[int, Stage]


def check(batch: Batch, stages: Stages) -> None:
    """Refuse entries that a gate holds back, by the field that is missing or by their stage."""
    for entry in batch.sound():
        if entry.changes("approved") and entry.values["approved"] is not None:
            _sign(batch.caller, entry, stages)
    moving = [e for e in batch.sound() if e.changes("stage") and e.at is None and e.values["stage"] in stages]
    ways = [(entry, way) for entry in moving if (way := _way(entry, stages))]
    for entry, way in ways:
        _ask(batch, entry, way)
        _approve(batch.caller, entry, way)
    leaving = [(entry, stages[entry.before["stage"]]) for entry, _w in ways if entry.before.get("stage") in stages]
    _tasks(leaving)
    _held(leaving)


def _sign(caller: Caller, entry: Entry, stages: Stages) -> None:
    """Only who is named at a stage, or an administrator, says that a deal may come there."""
    stage = stages.get(entry.values["approved"])
    if not caller.is_admin and (stage is None or stage["approver"] != caller.user_id):
        entry.refuse("approved", _("Only who is named at the stage, or an administrator, approves this."))


def _way(entry: Entry, stages: Stages) -> list[Stage]:
    """The stages that a deal comes through, the last one included; none when it does not go on."""
    to = stages[entry.values["stage"]]
    if to["outcome"] == Outcome.LOST:
        return []
    line = [s for s in stages.values() if s["pipeline"] == to["pipeline"] and s["outcome"] != Outcome.LOST]
    keys = [s["id"] for s in line]
    at = keys.index(entry.before["stage"]) if entry.before.get("stage") in keys else -1
    return line[at + 1 : keys.index(to["id"]) + 1]


def _ask(batch: Batch, entry: Entry, way: Sequence[Stage]) -> None:
    fields = batch.obj.fields
    for stage in way:
        for name in stage["asks"]:
            if name in fields and name not in entry.errors and fields[name].type.is_empty(entry.get(name)):
                entry.refuse(name, _("Needed before “%(stage)s”.") % {"stage": stage["name"]})


def _approve(caller: Caller, entry: Entry, way: Sequence[Stage]) -> None:
    for stage in way:
        if stage["approver"] and caller.user_id != stage["approver"] and not caller.is_admin:
            if entry.get("approved") == stage["id"]:
                continue
            text = _("“%(stage)s” needs an approval. Ask for it on the page of the deal.") % {"stage": stage["name"]}
            entry.refuse("stage", text)
            return


def _tasks(leaving: Sequence[tuple[Entry, Stage]]) -> None:
    """The tasks of the stage that deals leave must be done."""
    waiting = [(entry, stage) for entry, stage in leaving if stage["tasks"]]
    if not waiting:
        return
    subjects = sorted({subject for _entry, stage in waiting for subject in stage["tasks"]})
    condition = {
        "all": [
            {"field": "deal", "op": "in", "value": [entry.id for entry, _stage in waiting]},
            {"field": "status", "op": "is_not", "value": "done"},
            {"field": "subject", "op": "in", "value": subjects},
        ]
    }
    rows = visible(callers.system(), "task").page(columns=("subject", "deal"), filter=condition, size=500).rows
    open_ = {(row.values["deal"], row.values["subject"]) for row in rows}
    for entry, stage in waiting:
        left = [subject for subject in stage["tasks"] if (entry.id, subject) in open_]
        if left:
            entry.refuse("stage", _("First to be done: %(tasks)s.") % {"tasks": ", ".join(left)})


def _held(leaving: Sequence[tuple[Entry, Stage]]) -> None:
    """What others say of deals that leave a stage which asks them."""
    for hold in all_of(Hold):
        asked = {entry.id: (entry, stage) for entry, stage in leaving if hold.name in stage["holds"]}
        if not asked:
            continue
        left = hold.left({key: stage["id"] for key, (_entry, stage) in asked.items()})
        for key, what in left.items():
            if what:
                asked[key][0].refuse("stage", _("First to be done: %(tasks)s.") % {"tasks": ", ".join(what)})


def plan(batch: Batch, stages: Stages) -> None:
    """Give deals that come into a stage the tasks of that stage, once."""
    wanted = [
        (entry, subject)
        for entry in batch.entries
        if entry.changes("stage") and entry.at is None and entry.values["stage"] in stages
        for subject in stages[entry.values["stage"]]["tasks"]
    ]
    if not wanted:
        return
    system = callers.system(batch.caller.door, batch.caller.batch)
    condition = {"field": "deal", "op": "in", "value": sorted({entry.id for entry, _subject in wanted})}
    rows = visible(system, "task").page(columns=("subject", "deal"), filter=condition, size=500).rows
    known = {(row.values["deal"], row.values["subject"]) for row in rows}
    create_many(
        system, "task",
        [
            {"subject": subject, "deal": entry.id, "assignee": entry.get("owner"), "owner": entry.get("owner"),
             "team": entry.get("team"), "company": entry.get("company"), "person": entry.get("person")}
            for entry, subject in wanted if (entry.id, subject) not in known
        ],
    )  # fmt: skip


# -- approvals --------------------------------------------------------------------------------------------------------


def _next(caller: Caller, ids: Sequence[int]) -> list[tuple[int, str, int, str, int]]:
    """Deal, its name, and the next stage ahead of it that somebody approves: key, name, who."""
    found = []
    order = visible(callers.system(), "stage").page(
        columns=("pipeline", "approver", "position"), sort="position", size=500
    ).rows  # fmt: skip
    for row in visible(caller, "deal").page(columns=("pipeline", "stage"), ids=list(ids), size=len(ids)).rows:
        line = [s for s in order if s.values["pipeline"] == row.values["pipeline"]]
        keys = [s.id for s in line]
        ahead = line[keys.index(row.values["stage"]) + 1 :] if row.values["stage"] in keys else []
        gate = next((s for s in ahead if s.values["approver"]), None)
        if gate is not None:
            found.append((row.id, row.title or "", gate.id, gate.title or "", gate.values["approver"]))
    return found


def request(caller: Caller, ids: list[int]) -> str:
    """Ask who approves the next gate of deals, by a task. Raises Invalid when there is no such gate."""
    gates = _next(caller, ids)
    if not gates:
        raise Invalid({"stage": [_("No stage ahead of this needs an approval.")]})
    rows = [
        {"subject": _("Approve “%(deal)s” for “%(stage)s”") % {"deal": name, "stage": stage}, "deal": deal,
         "assignee": approver, "owner": approver}
        for deal, name, _key, stage, approver in gates
    ]  # fmt: skip
    create_many(_whatever_they_may(caller), "task", rows)
    return ngettext("Asked for %(count)d approval.", "Asked for %(count)d approvals.", len(gates)) % {
        "count": len(gates)
    }


def approve(caller: Caller, ids: list[int]) -> str:
    """Let deals through the next gate, which is what the task asked for that is done now.

    Raises Forbidden for whoever is not named there, Invalid without a gate.
    """
    gates = _next(caller, ids)
    if not gates:
        raise Invalid({"stage": [_("No stage ahead of this needs an approval.")]})
    if any(approver != caller.user_id for *_gate, approver in gates) and not caller.is_admin:
        raise Forbidden(_("Only who is named at the stage, or an administrator, approves this."))
    update_each(caller, "deal", [(deal, {"approved": key}) for deal, _name, key, _stage, _who in gates])
    asked = [key for deal, name, _key, stage, approver in gates for key in _asked(deal, name, stage, approver)]
    update_each(_whatever_they_may(caller), "task", [(key, {"status": "done"}) for key in asked])
    return ngettext("%(count)d deal approved.", "%(count)d deals approved.", len(gates)) % {"count": len(gates)}


def _asked(deal: int, name: str, stage: str, approver: int) -> list[int]:
    """The open tasks that ask a user to approve a deal for a stage, in whatever language they were written."""
    condition = [
        {"field": "deal", "op": "is", "value": deal},
        {"field": "assignee", "op": "is", "value": approver},
        {"field": "status", "op": "is_not", "value": "done"},
        *({"field": "subject", "op": "contains", "value": part} for part in (name, stage)),
    ]
    return visible(callers.system(), "task").ids({"all": condition})


def _whatever_they_may(caller: Caller) -> Caller:
    """The same person, for tasks of somebody else that follow from their act."""
    return replace(caller, is_admin=True, cache={})


_OPEN = {"field": "outcome", "op": "is", "value": "open"}
REQUEST = Action(
    key="request-approval", label=gettext_lazy("Ask for approval"), icon="send", run=request, offered=_OPEN
)
APPROVE = Action(key="approve", label=gettext_lazy("Approve"), icon="circle-check", run=approve, offered=_OPEN)
