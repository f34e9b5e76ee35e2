"""Generated requests, followed along the links of the document, as several roles: no 5xx, nothing but what the document
says, nothing that lives on after its deletion, nothing without a token.

Input is lenient by intention (a number may come as a text), so that what the schema forbids is not always refused.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from schemathesis import checks
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ensure_resource_availability,
    response_schema_conformance,
    status_code_conformance,
    use_after_free,
)
from tests import factories as f
from tests.surfaces.api.conftest import program

from rapport.records.accounts import caller as callers
from rapport.registry import catalog

CHECKS = [
    checks.not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
    use_after_free, ensure_resource_availability,
]  # fmt: skip
OBJECTS = ("people", "companies", "boats", "deals", "files")
PAST = ("/history", "/restore", "/revert", "/trash")
"""What can be asked of a record in the trash."""
PARTS = 8
"""Walks over a part of all objects each: more rules than these at once leave a walk nowhere to go."""
ROLES: dict[str, dict[str, Any]] = {
    "administrator": {"admin": True},
    "member": {},
    "reader": {"rights": {"*": {"create": "none", "edit": "none", "delete": "none"}}},
    "half blind": {
        "rights": {"*": {"read": "own", "edit": "own"}},
        "fields": {"person": {"emails": "hidden", "job": "read"}, "deal": {"amount": "hidden"}},
    },
}


class Application:
    """Rapport as a server has it, each request in a savepoint that a refusal undoes."""

    def __init__(self) -> None:
        self.inner = get_wsgi_application()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        told: list[str] = []

        def start(status: str, headers: Any, *rest: Any) -> Any:
            told.append(status)
            return start_response(status, headers, *rest)

        point = transaction.savepoint()
        answer = self.inner(environ, start)
        if told[0] >= "4" or connection.needs_rollback:
            connection.needs_rollback = False
            transaction.savepoint_rollback(point)
        else:
            transaction.savepoint_commit(point)
        return answer


def examples() -> int:
    """Runs of the state machine; `make fuzz` asks for more."""
    return int(os.environ.get("RAPPORT_FUZZ_EXAMPLES", "100"))


@pytest.fixture
def application(db: None, settings: Any) -> Iterator[Application]:
    """With some records, and without the signals that would close the connection of the test."""
    from django.core.signals import request_finished, request_started
    from django.db import close_old_connections, reset_queries

    settings.API_PER_MINUTE = 1_000_000
    for signal, receiver in ((request_started, reset_queries), (request_started, close_old_connections),
                             (request_finished, close_old_connections)):  # fmt: skip
        signal.disconnect(receiver)
    yield Application()
    request_started.connect(reset_queries)
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


def explore(application: Application, role: str, runs: int, steps: int, objects: tuple[str, ...]) -> None:
    """Run the state machine of the document that a role gets."""
    f.custom_object("boat", "boats")
    f.every_custom_field("boat")
    ada = f.admin()
    for key in ("person", "company", "deal", "boat"):
        f.make(ada, key)
    caller = f.user("Role", **ROLES[role])
    asked = program(caller, "admin")
    headers = {"Authorization": f"Bearer {asked.token}"}
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application, headers=headers)
    system = "|".join(
        ("me", "changes", "search", "users", "teams", "roles", "objects", "fields", "batches", "webhooks")
    )
    schema = schema.include(path_regex=rf"^/({'|'.join(objects)}|{system})(/|$)")

    class Machine(schema.as_state_machine()):  # type: ignore[misc]
        """Sends the token, and looks at every answer. Each walk begins with the same records."""

        def setup(self) -> None:
            """Remember where the database is."""
            super().setup()
            self.beginning = transaction.savepoint()

        def teardown(self) -> None:
            """Let no walk see what one before it has made: walked again, it goes the same way."""
            super().teardown()
            transaction.savepoint_rollback(self.beginning)
            callers.forget()
            catalog.install(None)

        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            """The token of the role."""
            return {"headers": headers}

        def validate_response(self, response: Any, case: Any, **_more: Any) -> None:  # type: ignore[override]
            """The promises of this module."""
            gone = any(part in case.path for part in PAST) or "deleted=true" in str(case.query)
            wanted = [c for c in CHECKS if not (gone and c is use_after_free)]
            case.validate_response(response, checks=wanted, transport_kwargs={"headers": headers})
            stranger = case.call(headers={"Authorization": "Bearer rpt_wrong"})
            assert stranger.status_code in {401, 429}, f"{case.method} {case.path} without a token"

    Machine.run(
        settings=settings(
            max_examples=runs, stateful_step_count=steps, database=None, derandomize=runs < 100,
            suppress_health_check=list(HealthCheck), phases=(Phase.generate,),
        )
    )  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
def test_a_short_walk(application: Application, role: str) -> None:
    explore(application, role, 5, 10, OBJECTS)


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("role", ROLES)
def test_a_long_walk(application: Application, role: str, part: int) -> None:
    plurals = sorted(o.plural for o in catalog.current().objects.values())
    explore(application, role, examples(), 12, (*plurals[part::PARTS], "boats"))
