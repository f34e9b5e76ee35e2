"""A request as routes see it, and what they answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

import msgspec
from django.http import HttpRequest
from django.utils.translation import gettext as _

from rapport.lib import json
from rapport.records.accounts.api_tokens import READ, Grant
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid
from rapport.registry.catalog import RegisteredObject

INTEGER, TEXT, BOOLEAN, LIST, JSON = "integer", "string", "boolean", "list", "json"
BIGGEST = 2**63 - 1
Key = Annotated[int, msgspec.Meta(ge=1, le=BIGGEST)]
"""The key of something, as the database can hold it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    """A parameter of the query; `kind` says how its text is read. `least` and `most` bound numbers."""

    name: str
    help: str
    kind: str = TEXT
    default: Any = None
    least: int = 0
    most: int = BIGGEST
    options: tuple[str, ...] = ()
    required: bool = False
    example: Any = None

    def read(self, text: str) -> Any:
        """The value. Raises Invalid."""
        match self.kind:
            case "integer":
                digits = text.removeprefix("-")
                number = int(text) if digits.isascii() and digits.isdigit() and len(text) < 20 else None
                if number is None or not self.least <= number <= self.most:
                    said = {"least": self.least, "most": self.most}
                    raise self._wrong(_("Give a whole number from %(least)d to %(most)d.") % said)
                return number
            case "boolean":
                if text not in {"true", "false"}:
                    raise self._wrong(_("Give true or false."))
                return text == "true"
            case "list":
                return tuple(dict.fromkeys(part for part in text.split(",") if part))
            case "json":
                return self._json(text)
        if self.options and text not in self.options:
            raise self._wrong(_("Choose one of: %(options)s.") % {"options": ", ".join(self.options)})
        return text

    def _json(self, text: str) -> Any:
        try:
            found = json.loads(text) if text else {}
        except (ValueError, RecursionError) as error:
            raise self._wrong(_("This is not JSON: look for a missing quote, comma or bracket.")) from error
        if not isinstance(found, dict):
            raise self._wrong(_("Give a JSON object."))
        return found

    def _wrong(self, message: str) -> Invalid:
        return Invalid({self.name: [message]})


@dataclass(frozen=True, slots=True)
class Call:
    """One request: who asks, through which route, of which object, with which parts of the path and the query.

    `body` is what the route declares, or None.
    """

    grant: Grant
    caller: Caller
    request: HttpRequest
    obj: RegisteredObject | None
    path: Mapping[str, Any]
    query: Mapping[str, Any]
    body: Any = None

    @property
    def object(self) -> RegisteredObject:
        """The object of a route that has one."""
        assert self.obj is not None
        return self.obj

    @property
    def id(self) -> int:
        """The number in the path."""
        number: int = self.path["id"]
        return number

    def header(self, name: str) -> str:
        """A header of the request, empty when it is not there."""
        return str(self.request.headers.get(name) or "")


@dataclass(slots=True)
class Reply:
    """What a route answers: `data` becomes JSON; `stream` is sent as it is. `record` is whose values `data` holds.

    With `secret`, the answer is kept sealed where it is kept at all.
    """

    data: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    stream: Iterable[bytes] | None = None
    record: tuple[str, int] | None = None
    secret: bool = False


Run = Callable[[Call], Reply]
Schema = dict[str, Any]
Shape = Callable[[Any, RegisteredObject | None], Schema]
"""Makes a schema: of the components of a document (`openapi.schemas.Schemas`) and the object of the route."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One method of one address, below `/api/v1/`: `{plural}` stands for every object, `{id}` for a number.

    `scope` is what the token needs: for the object of the address, or `at_large` for everything (`anywhere`: on any
    object at all). `needs` is the right without which the object's page does not describe it. `body` is a
    `msgspec.Struct` that the JSON of the request must fit; `sent` and `answer` describe what is sent and answered where
    the types themselves do not say all. `media` are other kinds of content that it takes.
    """

    name: str
    method: str
    path: str
    run: Run
    summary: str
    group: str = ""
    scope: str = READ
    anywhere: bool = False
    needs: str = "read"
    query: tuple[Param, ...] = ()
    body: type | None = None
    sent: Shape | None = None
    answer: type | Shape | None = None
    status: int = 200
    media: tuple[str, ...] = ()
    offered: Callable[[RegisteredObject], bool] = lambda obj: True
    help: str = ""
    binary: bool = False
    etag: bool = False

    @property
    def writes(self) -> bool:
        """Whether it changes anything, so that an idempotency key may be given."""
        return self.method not in {"GET", "HEAD"}

    def params(self) -> dict[str, Param]:
        """Parameters of the query by name."""
        return {p.name: p for p in self.query}
