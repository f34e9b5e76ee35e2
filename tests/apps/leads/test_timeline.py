"""What timelines tell of leads."""

from __future__ import annotations

import pytest
import time_machine
from tests import factories as f

from rapport.apps.leads import converting, timeline
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.read import visible
from rapport.registry import catalog


def told(caller: Caller, key: str, record_id: int) -> list[tuple[str, str]]:
    """Titles and what stands below them, read one entry a page."""
    found, before = [], None
    while page := timeline.leads(caller, catalog.current()[key], record_id, before, 1):
        (entry,) = page
        found.append(("".join(str(getattr(p, "text", p)) for p in entry.title.split()), entry.meta))
        before = (entry.at, entry.tie)
    return found


@pytest.mark.django_db
def test_it_comes_in_and_is_converted() -> None:
    ada = f.admin()
    stage = f.make(ada, "stage")
    source = f.make(ada, "lead_source", name="Fair")
    with time_machine.travel("2026-03-01T10:00:00Z", tick=False):
        lead = write.create(ada, "lead", {"first_name": "Grace", "subject": "A boat", "source": source})
        lost = write.create(ada, "lead", {"first_name": "Ida", "subject": "A raft"})
    with time_machine.travel("2026-03-02T10:00:00Z", tick=False):
        converting.convert(ada, [lead])
        converting.disqualify(ada, [lost], {"reason": "spam"})
    made = visible(ada, "lead").get(lead).values
    assert stage
    expected = [("Lead Grace was converted", ""), ("Lead Grace came in", "A boat · Fair")]
    assert told(ada, "person", made["person"]) == told(ada, "deal", made["deal"]) == expected
    write.update(ada, "lead", lost, {"person": made["person"]})
    assert ("Lead Ida was disqualified", "") in told(ada, "person", made["person"])
    blind = f.user("Ben", fields={"lead": {"subject": "hidden"}})
    assert ("Lead Grace came in", "Fair") in told(blind, "person", made["person"])
    assert told(f.user("Eve", rights={"lead": {"read": "none"}}), "person", made["person"]) == []
    assert told(f.user("Kim", fields={"lead": {"status": "hidden"}}), "person", made["person"]) == []
