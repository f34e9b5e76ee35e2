"""Mail templates and outgoing mail, declared."""

from __future__ import annotations

from rapport.apps.mailing import incoming, models, writing
from rapport.registry.objects import ALL, NONE, OWN, TEAM, Access, ObjectSpec

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

incoming_mail = ObjectSpec(
    model=models.IncomingMail, key="incoming_mail", plural="incoming-mail", icon="mail-opened", title="subject",
    subtitle=("sender", "sent_at"), sort="-created_at",
    columns=("subject", "sender", "person", "state", "why", "sent_at", "ticket", "deal"),
    form=(
        "person", "company", "deal", "ticket", "subject", "sender", "sender_name", "recipient", "sent_at", "body",
        "automatic", "message_id", "owner", "team",
    ),
    quick=("subject", "sender", "body", "person"), search=("subject", "sender", "sender_name"),
    derived=("state", "why"), hidden=("interaction", "entry", "fingerprint"),
    access=Access(create=NONE, read=ALL, edit=ALL, delete=OWN, export=TEAM), prepare=incoming.prepare,
    effects=(incoming.effects,), actions=(incoming.MAKE, incoming.ASIDE), merges=False,
)  # fmt: skip

SPECS = (template, mail, incoming_mail)
