"""Who follows a record: its owner and whoever works on it by themselves, others by choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.registry.catalog import RegisteredObject
from rapport.registry.extensions import Page, Panel
from rapport.surfaces.web.cells import record_url
from rapport.surfaces.web.record.answers import see_other
from rapport.surfaces.web.record.objects import record_of
from rapport.surfaces.web.requests import Request

BY_THEMSELVES = ("owner", "assignee")
"""Fields whose users follow without having said so."""
SHOWN = 12


def concerned(obj: RegisteredObject) -> tuple[str, ...]:
    """The columns of an object that name who follows by themselves."""
    return tuple(obj.fields[n].column for n in BY_THEMSELVES if n in obj.fields and obj.fields[n].column)


def followers(obj: RegisteredObject, ids: Sequence[int]) -> dict[int, set[int]]:
    """Keys of the users who follow each of the records."""
    found: dict[int, set[int]] = {key: set() for key in ids}
    columns = concerned(obj)
    for part in db.chunks(sorted(found)):
        marks = db.marks(part)
        if columns:
            text = f'SELECT id, {", ".join(columns)} FROM "{obj.table}" WHERE id IN ({marks})'
            for key, *users in db.rows(Sql(text, tuple(part))):
                found[key] |= {user for user in users if user}
        where = f"object_key = %s AND record_id IN ({marks})"
        text = f"SELECT record_id, user_id, muted FROM collaboration_follower WHERE {where}"
        for key, user, muted in db.rows(Sql(text, (obj.key, *part))):
            found[key] = found[key] - {user} if muted else found[key] | {user}
    return found


def follow(user_id: int, key: str, record_id: int, on: bool) -> None:
    """Follow a record, or follow it no longer."""
    db.execute(
        Sql(
            "INSERT INTO collaboration_follower (user_id, object_key, record_id, muted) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT (object_key, record_id, user_id) DO UPDATE SET muted = excluded.muted",
            (user_id, key, record_id, not on),
        )
    )


def panel(caller: Caller, record: Any) -> Mapping[str, Any] | None:
    """Who follows the record of the page, and the button to do so."""
    if not caller.user_id:
        return None
    who = followers(record.obj, [record.id])[record.id]
    names: list[str] = []
    if who:
        text = f"SELECT name FROM records_user WHERE is_active AND id IN ({db.marks(who)}) ORDER BY name, id"
        names = [r[0] for r in db.rows(Sql(text, tuple(sorted(who))))]
    return {
        "names": names[:SHOWN],
        "more": max(0, len(names) - SHOWN),
        "following": caller.user_id in who,
        "url": reverse("follow", args=[record.obj.plural, record.id]),
    }


@require_POST
def switch(request: Request, plural: str, record_id: int) -> HttpResponse:
    """Follow the record (`on=1`), or follow it no longer. Raises NotFound for one that may not be seen."""
    obj, _view = record_of(request.caller, plural, record_id)
    follow(request.caller.user_id or 0, obj.key, record_id, request.POST.get("on") == "1")
    return see_other(record_url(obj.key, record_id))


def commented(ids: Sequence[int]) -> None:
    """Whoever comments on a record follows it, unless they said that they don't want to."""
    for part in db.chunks(ids):
        text = (
            "INSERT INTO collaboration_follower (user_id, object_key, record_id, muted) "
            "SELECT DISTINCT c.created_by_id, c.object_key, c.record_id, %s FROM collaboration_comment c "
            f"JOIN records_user u ON u.id = c.created_by_id WHERE c.id IN ({db.marks(part)}) "
            "ON CONFLICT (object_key, record_id, user_id) DO NOTHING"
        )
        db.execute(Sql(text, (False, *part)))


PANEL = Panel(
    name="followers", objects=("*",), template="collaboration/followers.html", context=panel,
    title=gettext_lazy("Followers"), order=90,
)  # fmt: skip
PAGE = Page(name="follow", path="<slug:plural>/<int:record_id>/follow/", view=switch)
