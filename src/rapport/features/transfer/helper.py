"""The helper of an import, a process of its own: reads the file ahead and prepares its rows. It writes nothing.

Started by `helping`, with which it talks through its standard streams: an order comes in, messages go out.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any


def main() -> None:
    """Do what the order says; end with the process that gave it."""
    from rapport.lib.processes import end_with_parent

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent(os.getppid())
    answers = Connection(os.dup(1), readable=False)
    os.dup2(2, 1)  # Whatever prints must not get between the messages.
    import django

    django.setup()
    try:
        _work(answers, pickle.load(sys.stdin.buffer))  # noqa: S301  from the process that started this one
    except BrokenPipeError:
        os._exit(0)


def _work(answers: Connection, order: dict[str, Any]) -> None:
    from django.db import connection, connections
    from django.utils import translation

    from rapport.features.transfer import importing, sets
    from rapport.features.transfer.pacing import LEAST, few_collections
    from rapport.features.transfer.reading import Source
    from rapport.lib.sql import Sql
    from rapport.records import db
    from rapport.records.customising import sync

    connections["default"].settings_dict["NAME"] = order["database"]
    translation.activate(order["language"])
    reads_only = "PRAGMA query_only = ON" if connection.vendor == "sqlite" else "SET default_transaction_read_only = on"
    db.execute(Sql(reads_only))
    sync.refresh()
    source = Source.from_json(Path(order["path"]), order["source"])
    plan = importing.planned(order["caller"], order["key"], source, order["mapping"])
    plan.load()
    plan.reads_only()
    answers.send(plan.generation)
    lines = source.rows(skip=pickle.load(sys.stdin.buffer))  # noqa: S301  from the process that started this one
    with few_collections():
        while raw := list(islice(lines, LEAST)):
            answers.send_bytes(sets.packed(plan, raw))
    answers.send_bytes(b"")


if __name__ == "__main__":
    main()
