"""All models of this room, where Django looks for them."""

from rapport.records.accounts.models import (
    AuditEntry,
    Epoch,
    Invitation,
    Organisation,
    Role,
    Share,
    SignInLink,
    Team,
    User,
)
from rapport.records.cache import CacheEntry
from rapport.records.customising.models import CustomField, CustomObject, CustomRecord
from rapport.records.history.models import Change, Link, OutboxEntry, Submission, UniqueValue
from rapport.records.jobs.models import JobRow, WorkerRow
from rapport.records.numbers import Counter

__all__ = [
    "AuditEntry",
    "CacheEntry",
    "Change",
    "Counter",
    "CustomField",
    "CustomObject",
    "CustomRecord",
    "Epoch",
    "Invitation",
    "JobRow",
    "Link",
    "Organisation",
    "OutboxEntry",
    "Role",
    "Share",
    "SignInLink",
    "Submission",
    "Team",
    "UniqueValue",
    "User",
    "WorkerRow",
]
