"""Storage of notifications."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Notification(models.Model):
    """One thing that a user is told of. `kind` names an `extensions.Notice`, the record is the one that it is about.

    A `key` tells it apart: the same thing is told once. `mail` says how it leaves by mail: not at all (empty), `now`,
    `digest`, or `sent` once it did. `shown` is false where the user wants it by mail alone.
    """

    user_id = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=160)
    object_key = models.CharField(max_length=60)
    record_id = models.BigIntegerField(null=True)
    actor_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    detail = models.JSONField(default=dict)
    shown = models.BooleanField(default=True)
    read_at = models.DateTimeField(null=True)
    mail = models.CharField(max_length=6, blank=True, default="")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user_id", "key"], name="notification_once"),)
        indexes = (
            models.Index(fields=["user_id", "-at", "-id"], condition=models.Q(shown=True), name="notification_list"),
            models.Index(
                fields=["user_id"], condition=models.Q(shown=True, read_at__isnull=True), name="notification_unread"
            ),
            models.Index(
                fields=["mail", "user_id"], condition=models.Q(mail__in=["now", "digest"]), name="notification_mail"
            ),
            models.Index(fields=["object_key", "record_id"], name="notification_record"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class PushDevice(models.Model):
    """A browser in which a user is told by push: its address at a push service and its keys.

    `failure` says what the service refused last; `session` is the hash of the session in which it was added.
    """

    LONGEST = 1000

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    endpoint = models.CharField(max_length=LONGEST, unique=True)
    p256dh = models.CharField(max_length=120)
    auth = models.CharField(max_length=40)
    label = models.CharField(max_length=80, blank=True)
    session = models.CharField(max_length=64, blank=True, db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=80, blank=True)

    def __str__(self) -> str:
        return f"{self.user_id} {self.label}"
