"""What the feature keeps: how often tokens were used, and the pieces of work that agents did."""

from __future__ import annotations

from django.db import models


class Usage(models.Model):
    """Requests of a token in one minute, counted by all processes together."""

    token_id = models.BigIntegerField()
    minute = models.BigIntegerField(db_index=True)
    count = models.BigIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["token_id", "minute"], name="programs_usage_once"),)

    def __str__(self) -> str:
        return f"{self.token_id} {self.minute} {self.count}"


class Work(models.Model):
    """A piece of an agent's work: writes of one client under one token, all of one `batch` of the change log.

    `group` is what the client called it; without one, a pause ends it (see `works.PAUSE`). `token_id` is empty for a
    client that was started by its user on the machine itself.
    """

    batch = models.CharField(max_length=40, unique=True)
    user_id = models.BigIntegerField()
    token_id = models.BigIntegerField(null=True)
    client = models.CharField(max_length=100, blank=True, default="")
    group = models.CharField(max_length=100, blank=True, default="")
    begun_at = models.DateTimeField()
    last_at = models.DateTimeField()
    reverted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=["user_id", "token_id", "last_at"], name="work_of_token"),)

    def __str__(self) -> str:
        return self.batch
