"""Secrets of endpoints: made here, shown once, sealed at rest, two of them while one takes the place of the other."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.utils import timezone

from rapport.features.webhooks.models import Endpoint
from rapport.lib import sealing, standardwebhooks

PURPOSE = "webhook secret"
OVERLAP = dt.timedelta(hours=24)
"""How long the old secret signs beside the new one."""


class Unreadable(Exception):
    """The secret was sealed with another secret key of the deployment; a new one must be made."""


def new() -> tuple[str, str]:
    """A new secret, and how it is kept."""
    secret = standardwebhooks.new_secret()
    return secret, sealing.seal(settings.SECRET_KEY, PURPOSE, secret)


def secrets_of(endpoint: Endpoint) -> list[str]:
    """The secrets that sign at this moment, the new one first. Raises Unreadable."""
    sealed = [endpoint.secret]
    if endpoint.old_secret and endpoint.old_until and endpoint.old_until > timezone.now():
        sealed.append(endpoint.old_secret)
    try:
        return [sealing.unseal(settings.SECRET_KEY, PURPOSE, text) for text in sealed]
    except ValueError as error:
        raise Unreadable from error
