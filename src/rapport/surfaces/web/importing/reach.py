"""Which imports one may see."""

from __future__ import annotations

from django.db.models import QuerySet

from rapport.features.transfer.models import ImportRun
from rapport.records.accounts.caller import Caller
from rapport.records.errors import NotFound
from rapport.registry import catalog


def runs_of(caller: Caller) -> QuerySet[ImportRun]:
    """The imports that the caller may see: their own, and for administrators all; the newest first."""
    found = ImportRun.objects.order_by("-id")
    return found if caller.is_admin else found.filter(user_id=caller.user_id)


def run_of(caller: Caller, run_id: int) -> ImportRun:
    """An import that the caller may see. Raises NotFound."""
    run = runs_of(caller).filter(pk=run_id).first()
    if run is None or run.object_key not in catalog.current().objects:
        raise NotFound
    return run
