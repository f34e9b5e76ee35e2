"""Playbooks, their steps and answers, declared."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.apps.playbooks import answers, models, steps
from rapport.registry.fields import FieldSpec
from rapport.registry.objects import ALL, NONE, Access, ObjectSpec
from rapport.registry.types import TYPES

_BY_ADMINISTRATORS = Access(create=NONE, read=ALL, edit=NONE, delete=NONE, export=ALL)

playbook = ObjectSpec(
    model=models.Playbook, icon="list-check", columns=("name", "stages", "kinds", "active", "position"),
    form=("name", "description", "stages", "kinds", "sources", "lifecycles", "active", "position"),
    quick=("name", "stages", "kinds"), search=("name",), sort="position", access=_BY_ADMINISTRATORS, merges=False,
    extra=(
        FieldSpec(name="stages", type=TYPES["references"], label=_("stages of deals"), target="stage"),
        FieldSpec(name="sources", type=TYPES["references"], label=_("lead sources"), target="lead_source"),
    ),
)  # fmt: skip

step = ObjectSpec(
    model=models.PlaybookStep, key="playbook_step", plural="playbook-steps", icon="list-details",
    columns=("name", "playbook", "position", "reply", "fills", "must"), sort="position", search=("name",),
    quick=("playbook", "name", "wording", "reply"), access=_BY_ADMINISTRATORS, prepare=steps.prepare,
    merges=False,
)  # fmt: skip

answer = ObjectSpec(
    model=models.PlaybookAnswer, key="playbook_answer", plural="playbook-answers", icon="checks",
    subtitle=("value",), columns=("name", "value", "deal", "lead", "interaction", "updated_by", "updated_at"),
    form=("step", "deal", "lead", "interaction", "value"), quick=("step", "deal", "lead", "interaction", "value"),
    readonly=("name",), search=("name", "value"), scope=answers.scope, prepare=answers.prepare,
    effects=(answers.effects,), merges=False,
)  # fmt: skip

SPECS = (playbook, step, answer)
