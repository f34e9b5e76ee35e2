"""An administrator and a browserless client of theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from tests import factories as f

from rapport.records import write
from rapport.records.accounts.caller import Caller

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def client_of(caller: Caller) -> Client:
    """A signed-in client."""
    client = Client()
    client.force_login(get_user_model().objects.get(pk=caller.user_id), backend=BACKEND)
    return client


@dataclass
class Office:
    """Who works here, and a pipeline with an open, a won and a lost stage."""

    admin: Caller
    client: Client
    stages: dict[str, int]
    pipeline: int

    def deal(self, **values: Any) -> int:
        """A deal in the first stage unless said otherwise."""
        return write.create(self.admin, "deal", {"name": "Fleet", "pipeline": self.pipeline, **values})


@pytest.fixture
def office(db: None) -> Office:
    """The office of these tests."""
    admin = f.admin()
    pipeline = write.create(admin, "pipeline", {"name": "Sales"})
    stages = {}
    for position, (name, outcome) in enumerate([("Open", "open"), ("Talk", "open"), ("Won", "won"), ("Lost", "lost")]):
        values = {"name": name, "pipeline": pipeline, "position": position, "outcome": outcome, "rotting_days": 5}
        stages[name] = write.create(admin, "stage", values)
    return Office(admin, client_of(admin), stages, pipeline)
