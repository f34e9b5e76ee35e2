"""All models of this room, where Django looks for them."""

from rapport.records.accounts.models import (
    ApiToken,
    AuditEntry,
    Epoch,
    Invitation,
    Organisation,
    Role,
    Share,
    SigningKey,
    SignInLink,
    SpentToken,
    Team,
    User,
)
from rapport.records.cache import CacheEntry
from rapport.records.customising.models import CustomField, CustomObject, CustomRecord
from rapport.records.history.models import Change, Link, OutboxEntry, Submission, UniqueValue
from rapport.records.jobs.models import JobRow, WorkerRow
from rapport.records.merging.models import Merge, MergedRecord, MergeMove
from rapport.records.numbers import Counter

__all__ = [
    "ApiToken",
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
    "Merge",
    "MergeMove",
    "MergedRecord",
    "Organisation",
    "OutboxEntry",
    "Role",
    "Share",
    "SignInLink",
    "SigningKey",
    "SpentToken",
    "Submission",
    "Team",
    "UniqueValue",
    "User",
    "WorkerRow",
]
