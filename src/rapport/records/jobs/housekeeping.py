"""The daily cleaning."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.utils import timezone

from rapport.records import indexing
from rapport.records.accounts.models import SignInLink
from rapport.records.cache import CacheEntry
from rapport.records.customising import usage
from rapport.records.history.models import Submission
from rapport.records.jobs.models import JobRow, State, WorkerRow
from rapport.records.write import purge
from rapport.registry import catalog


def keep_house(context: Any) -> dict[str, int]:
    """Daily: empty old trash, forget sent forms, ended jobs, dead workers, expired links and limits; statistics."""
    now = timezone.now()
    removed = _purge(context, now - dt.timedelta(days=settings.TRASH_DAYS))
    day = dt.timedelta(days=1)
    forgotten, _rows = Submission.objects.filter(at__lt=now - 2 * day).delete()
    JobRow.objects.filter(state__in=[State.DONE, State.CANCELLED], finished_at__lt=now - 14 * day).delete()
    WorkerRow.objects.filter(beat_at__lt=now - day).delete()
    SignInLink.objects.filter(expires_at__lt=now - day).delete()
    CacheEntry.objects.filter(expires__lt=now).delete()
    indexing.look_again()
    return {"trash": removed, "forms": forgotten}


def empty_trash(context: Any) -> dict[str, int]:
    """Delete the trash for good, with the values of removed fields and the records of removed objects."""
    return {"trash": _purge(context, timezone.now())}


def _purge(context: Any, before: dt.datetime) -> int:
    removed = 0
    for key in catalog.current().objects:
        while count := purge(key, before):
            removed += count
            context.progress(removed)
    return removed + usage.purge_removed(before)
