"""Actions over HTTP: the pages and acts of a working day, as one signed-in browser asks for them."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from benchmarks.actions import Action
from benchmarks.bare import Statement
from benchmarks.doors import SEARCH, new_person
from benchmarks.samples import Samples
from benchmarks.server import Client, Request

PAGE = 5.0
"""Budget of a page of 50 rows in milliseconds of the web process."""
Ask = Callable[[int], Request]
HTMX: dict[str, Any] = {"part": True}


@dataclass(frozen=True, slots=True)
class PageAction:
    """A page or an act of the web surface; `ask` is the request of the n-th call."""

    key: str
    label: str
    ask: Ask
    team: bool = False
    budget: float | None = None
    counts: str = "web"
    indexed: bool = False
    bare: str = ""
    calls: int = 150
    warm: int = 10
    writes: bool = False
    after: Callable[[Samples], None] | None = None


def pages(samples: Samples) -> list[PageAction]:
    """What only reads."""
    people, companies, deals = samples.people, samples.companies, samples.deals
    names, theirs = samples.last_names, samples.theirs

    def at(path: str, **query: Any) -> Ask:
        return lambda _n: Request(path=_address(path, query))

    def part(path: str, **query: Any) -> Ask:
        return lambda _n: Request(path=_address(path, query), part=True)

    def record(plural: str, keys: list[int]) -> Ask:
        return lambda n: Request(path=f"/{plural}/{keys[n % len(keys)]}/")

    def asked(path: str, texts: list[str], *, part: bool = False) -> Ask:
        return lambda n: Request(path=_address(path, {"q": texts[n % len(texts)]}), part=part)

    list_: dict[str, Any] = {"budget": PAGE, "indexed": True}
    find = {"field": "company.name", "op": "contains", "value": "berg"}
    found: list[PageAction] = [
        PageAction("home", "home", at("/")),
        PageAction("list", "list of 50 people", at("/people/"), **list_),
        PageAction(
            "list_swap",
            "the same, main part only",
            lambda _n: Request(path="/people/", swap=True),
            **list_,
        ),
        PageAction("list_team", "list of 50 people, who sees a team only", at("/people/"), team=True, **list_),
        PageAction("list_name", "list of 50 people, by name", at("/people/", sort="name"), **list_),
        PageAction(
            "list_indexed",
            "list of 50 people, by an indexed custom field",
            at("/people/", sort="-points"),
            **list_,
        ),
        PageAction(
            "list_filter", "list of 50 people, filtered by the name of the company", at("/people/", filter=find)
        ),
        PageAction("list_group", "people grouped by stage", at("/people/", group="lifecycle")),
        PageAction("total", "total of the list, loaded after it", part("/people/total/")),
        PageAction("companies", "list of 50 companies", at("/companies/"), **list_),
        PageAction("tasks", "list of 50 tasks", at("/tasks/"), **list_),
        PageAction(
            "board", "board of deals, a tenth as many as people, 25 cards a column", at("/deals/", layout="board")
        ),
        PageAction("calendar", "calendar of tasks, a month", at("/tasks/", layout="calendar")),
        PageAction("person", "page of a person", record("people", people), indexed=True),
        PageAction(
            "person_team",
            "the same, who sees a team only",
            record("people", theirs),
            team=True,
            indexed=True,
        ),
        PageAction(
            "person_busy",
            "page of the person with a tenth of all entries, 100,000 at most",
            record("people", [samples.busy]),
            indexed=True,
        ),
        PageAction("company", "page of a company", record("companies", companies), indexed=True),
        PageAction("company_big", "page of the largest company", record("companies", [samples.big])),
        PageAction("deal", "page of a deal", record("deals", deals), indexed=True),
        PageAction("order", "page of an order with 200 lines", record("orders", [samples.order]), indexed=True),
        PageAction("palette", "palette, opened", part("/palette/")),
        PageAction(
            "palette_name", "palette, a name typed", asked("/palette/", names, part=True), budget=SEARCH, counts="web95"
        ),
        PageAction("search", "search page, a name", asked("/search/", names)),
        PageAction("options", "choices of a company for a form", asked("/companies/options/", names, part=True)),
        PageAction("form", "form of a new person", at("/people/new/")),
        PageAction("quick", "quick form of a new person", part("/people/quick/")),
    ]
    return found


def acts(samples: Samples) -> list[PageAction]:
    """What writes."""
    people, stages = samples.people, samples.stages
    deals = samples.deals[:20]  # few, so that after their first round each is known to stand in another stage

    def create(_n: int) -> Request:
        values = new_person()
        form = {
            "submission": secrets.token_urlsafe(18), "first_name": "Nova", "last_name": "Lindqvist", "job": "Buyer",
            "emails-0-value": values["emails"], "emails-0-label": "work", "emails-primary": "0",
            "phones-0-value": values["phones"], "phones-0-label": "work", "phones-primary": "0",
            "fields": "first_name,last_name,job,emails,phones,customer_no", "customer_no": values["customer_no"],
        }  # fmt: skip
        return Request(path="/people/new/", form=form)

    def inline(n: int) -> Request:
        form = {"job": f"Buyer {secrets.token_hex(3)}", "fields": "job"}
        return Request(path=f"/people/{people[n % len(people)]}/field/job/", form=form, part=True)

    def move(n: int) -> Request:
        round_, index = divmod(n, len(deals))
        to = stages[(index + round_) % len(stages)]
        return Request(path="/deals/move/?layout=board", form={"id": str(deals[index]), "to": str(to)}, part=True)

    def task(n: int) -> Request:
        form = {"submission": secrets.token_urlsafe(18), "fields": "subject,person", "subject": "Call back"}
        return Request(path="/tasks/quick/", form={**form, "person": str(people[n % len(people)])}, part=True)

    def bulk(n: int) -> Request:
        form = {"ids": ",".join(map(str, people[:1000])), "set": "source", "source": ("web", "event")[n % 2]}
        return Request(path="/people/bulk/?do=edit", form=form, part=True)

    return [
        PageAction("create", "send the form of a new person", create, bare="create", writes=True, indexed=True),
        PageAction("task", "send the quick form of a task", task, writes=True, indexed=True),
        PageAction("inline", "change one field in its place", inline, bare="update", writes=True, indexed=True),
        PageAction("move", "move a card of the board, sums of its columns", move, writes=True),
        PageAction(
            "bulk",
            "bulk edit of 1,000 people, to its end",
            bulk,
            bare="bulk",
            writes=True,
            calls=9,
            warm=1,
            indexed=True,
            after=until_quiet,
        ),
    ]


def until_quiet(samples: Samples, seconds: float = 900) -> None:
    """Wait until nothing waits for the worker, or is under way: what it does each night, at a first start too."""
    deadline = time.monotonic() + seconds
    busy = "SELECT EXISTS (SELECT 1 FROM records_outboxentry), EXISTS (SELECT 1 FROM records_jobrow WHERE "
    busy += "state = 'running' OR (state = 'waiting' AND due_at <= %s))"
    from django.utils import timezone

    from rapport.records import db

    while time.monotonic() < deadline:
        if not any(samples.rows(busy, db.dialect().moment(timezone.now()))[0]):
            return
        time.sleep(0.02)


def as_action(page: PageAction, client: Client, samples: Samples) -> Action:
    """The page as something to measure. An answer of 400 or above stops the run."""

    def call(n: int) -> object:
        answer = client.send(page.ask(n))
        if page.after:
            page.after(samples)
        return answer

    return Action(
        key=page.key, label=page.label, call=call, calls=page.calls, warm=page.warm, budget=page.budget,
        counts=page.counts, bare=page.bare, indexed=page.indexed,
        settle=(lambda: until_quiet(samples)) if page.writes else None,
    )  # fmt: skip


def statements(page: PageAction, user: int, numbers: Iterable[int]) -> list[list[Statement]]:
    """The statements of each of these calls, run in this process."""
    from django.db import connection
    from django.test import Client as InProcess

    from rapport.records.accounts.models import User

    client = InProcess(HTTP_HOST="127.0.0.1")
    client.force_login(User.objects.get(pk=user))
    found: list[list[Statement]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found[-1].append((sql, tuple(params or ())))
        return execute(sql, params, many, context)

    for number in numbers:
        request = page.ask(number)
        headers = {f"HTTP_{k.upper().replace('-', '_')}": v for k, v in request.headers.items()}
        found.append([])
        with connection.execute_wrapper(note):
            if request.form is None:
                client.get(request.path, **headers)  # type: ignore[arg-type]
            else:
                client.post(request.path, dict(request.form), **headers)  # type: ignore[arg-type]
    return found


def _address(path: str, query: Mapping[str, Any]) -> str:
    said = {k: json.dumps(v) if isinstance(v, dict) else v for k, v in query.items()}
    return f"{path}?{urlencode(said)}" if said else path
