"""Pipelines, stages and deals, declared."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.apps.sales import buying, deals, gates, models, rotting
from rapport.registry.fields import FieldSpec
from rapport.registry.objects import ALL, NONE, Access, Board, ObjectSpec
from rapport.registry.types import TYPES

_MADE_BY_ADMINISTRATORS = Access(create=NONE, read=ALL, edit=NONE, delete=NONE, export=ALL)

pipeline = ObjectSpec(
    model=models.Pipeline, icon="layout-kanban", columns=("name", "position"), sort="position",
    access=_MADE_BY_ADMINISTRATORS, merges=False,
)  # fmt: skip

stage = ObjectSpec(
    model=models.Stage, icon="stairs", subtitle=("pipeline",), sort="position", access=_MADE_BY_ADMINISTRATORS,
    columns=("name", "pipeline", "position", "probability", "outcome"), merges=False,
)  # fmt: skip

deal = ObjectSpec(
    model=models.Deal, icon="coin", navigation=40, menu="sales", subtitle=("company",),
    columns=("name", "company", "person", "pipeline", "stage", "amount", "close_on", "owner"),
    form=(
        "name", "company", "person", "people", "pipeline", "stage", "amount", "probability", "forecast", "close_on",
        "partner", "competitors", "lost_reason", "lost_note", "lost_to", "description", "tags", "owner", "team",
    ),
    quick=("name", "company", "amount", "close_on"), search=("name", "description"),
    board=Board(
        field="stage", total="amount", weight="probability", dated="closed_at", within="pipeline",
        card=("company", "amount", "close_on", "owner"),
        tone="outcome", marks=rotting.marks, needs=rotting.NEEDS,
    ),
    calendar="close_on", readonly=("outcome", "closed_at", "stage_since"), derived=("last_contact_at", "next_step_at"),
    extra=(
        FieldSpec(name="people", type=TYPES["references"], label=_("people"), target="person"),
        FieldSpec(name="competitors", type=TYPES["references"], label=_("competitors"), target="competitor"),
        FieldSpec(name="tags", type=TYPES["references"], label=_("tags"), target="tag"),
    ),
    required_if={
        "lost_reason": {"field": "outcome", "op": "is", "value": "lost"},
        "lost_note": {"field": "lost_reason", "op": "is", "value": "other"},
    },
    prepare=deals.prepare, effects=(deals.effects,), actions=(deals.WIN, deals.LOSE, gates.REQUEST, gates.APPROVE),
)  # fmt: skip

competitor = ObjectSpec(
    model=models.Competitor, icon="scale", columns=("name", "website", "company"), quick=("name", "website"),
    search=("name",),
)  # fmt: skip

member = ObjectSpec(
    model=models.BuyingGroupMember, key="buying_group_member", plural="buying-group", icon="users",
    subtitle=("person",), parent="deal", columns=("name", "person", "deal", "role", "note"), readonly=("name",),
    form=("deal", "person", "role", "note"), quick=("deal", "person", "role", "note"), prepare=buying.prepare,
)  # fmt: skip

SPECS = (pipeline, stage, competitor, deal, member)
