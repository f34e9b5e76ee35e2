"""Health pages, request ids, the access line, and error pages."""

from __future__ import annotations

import errno
import json
import logging
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path

from rapport.config import errors
from rapport.config.logs import JsonFormatter
from rapport.lib.requests import request_id


def page(request: HttpRequest, token: str = "") -> HttpResponse:
    """An ordinary page."""
    return HttpResponse(request_id.get())


def broken(request: HttpRequest) -> HttpResponse:
    """A page with a mistake."""
    raise ZeroDivisionError


def away(request: HttpRequest) -> HttpResponse:
    """A page whose database is locked by another."""
    cause = sqlite3.OperationalError("database is locked")
    cause.sqlite_errorcode = sqlite3.SQLITE_BUSY
    raise OperationalError("database is locked") from cause


urlpatterns = [
    path("page", page),
    path("enter/<token>/", page),
    path("broken", broken),
    path("away", away),
]
handler400, handler403 = errors.bad_request, errors.forbidden
handler404, handler500 = errors.not_found, errors.failed

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.fixture
def web(settings: Any) -> Client:
    """A client that meets the outermost layers alone."""
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name.startswith("rapport.config.")]
    return Client(raise_request_exception=False)


@pytest.fixture
def lines() -> Iterator[list[dict[str, Any]]]:
    """Log lines written meanwhile."""
    written: list[dict[str, Any]] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(json.loads(JsonFormatter().format(record)))

    handler, root = Keep(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield written
    root.removeHandler(handler)
    root.setLevel(level)


def test_every_answer_has_an_id_of_its_own(web: Client) -> None:
    first, second = web.get("/page"), web.get("/page")
    assert first["X-Request-ID"] == first.content.decode()
    assert len(first["X-Request-ID"]) == 16
    assert first["X-Request-ID"] != second["X-Request-ID"]
    assert request_id.get() == ""


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("abc-DEF.123_9", True),
        ("x" * 64, True),
        ("x" * 65, False),
        ("short", False),
        ("with space here", False),
        ("line\nbreak-here", False),
        ('quote"inside-it', False),
        ("ünïcödé-is-not", False),
        ("", False),
    ],
)
def test_a_given_id_is_taken_over_when_it_is_sane(web: Client, given: str, taken: bool) -> None:
    assert (web.get("/page", headers={"X-Request-ID": given})["X-Request-ID"] == given) is taken


def test_one_line_for_each_request(web: Client, lines: list[dict[str, Any]]) -> None:
    answer = web.get("/page?secret=1")
    (line,) = [line for line in lines if line["logger"] == "rapport.access"]
    assert line["request_id"] == answer["X-Request-ID"]
    assert (line["method"], line["path"], line["status"]) == ("GET", "/page", 200)
    assert line["ms"] >= 0
    assert "secret" not in json.dumps(lines)


def test_paths_that_let_somebody_in_are_not_logged(web: Client, lines: list[dict[str, Any]]) -> None:
    web.get("/enter/s3cr3t-t0k3n/")
    assert "s3cr3t-t0k3n" not in json.dumps(lines)
    assert "/enter/…/" in [line.get("path") for line in lines]


def test_a_mistake_is_logged_with_its_trace_and_told_without(web: Client, lines: list[dict[str, Any]]) -> None:
    answer = web.get("/broken")
    assert answer.status_code == 500
    assert answer["X-Request-ID"] in answer.content.decode()
    assert "ZeroDivisionError" not in answer.content.decode()
    (line,) = [line for line in lines if "exception" in line]
    assert "ZeroDivisionError" in line["exception"]
    assert line["request_id"] == answer["X-Request-ID"]


def test_a_database_that_is_away_gives_503(web: Client) -> None:
    answer = web.get("/away")
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0


def sqlite_error(code: int) -> OperationalError:
    """As Django raises it."""
    cause = sqlite3.OperationalError("x")
    cause.sqlite_errorcode = code
    error = OperationalError("x")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (sqlite_error(sqlite3.SQLITE_BUSY), True),
        (sqlite_error(sqlite3.SQLITE_BUSY | 2 << 8), True),
        (sqlite_error(sqlite3.SQLITE_FULL), True),
        (sqlite_error(sqlite3.SQLITE_IOERR), True),
        (sqlite_error(sqlite3.SQLITE_CANTOPEN), True),
        (sqlite_error(sqlite3.SQLITE_ERROR), False),
        (OperationalError("connection refused"), True),
        (InterfaceError("connection already closed"), True),
        (OSError(errno.ENOSPC, "No space left on device"), True),
        (OSError(errno.ENOENT, "No such file"), False),
        (ValueError(), False),
        (None, False),
    ],
)
def test_only_what_a_retry_may_mend_is_away(error: BaseException | None, expected: bool) -> None:
    assert errors.is_away(error) is expected


def test_nothing_there_is_404(web: Client) -> None:
    answer = web.get("/nothing")
    assert answer.status_code == 404
    assert "nothing" in answer.content.decode().lower()


def test_live_and_ready_ask_for_no_host_and_no_session(lines: list[dict[str, Any]], settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["crm.example.com"]
    web = Client()
    for name in ("live", "ready"):
        answer = web.get(f"/-/{name}", headers={"Host": "10.0.0.7"})
        assert answer.status_code == 200
        assert not answer.cookies
    assert not lines


def test_not_ready_while_a_migration_is_pending(web: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE id = (SELECT MAX(id) FROM django_migrations)")
    answer = web.get("/-/ready")
    assert answer.status_code == 503
    assert "migrations" in answer.content.decode()
    assert int(answer["Retry-After"]) > 0
    assert web.get("/-/live").status_code == 200


def test_not_ready_while_the_database_is_away(web: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(connection, "cursor", refuse)
    monkeypatch.setattr(connection, "close", lambda: None)
    answer = web.get("/-/ready")
    assert answer.status_code == 503
    assert "refused" not in answer.content.decode()


def test_log_lines_are_one_line_of_json_whatever_they_say() -> None:
    record = logging.LogRecord("a", logging.INFO, "f", 1, "two\nlines “%s” \x00", ({"a": 1},), None)
    record.request = RequestFactory().get("/x")  # must not leak into the line
    text = JsonFormatter().format(record)
    assert "\n" not in text
    line = json.loads(text)
    assert line["message"].startswith("two\nlines")
    assert set(line) == {"time", "level", "logger", "message"}
    assert line["time"].endswith("+00:00")
