"""Removing the demo organisation: what it made, and nothing that users made or can't be without."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypedDict

from django.db import models, transaction
from django.db.models import CASCADE, PROTECT
from django.utils.translation import gettext as _

from rapport.features.demo.accounts import noted
from rapport.features.demo.context import BATCH
from rapport.lib.sql import Sql
from rapport.records import db, write
from rapport.records.accounts import caller as callers
from rapport.records.accounts import directory, roles, teams
from rapport.records.accounts.models import Role, Team, User
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject


class Removed(TypedDict):
    """How much was removed, and in sentences what was not."""

    records: int
    users: int
    kept: list[str]


def remove() -> Removed:
    """Remove records, then accounts. Killed half-way, it goes on where it was when called again."""
    going, kept = marked(), []
    for key, ids in needed(going).items():
        going[key] -= ids
        label = catalog.current()[key].label_plural
        kept.append(_("%(count)d %(names)s stay, as your records need them.") % {"count": len(ids), "names": label})
    count = 0
    for obj in leaves_first():
        doomed = sorted(going.get(obj.key, ()))
        for part in db.chunks(doomed):
            _remove(obj, list(part))
        count += len(doomed)
    users, sentences = _remove_accounts()
    return {"records": count, "users": users, "kept": kept + sentences}


def marked() -> dict[str, set[int]]:
    """Keys of the records that the demo made, by object, as far as they are there."""
    found: dict[str, set[int]] = {}
    text = "SELECT object_key, record_id FROM records_change WHERE batch = %s AND action = 'create'"
    for key, record_id in db.rows(Sql(text, (BATCH,))):
        if key in catalog.current().objects:
            found.setdefault(key, set()).add(record_id)
    return {key: ids & _there(catalog.current()[key], ids) for key, ids in found.items()}


def _there(obj: RegisteredObject, ids: set[int]) -> set[int]:
    found: set[int] = set()
    for part in db.chunks(sorted(ids)):
        text = f'SELECT id FROM "{obj.table}" WHERE id IN ({db.marks(part)})'
        found.update(r[0] for r in db.rows(Sql(text, tuple(part))))
    return found


def needed(going: dict[str, set[int]]) -> dict[str, set[int]]:
    """Those that a record which stays would vanish with or could not be without."""
    kept: dict[str, set[int]] = {}
    grown = True
    while grown:
        grown = False
        for obj, column, target in _ties():
            ids = going.get(target, set()) - kept.get(target, set())
            leaving = going.get(obj.key, set()) - kept.get(obj.key, set())
            held = {points_at for key, points_at in _pointing(obj, column, ids) if key not in leaving}
            if held:
                kept[target] = kept.get(target, set()) | held
                grown = True
    return kept


def _ties() -> Iterator[tuple[RegisteredObject, str, str]]:
    """Foreign keys between objects that protect or cascade: the object that has it, its column, the target's key."""
    by_model = {obj.spec.model: key for key, obj in catalog.current().objects.items()}
    for obj in catalog.current().objects.values():
        for field in obj.spec.model._meta.concrete_fields:
            target = by_model.get(field.related_model) if isinstance(field, models.ForeignKey) else None
            if target and field.remote_field.on_delete in (CASCADE, PROTECT):  # type: ignore[union-attr, operator]
                yield obj, str(field.column), target


def _pointing(obj: RegisteredObject, column: str, ids: set[int]) -> Iterator[tuple[int, int]]:
    for part in db.chunks(sorted(ids)):
        text = f'SELECT id, "{column}" FROM "{obj.table}" WHERE "{column}" IN ({db.marks(part)})'
        yield from db.rows(Sql(text, tuple(part)))


def leaves_first() -> list[RegisteredObject]:
    """Objects so that each comes before those that it needs."""
    needs: dict[str, set[str]] = {key: set() for key in catalog.current().objects}
    for obj, _column, target in _ties():
        needs[target].add(obj.key)
    done: list[str] = []
    while len(done) < len(needs):
        ready = [key for key, before in needs.items() if key not in done and before <= {*done, key}]
        done += ready or [key for key in needs if key not in done]
    return [catalog.current()[key] for key in done]


@transaction.atomic
def _remove(obj: RegisteredObject, ids: list[int]) -> None:
    """To the trash, out of it, and out of the history: what was never real leaves no trace."""
    live = f'SELECT id FROM "{obj.table}" WHERE deleted_at IS NULL AND id IN ({db.marks(ids)})'
    there = [r[0] for r in db.rows(Sql(live, tuple(ids)))]
    if there:
        write.delete(callers.system(BATCH, BATCH), obj.key, there)
    write.purge(obj.key, ids=ids, limit=len(ids))
    text = f"DELETE FROM records_change WHERE object_key = %s AND record_id IN ({db.marks(ids)})"
    db.execute(Sql(text, (obj.key, *ids)))


@transaction.atomic
def _remove_accounts() -> tuple[int, list[str]]:
    """Users, teams, roles. The demo's administrator stays while nobody else could administrate."""
    note, sentences = noted(), list[str]()
    users = set(note["users"])
    administrators = User.objects.filter(is_admin=True, is_active=True)
    stays = set[int]()
    if not administrators.exclude(pk__in=users).exists():
        stays = set(administrators.filter(pk__in=users).values_list("pk", flat=True))
        sentences.append(
            _("The demo's administrator stays, as nobody else could sign in. Add one, then remove the demo again.")
        )
    directory.remove_users(users - stays)
    system = callers.system(BATCH)
    idle = Team.objects.filter(pk__in=note["teams"], members=None)
    for team in list(idle):
        teams.delete(system, team.pk)
    unheld = Role.objects.filter(pk__in=note["roles"], holders=None)
    for role in list(unheld):
        roles.delete(system, role.pk)
    left = {
        "loaded": False, "users": sorted(stays),
        "teams": list(Team.objects.filter(pk__in=note["teams"]).values_list("pk", flat=True)),
        "roles": list(Role.objects.filter(pk__in=note["roles"]).values_list("pk", flat=True)),
    }  # fmt: skip
    directory.keep_settings({BATCH: left if stays else None, "first_steps": None})
    return len(users - stays), sentences
