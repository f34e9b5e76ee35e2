"""Names of what the audit log notes, in the reader's language."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

ACTS = {
    "sign-in": pgettext_lazy("act", "sign-in"), "sign-in refused": pgettext_lazy("act", "sign-in refused"),
    "sign-in link made": pgettext_lazy("act", "sign-in link made"), "sign-out": pgettext_lazy("act", "sign-out"),
    "signed out everywhere": pgettext_lazy("act", "signed out everywhere"),
    "password changed": pgettext_lazy("act", "password changed"),
    "password reset": pgettext_lazy("act", "password reset"), "password set": pgettext_lazy("act", "password set"),
    "e-mail changed": pgettext_lazy("act", "e-mail changed"),
    "second factor added": pgettext_lazy("act", "second factor added"),
    "second factor refused": pgettext_lazy("act", "second factor refused"),
    "second factor removed": pgettext_lazy("act", "second factor removed"),
    "second factor reset": pgettext_lazy("act", "second factor reset"), "refusal": pgettext_lazy("act", "refusal"),
    "set-up": pgettext_lazy("act", "set-up"), "organisation changed": pgettext_lazy("act", "organisation changed"),
    "user created": pgettext_lazy("act", "user created"), "user changed": pgettext_lazy("act", "user changed"),
    "user activated": pgettext_lazy("act", "user activated"),
    "user deactivated": pgettext_lazy("act", "user deactivated"), "invitation": pgettext_lazy("act", "invitation"),
    "invitation accepted": pgettext_lazy("act", "invitation accepted"),
    "invitation withdrawn": pgettext_lazy("act", "invitation withdrawn"),
    "team created": pgettext_lazy("act", "team created"), "team changed": pgettext_lazy("act", "team changed"),
    "team deleted": pgettext_lazy("act", "team deleted"), "role created": pgettext_lazy("act", "role created"),
    "role deleted": pgettext_lazy("act", "role deleted"), "rights": pgettext_lazy("act", "rights"),
    "share": pgettext_lazy("act", "share"), "import": pgettext_lazy("act", "import"),
    "import undone": pgettext_lazy("act", "import undone"),
    "export": pgettext_lazy("act", "export"), "deleted for good": pgettext_lazy("act", "deleted for good"),
    "trash emptied": pgettext_lazy("act", "trash emptied"), "rates": pgettext_lazy("act", "rates"),
    "rates removed": pgettext_lazy("act", "rates removed"),
    "letterhead changed": pgettext_lazy("act", "letterhead changed"),
    "object added": pgettext_lazy("act", "object added"), "object changed": pgettext_lazy("act", "object changed"),
    "object removed": pgettext_lazy("act", "object removed"),
    "object restored": pgettext_lazy("act", "object restored"),
    "object deleted": pgettext_lazy("act", "object deleted"), "field added": pgettext_lazy("act", "field added"),
    "field changed": pgettext_lazy("act", "field changed"), "field indexed": pgettext_lazy("act", "field indexed"),
    "field no longer indexed": pgettext_lazy("act", "field no longer indexed"),
    "field removed": pgettext_lazy("act", "field removed"), "field restored": pgettext_lazy("act", "field restored"),
    "field deleted": pgettext_lazy("act", "field deleted"),
    "duplicate policy": pgettext_lazy("act", "duplicates at a door"),
    "fields reordered": pgettext_lazy("act", "fields reordered"),
    "archive made": pgettext_lazy("act", "archive made"),
    "archive downloaded": pgettext_lazy("act", "archive downloaded"),
    "archive imported": pgettext_lazy("act", "archive imported"),
    "token made": pgettext_lazy("act", "token made"), "token revoked": pgettext_lazy("act", "token revoked"),
    "token refused": pgettext_lazy("act", "token refused"), "webhook made": pgettext_lazy("act", "webhook made"),
    "webhook changed": pgettext_lazy("act", "webhook changed"),
    "webhook secret made": pgettext_lazy("act", "new secret of a webhook"),
    "webhook paused": pgettext_lazy("act", "webhook paused"),
    "webhook resumed": pgettext_lazy("act", "webhook resumed"),
    "webhook stopped": pgettext_lazy("act", "webhook stopped"),
    "webhook removed": pgettext_lazy("act", "webhook removed"),
    "mailbox made": pgettext_lazy("act", "mailbox made"), "mailbox changed": pgettext_lazy("act", "mailbox changed"),
    "mailbox removed": pgettext_lazy("act", "mailbox removed"),
    "write key replaced": pgettext_lazy("act", "write key of a source of events replaced"),
    "application made": pgettext_lazy("act", "application made"),
    "application registered": pgettext_lazy("act", "application made itself known"),
    "application changed": pgettext_lazy("act", "application changed"),
    "application secret made": pgettext_lazy("act", "new secret of an application"),
    "application removed": pgettext_lazy("act", "application removed"),
    "application allowed": pgettext_lazy("act", "application allowed"),
    "application withdrawn": pgettext_lazy("act", "access of an application withdrawn"),
    "application token reused": pgettext_lazy("act", "spent token of an application shown again"),
}  # fmt: skip

DETAILS = {
    "before": pgettext_lazy("act", "before"), "after": pgettext_lazy("act", "after"),
    "count": pgettext_lazy("act", "count"), "sessions": pgettext_lazy("act", "sessions"),
    "records": pgettext_lazy("act", "records"), "by": pgettext_lazy("act", "by"),
    "admin": pgettext_lazy("act", "administrator"), "administrator": pgettext_lazy("act", "administrator"),
    "object": pgettext_lazy("act", "object"), "field": pgettext_lazy("act", "field"),
    "type": pgettext_lazy("act", "type"), "user": pgettext_lazy("act", "user"), "team": pgettext_lazy("act", "team"),
    "role": pgettext_lazy("act", "role"), "email": pgettext_lazy("act", "e-mail"),
    "access": pgettext_lazy("act", "access"), "holders": pgettext_lazy("act", "holders"),
    "provider": pgettext_lazy("act", "provider"), "scopes": pgettext_lazy("act", "scopes"),
    "level": pgettext_lazy("act", "level"), "to": pgettext_lazy("act", "to"),
    "door": pgettext_lazy("act", "door"), "exact": pgettext_lazy("act", "the same"),
    "near": pgettext_lazy("act", "alike"),
    "secrets": pgettext_lazy("act", "secrets"),
    "until": pgettext_lazy("act", "until"), "why": pgettext_lazy("act", "why"),
}  # fmt: skip
"""Names of what is noted about an act."""


def named(act: str) -> str:
    """The name of an act; one that is not known, as of an app, is named by itself."""
    return str(ACTS.get(act, act))
