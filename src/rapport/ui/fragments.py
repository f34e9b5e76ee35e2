"""`{% kept name, key %} … {% endkept %}`: a part of a page that is rendered once for each key, then taken as it is.

For what stands on every page and hardly changes: head, menus, keyboard sheet. The key says all that the part
depends on; the language is added, and without a key the part is rendered each time. Nothing of a request (tokens,
messages) belongs into such a part.
"""

from __future__ import annotations

from typing import Any

from django.utils import translation
from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from markupsafe import Markup

MOST = 1000
"""Parts in memory; when there are more, the oldest goes."""
_kept: dict[tuple[Any, ...], Markup] = {}


class Kept(Extension):
    """The tag `kept`."""

    tags = {"kept"}

    def parse(self, parser: Parser) -> nodes.Node:
        """`name` and `key` are expressions, evaluated each time; the body only when the part is not there yet."""
        line = next(parser.stream).lineno
        name = parser.parse_expression()
        parser.stream.expect("comma")
        call = self.call_method("_part", [name, parser.parse_expression()])
        body = parser.parse_statements(("name:endkept",), drop_needle=True)
        return nodes.CallBlock(call, [], [], body).set_lineno(line)

    def _part(self, name: str, key: Any, caller: Any) -> Markup:
        if not key:
            return Markup(caller())  # noqa: S704 (as below)
        at = (name, key, translation.get_language())
        part = _kept.get(at)
        if part is None:
            if len(_kept) >= MOST:
                _kept.pop(next(iter(_kept)), None)
            part = _kept[at] = Markup(caller())  # noqa: S704 (rendered by the template around it, escaped there)
        return part
