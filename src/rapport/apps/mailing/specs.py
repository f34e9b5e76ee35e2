"""Mail templates and outgoing mail, declared."""

from __future__ import annotations

from rapport.apps.mailing import models, writing
from rapport.registry.objects import ALL, OWN, TEAM, Access, ObjectSpec

template = ObjectSpec(
    model=models.MailTemplate, key="mail_template", plural="mail-templates", icon="template", subtitle=("subject",),
    columns=("name", "subject", "updated_at"), sort="name", search=("name", "subject"),
    access=Access(create=ALL, read=ALL, edit=OWN, delete=OWN, export=ALL), prepare=writing.prepare_template,
)  # fmt: skip

mail = ObjectSpec(
    model=models.OutgoingMail, key="outgoing_mail", plural="outgoing-mail", icon="send", title="subject",
    subtitle=("person",), sort="-created_at",
    columns=("subject", "person", "address", "state", "error", "sent_at", "owner"),
    form=("person", "address", "copies", "template", "subject", "body", "company", "deal", "draft"),
    quick=("person", "template", "subject", "body"), search=("subject", "address"),
    readonly=("origin",), derived=("state", "error", "message_id", "sender", "sent_at"),
    access=Access(create=ALL, read=TEAM, edit=OWN, delete=OWN, export=OWN), prepare=writing.prepare,
    effects=(writing.effects,), actions=(writing.SEND, writing.AGAIN), merges=False,
)  # fmt: skip

SPECS = (template, mail)
