"""What the surface keeps: answers to requests with an idempotency key."""

from __future__ import annotations

from django.db import models


class KeptAnswer(models.Model):
    """The answer to a write that carried an `Idempotency-Key`, written in the transaction of that write.

    `key` is a hash of the user and the key, `request` one of method, address and body. Where the answer holds a record,
    `object_key` and `record_id` name it, and `epoch` is that of the rights under which it was read.
    """

    key = models.CharField(max_length=64, primary_key=True)
    request = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.TextField()
    object_key = models.CharField(max_length=60, blank=True)
    record_id = models.BigIntegerField(null=True)
    epoch = models.BigIntegerField(default=0)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.status} {self.key[:8]}"
