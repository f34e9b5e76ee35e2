"""The document, made once for each caller, token and state of definitions and rights."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language

from rapport.records.accounts.api_tokens import Grant
from rapport.records.accounts.caller import Caller
from rapport.registry import catalog
from rapport.registry.catalog import Catalog
from rapport.surfaces.api.calls import Call, Reply
from rapport.surfaces.api.openapi.document import build

MOST_KEPT = 50
_kept: dict[tuple[int, int | None, str | None], tuple[Caller, Catalog, dict[str, Any]]] = {}


def document(call: Call) -> Reply:
    """OpenAPI 3.1, as far as the token reaches."""
    return Reply(of(call.grant))


def of(grant: Grant) -> dict[str, Any]:
    """The document for a grant."""
    from rapport.surfaces.api.routes import ROUTER

    key, now = (grant.token_id, grant.caller.user_id, get_language()), catalog.current()
    kept = _kept.get(key)
    if kept is None or kept[0] is not grant.caller or kept[1] is not now:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        kept = _kept[key] = (grant.caller, now, build(grant, ROUTER.routes))
    return kept[2]
