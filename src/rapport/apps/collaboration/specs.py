"""Tasks, tags and comments, declared."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.apps.collaboration import comments, models, tasks
from rapport.registry.fields import FieldSpec
from rapport.registry.objects import ALL, OWN, Access, Board, ObjectSpec
from rapport.registry.types import TYPES

task = ObjectSpec(
    model=models.Task, icon="checkbox", navigation=10, title="subject", subtitle=("due_at",), sort="due_at",
    columns=("subject", "due_at", "status", "priority", "person", "deal", "assignee"),
    form=(
        "subject", "due_at", "remind_at", "repeat", "assignee", "priority", "status", "person", "company", "deal",
        "ticket", "description", "tags", "owner", "team",
    ),
    quick=("subject", "due_at", "assignee", "person"), search=("subject", "description"),
    board=Board(field="status", card=("due_at", "person", "assignee")), calendar="due_at",
    readonly=("done_at",), derived=("reminded_at",),
    extra=(FieldSpec(name="tags", type=TYPES["references"], label=_("tags"), target="tag"),),
    prepare=tasks.prepare, effects=(tasks.effects,), actions=(tasks.COMPLETE, tasks.REOPEN),
)  # fmt: skip

tag = ObjectSpec(model=models.Tag, icon="tag", columns=("name", "tone"), search=("name",), sort="name")

comment = ObjectSpec(
    model=models.Comment, icon="message-circle", title="summary", sort="-created_at",
    columns=("summary", "created_by", "created_at"), form=("body",), search=("body",),
    access=Access(create=ALL, read=ALL, edit=OWN, delete=OWN), scope=comments.scope, prepare=comments.prepare,
    merges=False,
)  # fmt: skip

SPECS = (task, tag, comment)
