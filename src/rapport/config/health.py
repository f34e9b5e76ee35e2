"""`/-/live` and `/-/ready`, for supervisors and load balancers: no session, no host check, no log line."""

from __future__ import annotations

from collections.abc import Callable

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from rapport.config import gate

RETRY_SECONDS = "5"


def live(_request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers at all."""
    return HttpResponse("ok\n", content_type="text/plain")


def ready(_request: HttpRequest) -> HttpResponse:
    """200 when the database answers and nothing is to be prepared, else 503 with the reason in few words."""
    try:
        reason = "" if _migrated() else "migrations pending"
        if gate.state() is not None:
            reason = "loading"
    except (DatabaseError, OSError):
        connection.close()
        reason = "database away"
    if reason:
        return HttpResponse(
            reason + "\n", status=503, content_type="text/plain", headers={"Retry-After": RETRY_SECONDS}
        )
    return HttpResponse("ready\n", content_type="text/plain")


_known_good: tuple[int, int] | None = None


def _migrated() -> bool:
    """Whether nothing is pending. The full plan is made again only after the table of migrations has changed."""
    global _known_good
    with connection.cursor() as cursor:
        if "django_migrations" not in connection.introspection.table_names(cursor):
            return False
        cursor.execute("SELECT COUNT(*), MAX(id) FROM django_migrations")
        state = tuple(cursor.fetchone())
    if state == _known_good:
        return True
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return False
    _known_good = state
    return True


PAGES: dict[str, Callable[[HttpRequest], HttpResponse]] = {"/-/live": live, "/-/ready": ready}


class Health:
    """Answers the two addresses before anything else sees the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        page = PAGES.get(request.path_info)
        return page(request) if page else self.get_response(request)
