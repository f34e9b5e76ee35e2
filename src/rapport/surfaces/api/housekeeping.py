"""Forgets answers that nobody asks for any more."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from rapport.lib.sql import Sql
from rapport.records import db
from rapport.registry.extensions import Job

KEPT = dt.timedelta(days=2)
"""How long the answer to an idempotency key is kept."""


def forget(context: Any) -> dict[str, int]:
    """Remove old answers; how many answers."""
    before = db.dialect().moment(timezone.now() - KEPT)
    answers = db.execute(Sql("DELETE FROM api_keptanswer WHERE at < %s", (before,)))
    return {"answers": answers} if answers else {}


JOB = Job(name="api-forget", run=forget, label=_("Forget old answers of the API"), every=dt.timedelta(hours=6))
