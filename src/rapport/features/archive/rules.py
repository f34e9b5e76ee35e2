"""What stays out of an archive of the tables of Django, of django-allauth and of the engine."""

from __future__ import annotations

from rapport.registry.extensions import ArchiveRule

_MADE = "made by the migrations; rights are roles"
_SESSION = "sessions: everyone signs in anew"
_WORK = "work of the moment of this deployment"
_SHORT = "kept for minutes or hours only"

FOUNDATION = ArchiveRule(
    name="foundation",
    out={
        "contenttypes.ContentType": _MADE,
        "auth.Permission": _MADE,
        "auth.Group": _MADE,
        "auth.Group_permissions": _MADE,
        "sessions.Session": _SESSION,
        "usersessions.UserSession": _SESSION,
        "account.EmailConfirmation": _SHORT,
        "records.SignInLink": _SHORT,
        "records.Submission": _SHORT,
        "records.CacheEntry": _SHORT,
        "records.Epoch": "counters that tell processes to look again",
        "records.OutboxEntry": _WORK,
        "records.JobRow": _WORK,
        "records.WorkerRow": _WORK,
    },
    secret={
        "records.User.password": "!",
        "mfa.Authenticator": "",
        "socialaccount.SocialApp": "",
        "socialaccount.SocialToken": "",
        "allauth_idp_oidc.Token": "",
        "records.SpentToken": "",
        "records.SigningKey": "",
    },
)
