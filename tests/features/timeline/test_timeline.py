"""The timeline: complete, in order, page by page, and only what one may see."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.base import ContentFile
from tests import factories as f

from rapport.features.files.storing import store
from rapport.features.timeline.entries import Phrase, Strong
from rapport.features.timeline.gathering import gather, sources_of
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.read import visible
from rapport.registry import catalog

pytestmark = pytest.mark.django_db
START = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)


@pytest.fixture
def ada(db: None) -> Caller:
    return f.admin()


def told(caller: Caller, key: str, record_id: int, **more: object) -> list[tuple[str, int]]:
    """All entries, in pages of four."""
    found: list[tuple[str, int]] = []
    cursor = ""
    while True:
        page = gather(caller, catalog.current()[key], record_id, cursor=cursor, limit=4, **more)  # type: ignore[arg-type]
        found += [(e.source, e.tie) for e in page.entries]
        if page.next is None:
            return found
        cursor = page.next


def fill(ada: Caller) -> tuple[int, int]:
    """A person at a company with interactions, some at one moment, tasks, a deal and changes."""
    company = f.make(ada, "company", name="Fjord")
    noor = f.make(ada, "person", first_name="Noor", company=company)
    for number in range(9):
        at = START + dt.timedelta(hours=number // 3)
        write.create(ada, "interaction", {"kind": "call", "at": at, "body": f"Call {number}", "people": [noor]})
    task = write.create(ada, "task", {"subject": "Call back", "person": noor})
    write.update(ada, "task", task, {"status": "done"})
    f.make(ada, "deal", name="Fleet", person=noor, company=company)
    write.update(ada, "person", noor, {"lifecycle": "customer"})
    write.update(ada, "person", noor, {"job": "Head"})
    return noor, company


def test_pages_hold_every_entry_once_and_in_order(ada: Caller) -> None:
    noor, company = fill(ada)
    paged = told(ada, "person", noor)
    whole = gather(ada, catalog.current()["person"], noor, limit=500)
    assert paged == [(e.source, e.tie) for e in whole.entries]
    assert len(set(paged)) == len(paged)
    order = [(e.at, e.source, e.tie) for e in whole.entries]
    assert order == sorted(order, reverse=True)
    count = {source: [s for s, _t in paged].count(source) for source, _t in paged}
    assert count == {"interactions": 9, "tasks": 2, "stages": 1, "lifecycle": 1, "changes": 2}
    assert [s for s, _t in told(ada, "company", company)].count("interactions") == 9
    assert {s for s, _t in told(ada, "person", noor, show="tasks")} == {"tasks"}


def test_what_may_not_be_seen_is_not_told(ada: Caller) -> None:
    noor, company = fill(ada)
    rights = {"*": {"read": "all"}, "interaction": {"read": "own"}, "task": {"read": "none"}, "deal": {"read": "none"}}
    eve = f.user("Eve", rights=rights, fields={"person": {"job": "hidden", "lifecycle": "hidden"}})
    assert {s for s, _t in told(eve, "person", noor)} == {"changes"}
    assert [s for s, _t in told(eve, "person", noor)] == ["changes"]
    assert {s for s, _t in told(eve, "company", company)} == {"changes"}


def titles(caller: Caller, key: str, record_id: int, show: str) -> list[str]:
    """The texts of the entries of one source, newest first."""
    entries = gather(caller, catalog.current()[key], record_id, show=show, limit=50).entries
    return ["".join(part if isinstance(part, str) else str(part.text) for part in e.title.split()) for e in entries]


def test_stages_of_a_company_and_of_its_people(ada: Caller) -> None:
    noor, company = fill(ada)
    write.update(ada, "company", company, {"lifecycle": "customer"})
    write.update(ada, "company", company, {"lifecycle": "", "size": "2-10"})
    person = str(visible(ada, "person").get(noor).title)
    assert titles(ada, "company", company, "lifecycle") == [
        "Ada moved the life-cycle stage from Customer to –",
        "Ada moved the life-cycle stage from Lead to Customer",
        f"Ada moved {person} from Visitor to Customer",
    ]
    assert titles(ada, "company", company, "changes") == ["Ada changed people", "Ada added this company"]
    shown = ["company", "person"]
    for hidden in shown:
        eve = f.user("Eve", rights={"*": {"read": "all"}}, fields={hidden: {"lifecycle": "hidden"}})
        assert len(titles(eve, "company", company, "lifecycle")) == {"company": 1, "person": 2}[hidden]


def test_files_of_a_record_and_of_the_people_of_a_company(ada: Caller) -> None:
    noor, company = fill(ada)
    offer = store(ada, ContentFile(b"offer", name="offer.txt"), "person", noor)
    store(ada, ContentFile(b"terms", name="terms.txt"), "company", company)
    person = str(visible(ada, "person").get(noor).title)
    assert titles(ada, "person", noor, "files") == ["Ada added the file offer.txt"]
    both = ["Ada added the file terms.txt", f"Ada added the file offer.txt to {person}"]
    assert titles(ada, "company", company, "files") == both
    nobody = f.user("Eve", rights={"*": {"read": "all"}, "person": {"read": "none"}})
    assert titles(nobody, "company", company, "files") == both[:1]
    assert titles(f.user("Eve", rights={"*": {"read": "all"}, "file": {"read": "none"}}), "person", noor, "files") == []
    write.delete(ada, "file", [offer])
    assert titles(ada, "person", noor, "files") == []
    assert "files" not in {s.name for s in sources_of(catalog.current()["file"])}


def test_deleted_entries_are_gone_and_moved_ones_move(ada: Caller) -> None:
    noor, _company = fill(ada)
    first = visible(ada, "interaction").page(sort="at").rows[0].id
    write.delete(ada, "interaction", [first])
    assert ("interactions", first) not in told(ada, "person", noor)
    other = visible(ada, "interaction").page(sort="at").rows[0].id
    write.update(ada, "interaction", other, {"at": START + dt.timedelta(days=9)})
    shown = [t for s, t in told(ada, "person", noor, show="interactions")]
    assert shown[0] == other


def test_a_phrase_puts_parts_where_the_translation_says() -> None:
    phrase = Phrase("von {who} für {what}", {"who": Strong("Mia"), "what": "Noor"})
    assert list(phrase.split()) == ["von ", Strong("Mia"), " für ", "Noor"]
