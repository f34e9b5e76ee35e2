"""Storage of the index: an entry for each record, and the words of names with what they may be mistaken for.

The migration makes both tables by hand, as each database needs them, and the full-text index of the entries: on SQLite
a table of its own, on PostgreSQL an index.
"""

from __future__ import annotations

from django.db import models


class SearchEntry(models.Model):
    """The tokens of a live record, separated by spaces. The key is made of object number and record key."""

    id = models.BigIntegerField(primary_key=True)
    text = models.TextField()

    class Meta:
        db_table = "search_entry"

    def __str__(self) -> str:
        return self.text[:60]


class SearchKey(models.Model):
    """A word, the word with one letter left out, or an ending of the word; to find it by mistyped or inner letters."""

    pk = models.CompositePrimaryKey("key", "word")
    key = models.TextField()
    word = models.TextField()

    class Meta:
        db_table = "search_key"

    def __str__(self) -> str:
        return f"{self.key} → {self.word}"


class SearchState(models.Model):
    """Which fields the entries of an object hold, so that a change of definitions is noticed."""

    number = models.BigIntegerField(primary_key=True)
    fields = models.TextField()

    class Meta:
        db_table = "search_state"

    def __str__(self) -> str:
        return f"{self.number}: {self.fields}"
