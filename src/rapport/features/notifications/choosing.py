"""What each user wants to be told of, and how: on the page, by push, by mail at once or once a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rapport.records.accounts import preferences
from rapport.registry import extensions

PREFERENCE = "notifications"
NOW, DIGEST, NEVER = "now", "digest", "never"
MAILS = (NOW, DIGEST, NEVER)


@dataclass(frozen=True, slots=True)
class Choice:
    """How one kind reaches a user: `page`, `mail` as `now`, `digest` or `never`, and `push` in chosen browsers."""

    page: bool
    mail: str
    push: bool = False

    @property
    def wanted(self) -> bool:
        """Whether it reaches the user at all."""
        return self.page or self.push or self.mail != NEVER


def choices(user_id: int | None) -> dict[str, Choice]:
    """The choice of a user for each kind that is registered; what was never chosen is as the kind suggests."""
    kept = preferences.read(user_id).get(PREFERENCE) or {}
    return {kind.name: _choice(kind, kept.get(kind.name)) for kind in extensions.all_of(extensions.Notice)}


def _choice(kind: extensions.Notice, kept: Any) -> Choice:
    if not isinstance(kept, Mapping):
        return Choice(page=True, mail=kind.mail, push=kind.mail == NOW)
    mail = kept.get("mail")
    push = bool(kept.get("push", kind.mail == NOW))
    return Choice(page=bool(kept.get("page", True)), mail=mail if mail in MAILS else kind.mail, push=push)


def choose(user_id: int | None, wanted: Mapping[str, Choice]) -> None:
    """Keep what a user chose; kinds that are not registered are left out."""
    known = {kind.name for kind in extensions.all_of(extensions.Notice)}
    kept = {
        name: {"page": c.page, "mail": c.mail, "push": c.push}
        for name, c in wanted.items()
        if name in known and c.mail in MAILS
    }
    preferences.put(user_id, PREFERENCE, kept)
