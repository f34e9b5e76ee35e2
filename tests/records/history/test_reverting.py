"""Taking back what the change log tells."""

from __future__ import annotations

import pytest
from tests import factories as f
from tests.database import snapshot

from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.bulk import running
from rapport.records.errors import Forbidden, NotFound
from rapport.records.history import reading, reverting
from rapport.records.history.reverting import revert, revert_batch
from rapport.records.jobs import queue, worker
from rapport.records.jobs.models import JobRow, State
from rapport.records.models import Change
from rapport.records.read import visible

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(db: None) -> Caller:
    return f.admin()


def last(record_id: int) -> int:
    found = Change.objects.filter(object_key="person", record_id=record_id).order_by("-id").first()
    assert found is not None
    return found.pk


def test_fields_go_back_unless_somebody_changed_them_since(ada: Caller) -> None:
    made = f.make(ada, "person", first_name="Noor", job="Buyer", salutation="Ms")
    write.update(ada, "person", made, {"job": "Head", "salutation": "Dr"})
    act = last(made)
    write.update(ada, "person", made, {"salutation": "Prof"})
    done = revert(ada, "person", made, act)
    values = f.write_values(ada, "person", made)
    assert (done.fields, done.kept) == (["job"], ["salutation"])
    assert (values["job"], values["salutation"]) == ("Buyer", "Prof")


def test_a_creation_goes_to_the_trash_and_a_deletion_comes_back(ada: Caller) -> None:
    made = f.make(ada, "person")
    act = last(made)
    revert(ada, "person", made, act)
    assert visible(ada, "person").count() == 0
    revert(ada, "person", made, last(made))
    assert visible(ada, "person").count() == 1


def test_acts_of_other_records_and_lacking_rights_are_refused(ada: Caller) -> None:
    made, other = f.make(ada, "person", job="A"), f.make(ada, "person")
    write.update(ada, "person", made, {"job": "B"})
    reader = f.user("Eve", rights={"*": {"read": "all", "edit": "none"}})
    before = snapshot()
    with pytest.raises(NotFound):
        revert(ada, "person", other, last(made))
    with pytest.raises(Forbidden):
        revert(reader, "person", made, last(made))
    assert snapshot() == before


def test_a_bulk_act_is_taken_back_whole(ada: Caller) -> None:
    ids = [f.make(ada, "person", job="Buyer") for _n in range(3)]
    bulk = ada.through("page", "bulk-1")
    write.update_many(bulk, "person", ids, {"job": "Head"})
    gone = f.make(ada, "person")
    write.delete(bulk, "person", [gone])
    added = write.create(bulk, "person", {"last_name": "New"})
    write.update(ada, "person", ids[0], {"job": "Boss"})
    result = revert_batch(ada, "bulk-1")
    assert (result.count, result.kept) == (4, 1)
    assert [f.write_values(ada, "person", i)["job"] for i in ids] == ["Boss", "Buyer", "Buyer"]
    assert visible(ada, "person").allowed([gone, added]) == {gone}
    with pytest.raises(NotFound):
        revert_batch(ada, "unknown")


def test_what_stands_in_the_way_of_one_keeps_no_other(ada: Caller) -> None:
    f.custom_field("person", "badge", "text", unique=True)
    bulk = ada.through("page", "bulk-1")
    gone = [f.make(ada, "person", badge=badge) for badge in ("X1", "X2", "X3")]
    write.delete(bulk, "person", gone)
    f.make(ada, "person", badge="X2")
    result = revert_batch(ada, "bulk-1")
    assert (result.count, result.kept) == (2, 1)
    assert visible(ada, "person").allowed(gone) == {gone[0], gone[2]}


def test_a_large_bulk_act_is_taken_back_by_a_job(ada: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "AT_ONCE", 3)
    monkeypatch.setattr(reverting, "SET", 2)
    bulk = ada.through("page", "bulk-1")
    ids = [f.make(ada, "person", job="Buyer") for _n in range(5)]
    write.update_many(bulk, "person", ids, {"job": "Head"})
    company = write.create(bulk, "company", {"name": "Fjord"})
    write.update(ada, "person", ids[1], {"job": "Boss"})
    begun = running.undo(ada, "person", "bulk-1")
    assert begun.result is None
    assert begun.job is not None
    assert begun.job.total == 6
    assert running.undo(ada, "person", "bulk-1").job is None, "it is under way already"
    worker.drain()
    done = JobRow.objects.get(pk=begun.job.pk)
    assert (done.state, done.result["done"], done.result["refused"]) == (State.DONE, 5, 1)
    assert [f.write_values(ada, "person", i)["job"] for i in ids] == ["Buyer", "Boss", "Buyer", "Buyer", "Buyer"]
    assert visible(ada, "company").allowed([company]) == set()
    again = running.undo(ada, "person", done.result["batch"])
    worker.drain()
    assert again.job is not None
    assert [f.write_values(ada, "person", i)["job"] for i in ids] == ["Head", "Boss", "Head", "Head", "Head"]


def test_a_job_that_takes_back_can_be_stopped_and_goes_on_behind_its_last_set(
    ada: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "AT_ONCE", 3)
    monkeypatch.setattr(reverting, "SET", 2)
    ids = [f.make(ada, "person", job="Buyer") for _n in range(6)]
    write.update_many(ada.through("page", "bulk-1"), "person", ids, {"job": "Head"})
    job = running.undo(ada, "person", "bulk-1").job
    assert job is not None
    with monkeypatch.context() as patched:
        patched.setattr(worker.Context, "progress", stop)
        worker.drain()
    job.refresh_from_db()
    assert (job.state, job.arguments["done"]) == (State.CANCELLED, 2)
    assert queue.retry(job.pk)
    worker.drain()
    job.refresh_from_db()
    assert (job.state, job.result["done"], job.result["refused"]) == (State.DONE, 6, 0)
    changes = Change.objects.filter(batch="undo-bulk-1").values_list("record_id", flat=True)
    assert sorted(changes) == ids


def stop(context: worker.Context, done: int, total: int | None = None) -> None:
    raise worker.Stopped


def test_history_hides_fields_that_one_may_not_see_and_labels_references(ada: Caller) -> None:
    company = f.make(ada, "company", name="Fjord")
    made = f.make(ada, "person", likes="Tea")
    write.update(ada, "person", made, {"company": company, "likes": "Coffee"})
    eve = f.user("Eve", rights={"*": {"read": "all"}}, fields={"person": {"likes": "hidden"}})
    acts, following = reading.acts(eve, "person", made)
    assert following is None
    assert [(c.field.name, c.after_label) for c in acts[0].fields] == [("company", "Fjord")]
    page, following = reading.acts(ada, "person", made, limit=1)
    assert following == page[0].id
    assert [a.action for a in reading.acts(ada, "person", made, before=following)[0]] == ["create"]
