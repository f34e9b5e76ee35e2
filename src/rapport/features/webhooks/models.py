"""Storage of webhooks: where they go, and the ledger of what was and will be sent."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Stopped(models.TextChoices):
    """Why nothing is sent to an endpoint."""

    PAUSED = "paused", _("paused")
    GONE = "gone", _("no longer there")
    FAILING = "failing", _("failing for days")


class Endpoint(models.Model):
    """An address to which a user has events sent. `events` holds `subscribing.Wanted` in JSON form.

    Secrets are sealed; the old one signs as well until `old_until`. `failures` counts attempts since the last success,
    `failing_since` is when the first of them was; nothing is tried before `rest_until`.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    url = models.CharField(max_length=2000)
    description = models.CharField(max_length=200, blank=True)
    events = models.JSONField(default=list)
    secret = models.TextField()
    old_secret = models.TextField(blank=True)
    old_until = models.DateTimeField(null=True)
    stopped = models.CharField(max_length=8, choices=Stopped, blank=True, default="")
    stopped_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    rest_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.pk} {self.url}"


class State(models.TextChoices):
    """Where a delivery stands."""

    WAITING = "waiting", _("waiting")
    DELIVERED = "delivered", _("delivered")
    FAILED = "failed", _("failed")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Delivery(models.Model):
    """A message for one endpoint: `body` as it is signed, about the records `ids` (ascending) of an object.

    `message` is its `webhook-id`, the same at each attempt. `attempts` counts those of this round, `log` holds all:
    `at`, `status`, `error`, `ms`. A delivery is withdrawn when its user may no longer see what it tells of, or when
    that was erased.
    """

    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="deliveries")
    message = models.CharField(max_length=40, unique=True)
    type = models.CharField(max_length=80)
    object_key = models.CharField(max_length=60, blank=True)
    ids = models.JSONField(default=list)
    first_id = models.BigIntegerField(default=0)
    last_id = models.BigIntegerField(default=0)
    body = models.TextField()
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=300, blank=True)
    answer = models.TextField(blank=True)
    log = models.JSONField(default=list)

    class Meta:
        indexes = (
            models.Index(
                fields=["endpoint", "due_at", "id"], condition=models.Q(state="waiting"), name="webhook_delivery_due"
            ),
            models.Index(fields=["endpoint", "state", "-id"], name="webhook_delivery_state"),
            models.Index(fields=["object_key", "first_id", "last_id"], name="webhook_delivery_records"),
            models.Index(fields=["created_at"], name="webhook_delivery_age"),
        )

    def __str__(self) -> str:
        return f"{self.message} {self.type} {self.state}"
