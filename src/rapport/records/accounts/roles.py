"""Roles: who may do what to which records, and see which fields."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from rapport.records.accounts.caller import EDIT, HIDDEN, READ, Caller
from rapport.records.accounts.changing import administering
from rapport.records.accounts.models import Role
from rapport.records.errors import Invalid, NotFound
from rapport.registry import catalog
from rapport.registry.objects import ACTIONS, LEVELS

Matrix = Mapping[str, Mapping[str, str]]
EVERY_OBJECT = "*"
FIELD_RIGHTS = (HIDDEN, READ, EDIT)


def create(caller: Caller, *, name: str, description: str = "") -> Role:
    """A role that says nothing yet, so that its holders have what the objects declare. Raises Forbidden, Invalid."""
    with administering(caller, "role created", name):
        return Role.objects.create(name=_named(name), description=description.strip()[:300])


def update(caller: Caller, role_id: int, *, name: str, description: str, rights: Matrix) -> None:
    """Replace what a role says of objects. Raises Forbidden, NotFound, Invalid."""
    with administering(caller, "rights", name) as noted:
        role = get(role_id)
        kept = {o: r for o, r in role.rights.items() if o not in rights and o not in catalog.current().objects}
        after = _checked_rights(rights) | {o: r for o, r in kept.items() if o != EVERY_OBJECT}
        noted |= {"before": role.rights, "after": after}
        role.name, role.description, role.rights = _named(name, role.pk), description.strip()[:300], after
        role.save()


def set_field_rights(caller: Caller, role_id: int, object_key: str, fields: Mapping[str, str]) -> None:
    """Replace what a role says of the fields of one object. Raises Forbidden, NotFound, Invalid."""
    with administering(caller, "rights") as noted:
        role = get(role_id)
        obj = catalog.current().objects.get(object_key)
        if obj is None:
            raise NotFound
        wrong = [n for n, right in fields.items() if n not in obj.fields or right not in FIELD_RIGHTS]
        if wrong:
            raise Invalid({name: [_("Choose hidden, read or edit.")] for name in wrong})
        if fields.get(obj.spec.title) == HIDDEN:
            raise Invalid({obj.spec.title: [_("The title can't be hidden. Take away the right to read instead.")]})
        said = {n: right for n, right in fields.items() if right != EDIT}
        noted |= {"role": role.name, "object": object_key, "before": role.fields.get(object_key, {}), "after": said}
        others = {o: f for o, f in role.fields.items() if o != object_key}
        role.fields = {**others, object_key: said} if said else others
        role.save()


def delete(caller: Caller, role_id: int) -> None:
    """Remove a role from all its holders. Raises Forbidden, NotFound."""
    with administering(caller, "role deleted") as noted:
        role = get(role_id)
        noted |= {"role": role.name, "holders": sorted(u.email for u in role.holders.all())}
        role.delete()


def get(role_id: int) -> Role:
    """Raises NotFound."""
    role = Role.objects.filter(pk=role_id).first()
    if role is None:
        raise NotFound
    return role


def _checked_rights(rights: Matrix) -> dict[str, dict[str, str]]:
    known = {EVERY_OBJECT, *catalog.current().objects}
    said: dict[str, dict[str, str]] = {}
    for key, levels in rights.items():
        if key not in known or any(a not in ACTIONS or (v and v not in LEVELS) for a, v in levels.items()):
            raise Invalid({"rights": [_("Choose none, own, team or all for each action.")]})
        if chosen := {action: level for action, level in levels.items() if level}:
            said[key] = chosen
    return said


def _named(name: str, role_id: int = 0) -> str:
    name = " ".join(name.split())[:100]
    if not name:
        raise Invalid({"name": [_("This is needed.")]})
    if Role.objects.filter(name__iexact=name).exclude(pk=role_id).exists():
        raise Invalid({"name": [_("Another role has this name.")]})
    return name
