"""Every registered object, a custom one too, with someone who may everything and someone who may nothing."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.test import Client
from tests import factories as f

from rapport.records.accounts.caller import Caller
from rapport.records.accounts.models import User
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.registry.objects import ACTIONS

CUSTOM = "boat"
WITHOUT_CREATE = {"file"}
"""Objects that are made by an act of their own (an upload), not by a form."""
KEYS = [*catalog.registered(), CUSTOM]


@dataclass
class World:
    """An object and who looks at it."""

    obj: RegisteredObject
    admin: Caller
    nobody: Caller
    client: Client
    stranger: Client

    @property
    def key(self) -> str:
        """Key of the object."""
        return self.obj.key

    def make(self, **values: object) -> int:
        """A record of the object."""
        return f.make(self.admin, self.key, **values)


def signed_in(caller: Caller) -> Client:
    """A browser in which a user is signed in."""
    client = Client()
    client.force_login(
        User.objects.get(pk=caller.user_id or 0), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    return client


@pytest.fixture
def world(request: pytest.FixtureRequest, db: None) -> World:
    """The object that the test is run for."""
    key = request.param
    if key == CUSTOM:
        f.organisation()
        f.custom_object(CUSTOM, "boats")
        f.every_custom_field(CUSTOM)
    admin = f.admin()
    nothing = dict.fromkeys(ACTIONS, "none")
    nobody = f.user("Nobody", rights={"*": nothing, key: nothing})
    return World(catalog.current()[key], admin, nobody, signed_in(admin), signed_in(nobody))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes a world runs for every object."""
    if "world" in metafunc.fixturenames:
        keys = [k for k in KEYS if k not in WITHOUT_CREATE]
        metafunc.parametrize("world", keys, indirect=True)
