"""`{% kept name, key %} … {% endkept %}`: a part of a page that is rendered once for each key, then taken as it is.

`{% kept name, key, token %}` is for a part with forms: the token of the request is cut out of what is kept and that of
each later request put in its place.

For what stands on every page and hardly changes: head, menus, keyboard sheet. The key says all that the part
depends on; the language is added, and without a key the part is rendered each time. Nothing else of a request (such as
messages) belongs into such a part.
"""

from __future__ import annotations

import secrets
from typing import Any

from django.utils import translation
from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from markupsafe import Markup

MOST = 1000
"""Parts in memory; when there are more, the oldest goes."""
_TOKEN = secrets.token_hex(16)
"""Stands for the token of a request: nobody can write it into a text, as it is another one in each process."""
_kept: dict[tuple[Any, ...], str] = {}


class Kept(Extension):
    """The tag `kept`."""

    tags = {"kept"}

    def parse(self, parser: Parser) -> nodes.Node:
        """`name`, `key`, `token` are expressions, evaluated each time; the body only when the part is not there yet."""
        line = next(parser.stream).lineno
        name = parser.parse_expression()
        parser.stream.expect("comma")
        given = [name, parser.parse_expression()]
        if parser.stream.skip_if("comma"):
            given.append(parser.parse_expression())
        call = self.call_method("_part", given)
        body = parser.parse_statements(("name:endkept",), drop_needle=True)
        return nodes.CallBlock(call, [], [], body).set_lineno(line)

    def _part(self, name: str, key: Any, token: str | None = None, *, caller: Any) -> Markup:
        if not key or token == "":
            return Markup(caller())  # noqa: S704 (as below)
        at = (name, key, translation.get_language())
        part = _kept.get(at)
        if part is None:
            if len(_kept) >= MOST:
                _kept.pop(next(iter(_kept)), None)
            text = str(caller())
            part = _kept[at] = text.replace(token, _TOKEN) if token else text
        # Rendered by the template around it, escaped there; a token is letters and digits.
        return Markup(part.replace(_TOKEN, token) if token else part)  # noqa: S704
