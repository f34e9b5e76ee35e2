"""Registers the feature."""

import datetime as dt

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebhooksConfig(AppConfig):
    """Events sent to addresses of other programs."""

    name = "rapport.features.webhooks"
    label = "webhooks"

    def ready(self) -> None:
        """Register the subscriber, the jobs, the notification and the erasure."""
        from rapport.features.webhooks import erasing, keeping, making, sending
        from rapport.registry import extensions

        minute, day = dt.timedelta(minutes=1), dt.timedelta(days=1)
        extensions.register(
            extensions.On(name="webhooks", events=making.EVENTS, run=making.make, wanted=making.is_wanted),
            extensions.Job(
                name=sending.JOB, run=sending.send, label=_("Send webhooks"), lease=minute, waits=True, kept=False
            ),
            extensions.Job(name="wake-webhooks", run=keeping.wake, label=_("Look after webhooks"), every=minute),
            extensions.Job(name="forget-webhooks", run=keeping.forget, label=_("Remove old webhooks"), every=day),
            extensions.Notice(
                name=keeping.STOPPED, label=_("a webhook of yours is stopped"), icon="webhook", tone="red", mail="now",
                text=_("Nothing is sent to {record} any more."),
            ),
            extensions.ArchiveRule(
                name="webhooks", out={"webhooks.Delivery": "sent, or about to be sent by this deployment"},
                sealed={"webhooks.Endpoint.secret": "", "webhooks.Endpoint.old_secret": ""},
            ),
            extensions.PersonalData(name="webhooks", objects=("*",), erase=erasing.erase),
        )  # fmt: skip
