"""Who is mentioned in a text: @ and the whole name, or the mail address, of someone who works here."""

from __future__ import annotations

import re

from rapport.lib.sql import Sql
from rapport.records import db


def mentioned(text: str) -> set[int]:
    """Active users that a text mentions. Where two have one name both are; the mail address means one."""
    users = _users() if "@" in text else {}
    if not users:
        return set()
    return {key for match in _pattern(users).finditer(text) for key in users[match[1].lower()]}


def marked(text: str) -> str:
    """A Markdown text in which those who are mentioned stand out."""
    users = _users() if "@" in text else {}
    return _pattern(users).sub(r"**@\1**", text) if users else text


def _users() -> dict[str, set[int]]:
    """Keys of active users by name and by mail address, in lower case."""
    found: dict[str, set[int]] = {}
    for key, name, email in db.rows(Sql("SELECT id, name, email FROM records_user WHERE is_active")):
        for word in filter(None, (name, email)):
            found.setdefault(word.lower(), set()).add(key)
    return found


def _pattern(users: dict[str, set[int]]) -> re.Pattern[str]:
    """The longest name that fits; an @ within a mail address is none."""
    names = "|".join(re.escape(name) for name in sorted(users, key=len, reverse=True))
    return re.compile(rf"(?<![\w.+-])@({names})(?!\w)", re.IGNORECASE)
