"""Which records a caller may read, edit, delete or export, as SQL. The one rule of rows for every door."""

from __future__ import annotations

from rapport.lib.sql import FALSE, TRUE, Sql, all_of, any_of, one_of
from rapport.records.accounts.caller import Caller
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.registry.objects import ALL, NONE, TEAM


def rights(caller: Caller, obj: RegisteredObject, action: str, alias: str) -> Sql:
    """The condition on the row called `alias` under which `action` is allowed; it says nothing of the trash."""
    if caller.bars(obj, action):
        return FALSE
    if obj.spec.scope is not None:
        scoped: Sql = obj.spec.scope(caller, action, alias)
        return scoped
    if parent := obj.spec.parent:
        return inherited(caller, obj, action, alias, parent)
    reached = grounds(caller, obj, action)
    if reached is None:
        return TRUE
    held = [one_of(f"{alias}.{column}", values) for column, values in reached.items()]
    return any_of([shares(caller, obj, action, alias), *held])


def grounds(caller: Caller, obj: RegisteredObject, action: str) -> dict[str, tuple[int | None, ...]] | None:
    """Columns with the values that give `action` on a record, each enough, as a share is besides.

    None where it needs none, or where the rights are those of another record or of the object's own making.
    """
    if caller.bars(obj, action) or obj.spec.scope is not None or obj.spec.parent:
        return None
    level = caller.level(obj, action)
    if level == ALL:
        return None
    found: dict[str, tuple[int | None, ...]] = {}
    if level != NONE:
        found["owner_id"] = (caller.user_id,)
    if level == TEAM:
        found["team_id"] = caller.teams
    return found


def shares(caller: Caller, obj: RegisteredObject, action: str, alias: str) -> Sql:
    """Records shared with the caller or a team of theirs; a share gives reading, or reading and editing."""
    shared = shared_keys(caller, obj, action)
    return FALSE if shared is None else Sql(f"{alias}.id IN ({shared.text})", shared.params)


def shared_keys(caller: Caller, obj: RegisteredObject, action: str) -> Sql | None:
    """The statement whose rows are the keys of `shares`; None where nothing of the object is shared with the caller."""
    if action not in {"read", "edit"} or obj.key not in caller.shared:
        return None
    to = any_of([Sql("user_id = %s", (caller.user_id,)), one_of("team_id", caller.teams)])
    level = " AND level = 'edit'" if action == "edit" else ""
    return Sql(
        f"SELECT record_id FROM records_share WHERE object_key = %s{level} AND ({to.text})", (obj.key, *to.params)
    )


def inherited(caller: Caller, obj: RegisteredObject, action: str, alias: str, field: str) -> Sql:
    """Rights of the record that `field` refers to: reading needs reading it, everything else editing it."""
    spec = obj.fields[field]
    parent = catalog.current()[spec.target]
    inner = f"p{len(alias)}"
    allowed = rights(caller, parent, "read" if action in {"read", "export"} else "edit", inner)
    if allowed == TRUE:
        return TRUE
    column = f'{alias}."{spec.column}"'
    return Sql(f'{column} IN (SELECT {inner}.id FROM "{parent.table}" {inner} WHERE {allowed.text})', allowed.params)


def attached(caller: Caller, action: str, alias: str) -> Sql:
    """Rights of the record that `object_key` and `record_id` of a row name, if it is there.

    Reading and exporting need it to be readable, everything else editable. Nothing is attached to what is attached
    itself, or else has rights of its own making.
    """
    needed = "read" if action in {"read", "export"} else "edit"
    inner, ways = f"r{len(alias)}", []
    for other, obj in catalog.current().objects.items():
        if obj.spec.scope is not None or not caller.may(obj, needed):
            continue
        allowed = live(caller, obj, needed, inner)
        ways.append(
            Sql(
                f'{alias}.object_key = %s AND EXISTS (SELECT 1 FROM "{obj.table}" {inner} '
                f"WHERE {inner}.id = {alias}.record_id AND {allowed.text})",
                (other, *allowed.params),
            )
        )
    return any_of(ways)


def live(caller: Caller, obj: RegisteredObject, action: str, alias: str) -> Sql:
    """`rights`, the fixed values of the object, and not in the trash."""
    return all_of([Sql(f"{alias}.deleted_at IS NULL"), fixed(obj, alias), rights(caller, obj, action, alias)])


def fixed(obj: RegisteredObject, alias: str) -> Sql:
    """Which rows of the table are records of the object at all."""
    return all_of(Sql(f'{alias}."{column}" = %s', (value,)) for column, value in obj.spec.fixed.items())
