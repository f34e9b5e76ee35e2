"""The daily cleaning."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.utils import timezone

from rapport.records.accounts.models import SignInLink
from rapport.records.history.models import Submission
from rapport.records.jobs.models import JobRow, State, WorkerRow
from rapport.records.write import purge
from rapport.registry import catalog


def keep_house(context: Any) -> dict[str, int]:
    """Daily: empty old trash, forget sent forms, ended jobs, dead workers and expired links."""
    now, removed = timezone.now(), 0
    for key in catalog.current().objects:
        while count := purge(key, now - dt.timedelta(days=settings.TRASH_DAYS)):
            removed += count
            context.progress(removed)
    day = dt.timedelta(days=1)
    forgotten, _rows = Submission.objects.filter(at__lt=now - 2 * day).delete()
    JobRow.objects.filter(state__in=[State.DONE, State.CANCELLED], finished_at__lt=now - 14 * day).delete()
    WorkerRow.objects.filter(beat_at__lt=now - day).delete()
    SignInLink.objects.filter(expires_at__lt=now - day).delete()
    return {"trash": removed, "forms": forgotten}
