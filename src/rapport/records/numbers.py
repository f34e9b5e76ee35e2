"""Running numbers, such as those of tickets: given in the transaction of the write that uses them, never twice."""

from __future__ import annotations

from django.db import models

from rapport.lib.sql import Sql
from rapport.records import db


class Counter(models.Model):
    """The last number given under a name."""

    name = models.CharField(max_length=60, primary_key=True)
    value = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.name} {self.value}"


def take(name: str, count: int = 1) -> range:
    """The next `count` numbers under a name, from 1. Others wait until the transaction at hand ends.

    Where that is rolled back the numbers are free again, so that there is no gap.
    """
    found = db.row(
        Sql(
            "INSERT INTO records_counter (name, value) VALUES (%s, %s) ON CONFLICT (name) "
            "DO UPDATE SET value = records_counter.value + %s RETURNING value",
            (name, count, count),
        )
    )
    assert found is not None
    last = int(found[0])
    return range(last - count + 1, last + 1)
