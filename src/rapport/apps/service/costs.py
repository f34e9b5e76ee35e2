"""Costs: a date where none was given, and the company of whoever they were for."""

from __future__ import annotations

from rapport.apps.service.tickets import employers_of
from rapport.records.write import Batch


def prepare(batch: Batch) -> None:
    """Today, unless another day is given; the company of the person."""
    employers = employers_of(e.values.get("person") for e in batch.entries if e.changes("person"))
    for entry in batch.entries:
        if batch.action == "create" and entry.get("spent_on") is None and "spent_on" not in entry.errors:
            entry.values["spent_on"] = batch.moment(entry).astimezone(batch.env.zone).date()
        if entry.changes("person") and entry.get("company") is None:
            entry.values["company"] = employers.get(entry.values["person"])
