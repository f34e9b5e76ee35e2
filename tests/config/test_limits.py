"""Limits of sign-ins hold over all processes, whatever cache is configured."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import pytest
from tests.config.deployment import Deployment

pytestmark = pytest.mark.once
ATTEMPTS = """
import json, sys, django
django.setup()
from django.conf import settings
from django.test import Client
settings.ALLOWED_HOSTS.append("testserver")
said = []
for password in {passwords!r}:
    answer = Client().post("/accounts/login/", {{"login": "ada@example.com", "password": password}})
    said.append("in" if answer.status_code == 302 else "limit" if b"Too many" in answer.content else "wrong")
print(json.dumps(said))
"""
RIGHT = "correct horse battery"


@pytest.fixture
def ada(on_each_database: Deployment) -> Deployment:
    """A deployment with one administrator."""
    on_each_database.environment["DJANGO_SETTINGS_MODULE"] = "rapport.config.settings"
    on_each_database.must("init", RAPPORT_ADMIN_EMAIL="ada@example.com", RAPPORT_ADMIN_PASSWORD=RIGHT)
    return on_each_database


def attempt(deployment: Deployment, *passwords: str) -> list[str]:
    """What became of attempts to sign in, made by a process of their own."""
    found: list[str] = json.loads(deployment.python(ATTEMPTS.format(passwords=passwords)))
    return found


def test_wrong_passwords_count_in_every_process(ada: Deployment) -> None:
    assert attempt(ada, RIGHT) == ["in"]
    assert attempt(ada, *["wrong"] * 3) == ["wrong"] * 3
    assert attempt(ada, "wrong", "wrong", "wrong") == ["wrong", "wrong", "limit"]
    assert attempt(ada, RIGHT) == ["limit"]


@pytest.fixture
def redis_url() -> Iterator[str]:
    """A Redis whose counts of Rapport are forgotten before and after; a database for each process of the tests."""
    redis = pytest.importorskip("redis")
    number = 15 - int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 15
    url = os.environ.get("RAPPORT_TEST_REDIS", f"redis://127.0.0.1:6379/{number}")
    client = redis.Redis.from_url(url, socket_connect_timeout=2)

    def forget() -> None:
        if keys := list(client.scan_iter("rapport:*")):
            client.delete(*keys)

    try:
        forget()
    except redis.ConnectionError as error:
        pytest.skip(f"redis: none answers at RAPPORT_TEST_REDIS ({error})")
    yield url
    forget()
    client.close()


@pytest.mark.parametrize("on_each_database", ["sqlite"], indirect=True)  # it is not the database that counts
def test_wrong_passwords_are_counted_in_redis_where_one_is_named(ada: Deployment, redis_url: str) -> None:
    ada.environment["RAPPORT_REDIS_URL"] = redis_url
    assert attempt(ada, *["wrong"] * 3) == ["wrong"] * 3
    assert attempt(ada, *["wrong"] * 3) == ["wrong", "wrong", "limit"]
    assert attempt(ada, RIGHT) == ["limit"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:6379/0", "redis:///0"])
def test_an_address_that_is_no_redis_is_refused(deployment: Deployment, url: str) -> None:
    told = deployment.run("doctor", RAPPORT_REDIS_URL=url)
    assert told.returncode != 0
    assert "RAPPORT_REDIS_URL" in told.stderr + told.stdout
