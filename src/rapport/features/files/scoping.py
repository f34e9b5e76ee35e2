"""Who may see a file: whoever may see the record that it belongs to; a file of none, its owner and administrators."""

from __future__ import annotations

from rapport.lib.sql import FALSE, TRUE, Sql, all_of, any_of
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.scope import fixed, rights
from rapport.registry import catalog
from rapport.registry.objects import NONE


def scope(caller: Caller, action: str, alias: str) -> Sql:
    """The condition on files: reading and exporting need the record to be readable, everything else editable."""
    objects = catalog.current().objects
    if caller.is_admin:
        return TRUE
    if caller.level(objects["file"], action) == NONE:
        return FALSE
    needed = "read" if action in {"read", "export"} else "edit"
    ways = [Sql(f"{alias}.object_key = '' AND {alias}.owner_id = %s", (caller.user_id,))]
    inner = f"r{len(alias)}"
    for key, obj in objects.items():
        if key == "file" or not caller.may(obj, needed):
            continue
        allowed = all_of([Sql(f"{inner}.deleted_at IS NULL"), fixed(obj, inner), rights(caller, obj, needed, inner)])
        ways.append(
            Sql(
                f'{alias}.object_key = %s AND EXISTS (SELECT 1 FROM "{obj.table}" {inner} '
                f"WHERE {inner}.id = {alias}.record_id AND {allowed.text})",
                (key, *allowed.params),
            )
        )
    return any_of(ways)
