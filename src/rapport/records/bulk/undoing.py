"""Taking a bulk act back as a job, set by set; its position is written in the transaction that takes a set back."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from rapport.records.accounts.caller import Caller
from rapport.records.history import reverting
from rapport.records.history.reverting import LAST, RevertedBatch
from rapport.records.jobs import queue


def begun(batch: str) -> dict[str, Any]:
    """What a job that takes a bulk act back begins with. Raises NotFound for one without acts."""
    reverting.objects_of(batch)
    return {
        "undo": batch, "batch": reverting.undo_of(batch), "before": LAST, "done": 0, "refused": 0, "reason": "",
    }  # fmt: skip


def work(caller: Caller, context: Any) -> dict[str, Any]:
    """Go on from the position of the job; its arguments as they are at the end."""
    arguments = dict(context.arguments)
    while True:
        result = RevertedBatch()
        with transaction.atomic():
            before = reverting.revert_set(caller, arguments["undo"], arguments["before"], result)
            if before is None:
                return arguments
            arguments |= {
                "before": before,
                "done": arguments["done"] + result.count,
                "refused": arguments["refused"] + result.kept,
            }
            queue.reached(context.row, arguments=arguments)
        context.progress(arguments["done"] + arguments["refused"])
