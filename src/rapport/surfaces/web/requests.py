"""A request behind the middleware of this surface."""

from __future__ import annotations

from django.http import HttpRequest

from rapport.records.accounts.caller import Caller


class Request(HttpRequest):
    """A request of a signed-in user; views of open paths take a plain `HttpRequest`."""

    caller: Caller
