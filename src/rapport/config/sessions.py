"""Sessions in the database, read with one plain statement: every request reads one."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone


class SessionStore(db.SessionStore):
    """Django's own store, but for how a session is looked up."""

    def _get_session_from_db(self) -> Any:
        """The stored session; None, and a new key, when there is none or its time is over."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s",
                (self.session_key, connection.ops.adapt_datetimefield_value(timezone.now())),
            )
            found = cursor.fetchone()
        if found is None:
            self._session_key = None
            return None
        return Session(session_data=found[0])
