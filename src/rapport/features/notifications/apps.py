"""Registers the feature."""

import datetime as dt

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    """What users are told of."""

    name = "rapport.features.notifications"
    label = "notifications"

    def ready(self) -> None:
        """Register the mails, the cleaning and the erasure."""
        from rapport.features.notifications import erasing, mailing, pushing, telling
        from rapport.registry import extensions

        soon, hour, day = dt.timedelta(minutes=5), dt.timedelta(hours=1), dt.timedelta(days=1)
        extensions.register(
            extensions.Job(
                name=telling.MAIL_JOB, run=mailing.send_now, label=_("Send notifications by mail"), every=soon
            ),
            extensions.Job(name="mail-digests", run=mailing.send_digests, label=_("Send daily digests"), every=hour),
            extensions.Job(
                name="forget-notifications", run=mailing.forget, label=_("Remove old notifications"), every=day
            ),
            extensions.Job(name=pushing.JOB, run=pushing.send, label=_("Send a notification by push")),
            extensions.Teller(name="notifications", tell=telling.tell_of),
            extensions.ArchiveRule(
                name="notifications", out={"notifications.PushDevice": "browsers gave it to this deployment alone"}
            ),
            extensions.PersonalData(name="notifications", objects=("*",), erase=erasing.erase),
        )
