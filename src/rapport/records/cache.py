"""The cache that all processes share where there is no Redis: a table, written by Django's `DatabaseCache`.

It holds what limits of sign-ins count. Nothing that a page shows is kept here.
"""

from __future__ import annotations

from django.db import models


class CacheEntry(models.Model):
    """One value under a key until a moment. Names and types of the columns are Django's."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "records_cache"

    def __str__(self) -> str:
        return self.cache_key
