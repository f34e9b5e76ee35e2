"""What cleaning and filtering need to know of the moment and the reader."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from rapport.lib.sql import Dialect


@dataclass(frozen=True, slots=True, kw_only=True)
class Env:
    """Database, time and reader. `now` is aware; `currency` and `country` are the organisation's."""

    dialect: Dialect
    now: dt.datetime
    zone: ZoneInfo
    user_id: int | None = None
    currency: str = "EUR"
    country: str = "DE"

    @property
    def today(self) -> dt.date:
        """The day in the reader's zone."""
        return self.now.astimezone(self.zone).date()
