"""Sequences, their steps and who goes through them, declared."""

from __future__ import annotations

from rapport.apps.sequences import enrolling, models, steps
from rapport.registry.objects import ALL, OWN, TEAM, Access, Board, ObjectSpec

sequence = ObjectSpec(
    model=models.Sequence, icon="route", sort="name", subtitle=("goal",), columns=("name", "goal", "active", "owner"),
    form=("name", "goal", "description", "active", "days", "hour", "wait_days", "stops_on", "owner", "team"),
    quick=("name", "goal", "days", "hour"), search=("name", "goal", "description"),
    choosable={"field": "active", "op": "is", "value": True},
    access=Access(create=ALL, read=ALL, edit=TEAM, delete=OWN, export=ALL),
    merges=False,
)  # fmt: skip

step = ObjectSpec(
    model=models.SequenceStep, key=steps.KEY, plural="sequence-steps", icon="stairs", parent="sequence",
    sort="position", subtitle=("kind", "day"), columns=("name", "sequence", "day", "kind", "position"),
    form=("sequence", "kind", "day", "subject", "template", "body", "priority", "position"),
    quick=("kind", "day", "subject", "template", "body", "priority"), readonly=("name",), prepare=steps.prepare,
    merges=False,
)  # fmt: skip

enrollment = ObjectSpec(
    model=models.Enrollment, icon="route", parent="person", sort="-started_at", subtitle=("person", "deal"),
    columns=("name", "person", "state", "steps_done", "next_at", "started_at", "owner"),
    form=("sequence", "person", "deal", "owner", "state", "reason", "note"), quick=("sequence", "person", "owner"),
    board=Board(field="state", card=("person", "next_at", "owner")),
    readonly=("name", "started_at", "ended_at"), derived=("next_at", "steps_done"), prepare=enrolling.prepare,
    effects=(enrolling.effects,), actions=(enrolling.PAUSE, enrolling.RESUME, enrolling.STOP), merges=False,
)  # fmt: skip

SPECS = (sequence, step, enrollment)
