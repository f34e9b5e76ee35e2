"""Leads, their sources, criteria and assignment rules, declared."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.apps.leads import assigning, converting, leads, models
from rapport.registry.fields import FieldSpec
from rapport.registry.objects import ALL, NONE, Access, Board, ObjectSpec
from rapport.registry.types import TYPES

_BY_ADMINISTRATORS = Access(create=NONE, read=ALL, edit=NONE, delete=NONE, export=ALL)

source = ObjectSpec(
    model=models.LeadSource, key="lead_source", plural="lead-sources", icon="route", columns=("name", "position"),
    sort="position", access=_BY_ADMINISTRATORS,
)  # fmt: skip

criterion = ObjectSpec(
    model=models.Criterion, plural="criteria", icon="list-check", columns=("name", "must", "position"),
    sort="position", access=_BY_ADMINISTRATORS, merges=False,
)  # fmt: skip

rule = ObjectSpec(
    model=models.AssignmentRule, key="assignment_rule", plural="assignment-rules", icon="users",
    columns=("name", "position", "about", "contains", "assignee", "among", "how", "active"), sort="position",
    access=_BY_ADMINISTRATORS, merges=False,
)  # fmt: skip

lead = ObjectSpec(
    model=models.Lead, icon="target", navigation=35, menu="sales", subtitle=("subject", "source"), sort="-created_at",
    columns=("name", "subject", "status", "source", "response_minutes", "created_at", "owner"),
    form=(
        "subject", "first_name", "last_name", "job", "email", "phone", "company_name", "country", "source", "status",
        "reason", "reason_note", "amount", "description", "person", "company", "met", "tags", "owner", "team",
    ),
    quick=("subject", "first_name", "last_name", "company_name", "email", "phone", "source"),
    search=("name", "subject", "email", "phone", "company_name"),
    board=Board(field="status", total="amount", card=("subject", "source", "email", "owner")),
    readonly=("name", "assigned_at", "closed_at"), derived=("responded_at", "response_minutes"),
    extra=(
        FieldSpec(name="met", type=TYPES["references"], label=_("criteria met"), target="criterion"),
        FieldSpec(name="tags", type=TYPES["references"], label=_("tags"), target="tag"),
    ),
    required_if={
        "reason": {"field": "status", "op": "is", "value": "disqualified"},
        "reason_note": {"field": "reason", "op": "is", "value": "other"},
    },
    prepare=leads.prepare, settle=assigning.settle, effects=(leads.effects,),
    actions=(converting.CONVERT, converting.KEEP, converting.DISQUALIFY, converting.REOPEN, assigning.ASSIGN),
)  # fmt: skip

SPECS = (source, criterion, rule, lead)
