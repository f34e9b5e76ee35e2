"""Requests to the API through the whole WSGI application, in the process that measures, with a token of a user."""

from __future__ import annotations

import io
import itertools
import json
import os
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from benchmarks.actions import Action
from benchmarks.doors import CREATE, LIST, RECORD, new_person
from benchmarks.samples import Samples

ROWS = 10_000
_made = itertools.count(1)


class Program:
    """Asks the application as a server does, without a socket."""

    def __init__(self, samples: Samples, user: int) -> None:
        from django.conf import settings

        from rapport.config.wsgi import application
        from rapport.records.accounts import api_tokens

        settings.API_PER_MINUTE = 1_000_000  # the limit is not what is measured
        self.application = application
        _row, self.token = api_tokens.create(samples.caller(user), name="benchmark", scopes=("write",))

    def ask(self, method: str, path: str, body: Any = None, query: str = "") -> bytes:
        """The content of an answer that must be a success."""
        sent = b"" if body is None else json.dumps(body).encode()
        environ = {
            "REQUEST_METHOD": method, "SCRIPT_NAME": "", "PATH_INFO": f"/api/v1/{path}", "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "127.0.0.1", "HTTP_AUTHORIZATION": f"Bearer {self.token}", "HTTP_ACCEPT": "application/json",
            "HTTP_USER_AGENT": "benchmark", "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(sent)),
            "wsgi.input": io.BytesIO(sent), "wsgi.errors": io.StringIO(), "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http", "wsgi.multithread": True, "wsgi.multiprocess": True, "wsgi.run_once": False,
        }  # fmt: skip
        told: list[str] = []
        parts = self.application(environ, lambda status, _headers: told.append(status))
        content = b"".join(parts)
        close: Callable[[], None] | None = getattr(parts, "close", None)
        if close:
            close()
        assert told[0][0] == "2", (told, content[:300])
        return content


def requests(samples: Samples) -> list[Action]:
    """Records, lists, measures, writes; the plain twins are those of the doors behind."""
    ada, member = Program(samples, samples.administrator), Program(samples, samples.member)
    people, theirs = samples.people, samples.theirs

    def record(program: Program, keys: list[int]) -> Callable[[int], object]:
        return lambda n: program.ask("GET", f"people/{keys[n % len(keys)]}")

    def listing(program: Program, query: str = "") -> Callable[[int], object]:
        return lambda _n: program.ask("GET", "people", query=query)

    def create(_n: int) -> object:
        return ada.ask("POST", "people", {"fields": new_person()})

    def update(n: int) -> object:
        values = {"fields": {"job": f"Buyer {os.getpid()} {next(_made)}"}}
        return ada.ask("PATCH", f"people/{people[n % len(people)]}", values)

    def many(_n: int) -> object:
        return ada.ask("POST", "people/bulk/create", {"records": [{"fields": new_person()} for _ in range(ROWS)]})

    def export(_n: int) -> object:
        query = {"filter": json.dumps({"field": "lifecycle", "op": "is", "value": "former"})}
        return ada.ask("GET", "people/export", query=urlencode(query))

    return [
        Action("rest_record", "REST: a person", record(ada, people), budget=RECORD, bare="record", calls=600),
        Action("rest_record_team", "the same, who sees a team only", record(member, theirs), budget=RECORD,
               bare="record", calls=600),
        Action("rest_list", "REST: list of 50 people, newest first", listing(ada), budget=LIST, bare="list", calls=300),
        Action("rest_list_team", "the same, who sees a team only", listing(member), budget=LIST, bare="list_team"),
        Action("rest_list_all", "the same with all fields", listing(ada, "fields=all"), bare="list"),
        Action("rest_changes", "REST: 100 changes of the feed", lambda _n: ada.ask("GET", "changes")),
        Action("rest_create", "REST: new person", create, budget=CREATE, bare="create"),
        Action("rest_update", "REST: one field of a person", update, budget=CREATE, bare="update"),
        Action("rest_bulk", "REST: 10,000 new people at once", many, calls=9, warm=1, bare="create_many"),
        Action("rest_export", "REST: export of former customers as CSV", export, calls=30, warm=2, bare="export"),
    ]  # fmt: skip
