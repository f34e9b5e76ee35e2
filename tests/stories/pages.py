"""Every page of Rapport, derived from what is registered: objects × layouts, records, settings, accounts, errors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from tests.stories.office import BOAT

from rapport.registry import catalog, extensions


@dataclass(frozen=True)
class Address:
    """A page. `{person}` in `path` stands for the key of a record of that object, as `office.fill` answers it.

    `framed`: what stands around it is that of many others, and looked at there.
    """

    name: str
    path: str
    status: int = 200
    anonymous: bool = False
    framed: bool = False


def every_page() -> list[Address]:
    """All of them."""
    framed = (replace(address, framed=True) for address in (*_objects(), *_settings()))
    return [*_general(), *framed, *_errors()]


def _general() -> Iterator[Address]:
    yield Address("home", "/")
    yield Address("first-steps", "/first-steps/")
    yield Address("search", "/search/?q=text")
    yield Address("search-nothing", "/search/?q=zzzzzz")
    yield Address("notifications", "/notifications/")
    yield Address("lines", "/lines/quote/{quote}/")
    yield Address("mail-draft", "/outgoing-mail/{outgoing_mail}/draft/")
    yield Address("notifications-unread", "/notifications/?show=unread")
    for view in ("month", "week", "agenda"):
        yield Address(f"calendar-{view}", f"/calendar/?view={view}")
    yield Address("tour", "/tour/")
    yield Address("trash", "/trash/")
    yield Address("jobs", "/jobs/")
    yield Address("profile", "/profile/")
    yield Address("trashed-record", "/people/{doomed}/")
    for name in ("email/", "password/change/", "2fa/", "sessions/"):
        yield Address(f"account-{name.strip('/').replace('/', '-')}", f"/accounts/{name}")
    yield Address("sign-in", "/accounts/login/", anonymous=True)
    yield Address("password-reset", "/accounts/password/reset/", anonymous=True)
    yield Address("sign-in-link", "/sign-in/some-token/", anonymous=True)
    yield Address("invitation-gone", "/join/gone/", status=410, anonymous=True)


def _objects() -> Iterator[Address]:
    for key, spec in catalog.registered().items():
        yield from _object(key, catalog.plural_of(spec), board=bool(spec.board), calendar=bool(spec.calendar))
    yield from _object(*BOAT, board=False, calendar=False)
    yield Address("people-filtered", "/people/?" + urlencode({"q": "Lovelace", "sort": "-name"}))
    yield Address("people-grouped", "/people/?group=lifecycle")
    yield Address("people-nothing-matches", "/people/?q=zzzzzz")


def _object(key: str, plural: str, *, board: bool, calendar: bool) -> Iterator[Address]:
    yield Address(plural, f"/{plural}/")
    if board:
        yield Address(f"{plural}-board", f"/{plural}/?layout=board")
    if calendar:
        yield Address(f"{plural}-calendar", f"/{plural}/?layout=calendar")
    if key != "file":
        yield Address(f"{plural}-new", f"/{plural}/new/")
    for name, path in (("record", ""), ("edit", "edit/"), ("history", "history/")):
        yield Address(f"{plural}-{name}", f"/{plural}/{{{key}}}/{path}")


def _settings() -> Iterator[Address]:
    yield Address("settings", "/settings/")
    for setting in extensions.all_of(extensions.Setting):
        if "<" not in setting.path:
            yield Address(f"settings-{setting.name}", f"/settings/{setting.path}")
    for name, path in {
        "user": "users/{user}/", "invite": "users/invite/", "team": "teams/{team}/", "team-new": "teams/new/",
        "role": "roles/{role}/", "role-new": "roles/new/", "role-fields": "roles/{role}/fields/person/",
        "playbook-editor": "playbooks/{playbook}/", "stage-gate": "pipelines/stages/{stage}/",
        "queue-new": "queues/new/", "queue-edit": "queues/{queue}/",
        "mailbox-new": "mailboxes/new/", "mailbox": "mailboxes/{mailbox}/",
        "relation-kind-new": "relation-kinds/new/", "relation-kind": "relation-kinds/reports/",
        "event-source-new": "event-sources/new/", "event-source": "event-sources/{event_source}/",
        "event-source-edit": "event-sources/{event_source}/edit/",
        "application-new": "applications/new/",
        "webhook-new": "webhooks/new/", "webhook": "webhooks/{webhook}/", "webhook-edit": "webhooks/{webhook}/edit/",
        "webhook-filter": "webhooks/{webhook}/filter/company/", "webhook-secret": "webhooks/{webhook}/secret/",
        "webhook-message": "webhooks/{webhook}/deliveries/msg_failed/",
        "webhook-none": "webhooks/{webhook}/?state=withdrawn&before=1",
        "object": "objects/person/", "object-own": "objects/boat/", "object-own-edit": "objects/boat/edit/",
        "object-new": "objects/new/", "field": "fields/{field}/", "field-new": "objects/person/fields/new/",
    }.items():  # fmt: skip
        yield Address(f"settings-{name}", f"/settings/{path}")
    for type_ in ("text", "choice", "reference", "money", "formula", "rollup", "rollup&relation=deals"):
        yield Address(f"settings-field-new-{type_}", f"/settings/objects/company/fields/new/?type={type_}")


def _errors() -> Iterator[Address]:
    yield Address("not-found", "/nothing/here/", status=404)
    yield Address("record-not-found", "/people/999999999/", status=404)
    yield Address("bad-filter", "/people/?filter=nonsense", status=422)
