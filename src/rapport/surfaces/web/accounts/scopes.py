"""Scopes in words."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.records.accounts import api_tokens, applications
from rapport.registry import catalog

NAMES = {
    api_tokens.READ: gettext_lazy("Read"),
    api_tokens.WRITE: gettext_lazy("Read and write"),
    api_tokens.ADMIN: gettext_lazy("Everything, users and settings too"),
}
_LONG = {
    api_tokens.READ: gettext_lazy("Read all records that you may read"),
    api_tokens.WRITE: gettext_lazy("Read, create, change and delete records as you may"),
    api_tokens.ADMIN: gettext_lazy("Do everything that you may, users and settings too"),
    applications.OPENID: gettext_lazy("Know that it is you"),
    applications.PROFILE: gettext_lazy("See your name, language and time zone"),
    applications.EMAIL: gettext_lazy("See your e-mail address"),
}


def short(scopes: Iterable[str]) -> str:
    """Scopes in one line of a list."""
    return ", ".join(str(NAMES.get(scope, scope)) for scope in scopes)


def words(scopes: Iterable[str]) -> list[str]:
    """What each scope allows, in a sentence; what a wider one says already is left out."""
    given = list(scopes)
    widest = next((s for s in (api_tokens.ADMIN, api_tokens.WRITE, api_tokens.READ) if s in given), None)
    said = [s for s in given if s == widest or s in applications.IDENTITY or (":" in s and not _within(s, widest))]
    return [str(_LONG[s]) if s in _LONG else _of_object(s) for s in said]


def _within(scope: str, widest: str | None) -> bool:
    return widest is not None and not (widest == api_tokens.READ and scope.startswith(f"{api_tokens.WRITE}:"))


def _of_object(scope: str) -> str:
    kind, _colon, key = scope.partition(":")
    name = str(catalog.current()[key].label_plural)
    text = _("Read and write: %(objects)s") if kind == api_tokens.WRITE else _("Read: %(objects)s")
    return text % {"objects": name}
