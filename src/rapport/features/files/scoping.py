"""Who may see a file: whoever may see the record that it belongs to; a file of none, its owner and administrators."""

from __future__ import annotations

from rapport.lib.sql import FALSE, TRUE, Sql, any_of
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.scope import attached
from rapport.registry import catalog
from rapport.registry.objects import NONE


def scope(caller: Caller, action: str, alias: str) -> Sql:
    """The condition on files: the rights of their records."""
    if caller.is_admin:
        return TRUE
    if caller.level(catalog.current()["file"], action) == NONE:
        return FALSE
    own = Sql(f"{alias}.object_key = '' AND {alias}.owner_id = %s", (caller.user_id,))
    return any_of([own, attached(caller, action, alias)])
