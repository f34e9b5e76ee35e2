"""Forgets what nobody asks for any more: counts, and tokens of applications."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

from django.utils.translation import gettext_lazy as _

from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts import applications
from rapport.registry.extensions import Job


def forget(context: Any) -> dict[str, int]:
    """Remove the counts of minutes that are over, and what is over of applications."""
    db.execute(Sql("DELETE FROM programs_usage WHERE minute < %s", (int(time.time()) // 60 - 10,)))
    applications.tidy()
    return {}


JOB = Job(
    name="programs-forget", run=forget, label=_("Forget old counts of requests and tokens"), every=dt.timedelta(hours=6)
)
