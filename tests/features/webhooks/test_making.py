"""What is told to whom: chosen acts, filters, rights, sets of records, sizes, erasure."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from tests import factories as f
from tests.database import snapshot
from tests.features.webhooks.conftest import Got, Receiver, answer, listen, only

from rapport.features.webhooks import endpoints, making, packing, subscribing
from rapport.features.webhooks.models import Delivery, Endpoint, State
from rapport.features.webhooks.subscribing import Wanted
from rapport.lib import json
from rapport.records import write
from rapport.records.accounts import epochs
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid, NotFound
from rapport.records.jobs import worker
from rapport.records.jobs.models import JobRow
from rapport.records.models import Role, User

pytestmark = pytest.mark.django_db


def told(receiver: Receiver) -> list[tuple[str, list[int]]]:
    """Types and keys of what came, in order."""
    return [(got.said["type"], [record["id"] for record in got.records]) for got in receiver.got]


def test_every_act_has_its_type(receiver: Receiver) -> None:
    ada = f.admin()
    listen(ada, receiver)
    made = f.make(ada, "company", name="Old")
    write.update(ada, "company", made, {"name": "New"})
    write.delete(ada, "company", [made])
    write.restore(ada, "company", [made])
    write.delete(ada, "company", [made])
    worker.drain()
    write.erase(ada, "company", [made])
    worker.drain()
    names = ["created", "updated", "deleted", "restored", "deleted", "erased"]
    assert told(receiver) == [(f"company.{name}", [made]) for name in names]
    assert receiver.got[1].records[0]["changed"] == ["name"]
    assert receiver.got[-1].records == [{"id": made}]


def test_of_a_merge_each_record_is_told_what_it_comes_to(receiver: Receiver) -> None:
    ada = f.admin()
    listen(ada, receiver, "person", acts=("updated", "deleted", "restored"))
    stays = f.make(ada, "person", first_name="", last_name="Lind")
    goes = f.make(ada, "person", first_name="Nova", last_name="Lind")
    merged = write.merge(ada, "person", stays, [goes])
    worker.drain()
    assert sorted(told(receiver)) == [("person.deleted", [goes]), ("person.updated", [stays])]
    (updated,) = [got for got in receiver.got if got.said["type"] == "person.updated"]
    assert "first_name" in updated.records[0]["changed"]
    receiver.got.clear()
    write.unmerge(ada, "person", merged.pk)
    worker.drain()
    assert ("person.restored", [goes]) in told(receiver)


def test_a_filter_follows_a_merge(receiver: Receiver) -> None:
    ada = f.admin()
    stays, goes = (f.make(ada, "company", name=name) for name in ("Lind AB", "Lind"))
    listen(ada, receiver, "person", acts=("created",), filter_={"field": "company", "op": "is", "value": goes})
    write.merge(ada, "company", stays, [goes])
    theirs = f.make(ada, "person", company=stays)
    f.make(ada, "person")
    worker.drain()
    assert told(receiver) == [("person.created", [theirs])]


def test_only_what_was_chosen_is_told(receiver: Receiver, ann: Caller) -> None:
    listen(ann, receiver, "person", acts=("updated",))
    company, person = f.make(ann, "company"), f.make(ann, "person")
    write.update(ann, "company", company, {"name": "Changed"})
    write.update(ann, "person", person, {"last_name": "Changed"})
    write.delete(ann, "person", [person])
    worker.drain()
    assert told(receiver) == [("person.updated", [person])]


def test_everything_can_be_wanted_custom_objects_too(receiver: Receiver, ann: Caller) -> None:
    listen(ann, receiver, subscribing.EVERY, acts=("created",))
    f.custom_object()
    boat = write.create(ann, "boat", {"name": "Argo"})
    person = f.make(ann, "person")
    worker.drain()
    assert told(receiver) == [("boat.created", [boat]), ("person.created", [person])]


def test_a_filter_holds_of_the_record(receiver: Receiver, ann: Caller) -> None:
    listen(ann, receiver, filter_={"field": "industry", "op": "is", "value": "retail"})
    shop = f.make(ann, "company", industry="retail")
    mill = f.make(ann, "company", industry="manufacturing")
    write.update(ann, "company", mill, {"name": "Mill"})
    write.update(ann, "company", shop, {"name": "Shop"})
    write.delete(ann, "company", [shop, mill])
    worker.drain()
    assert {key for _type, keys in told(receiver) for key in keys} == {shop}
    assert [type_ for type_, _keys in told(receiver)] == ["company.created", "company.updated", "company.deleted"]


def test_records_that_the_user_may_not_see_never_leave(receiver: Receiver) -> None:
    ann = f.user("Ann", rights={"company": {"read": "own"}})
    ada = f.admin()
    listen(ann, receiver)
    hidden = f.make(ada, "company", owner=ada.user_id, name="Secret")
    before = snapshot()
    worker.drain()
    write.update(ada, "company", hidden, {"name": "Secret too"})
    write.delete(ada, "company", [hidden])
    worker.drain()
    assert (receiver.got, Delivery.objects.count()) == ([], 0)
    assert snapshot()["webhooks_delivery"] == before["webhooks_delivery"] == []
    seen = f.make(ada, "company", owner=ann.user_id)
    both = f.make(ada, "company", owner=ann.user_id)
    write.update_many(ada, "company", [hidden, seen, both][1:], {"industry": "retail"})
    worker.drain()
    assert {key for _type, keys in told(receiver) for key in keys} == {seen, both}
    write.erase(ada, "company", [hidden])
    worker.drain()
    assert all(hidden not in keys for _type, keys in told(receiver))


def test_hidden_fields_never_leave_nor_that_they_changed(receiver: Receiver) -> None:
    ann = f.user("Ann", fields={"company": {"industry": "hidden"}})
    ada = f.admin()
    listen(ann, receiver)
    made = f.make(ada, "company", industry="retail", name="Shop")
    worker.drain()
    assert "industry" not in receiver.got[0].records[0]["fields"]
    assert b"retail" not in receiver.got[0].body
    write.update(ada, "company", made, {"industry": "manufacturing"})
    worker.drain()
    assert len(receiver.got) == 1
    write.update(ada, "company", made, {"industry": "retail", "name": "Store"})
    worker.drain()
    assert receiver.got[1].records[0]["changed"] == ["name"]
    assert b"industry" not in receiver.got[1].body


def test_references_to_what_is_hidden_never_leave(receiver: Receiver) -> None:
    ann = f.user("Ann", rights={"company": {"read": "none"}, "*": {"read": "all"}})
    ada = f.admin()
    company = f.make(ada, "company")
    listen(ann, receiver, "deal")
    f.make(ada, "deal", company=company)
    worker.drain()
    assert receiver.got[0].records[0]["fields"]["company"] is None


def test_rights_that_are_lost_before_an_attempt_count(receiver: Receiver) -> None:
    ann, ada = f.user("Ann", rights={"company": {"read": "all"}}), f.admin()
    listen(ann, receiver)
    receiver.usual = answer(500)
    f.make(ada, "company", name="Secret", owner=ada.user_id)
    worker.drain()
    Role.objects.update(rights={"company": {"read": "own"}})
    epochs.raise_(epochs.RIGHTS)
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=1)):
        worker.drain()
    assert len(receiver.got) == 1
    assert (only().state, only().body) == (State.WITHDRAWN, "")


def test_fields_that_are_hidden_before_an_attempt_are_left_out(receiver: Receiver) -> None:
    ann, ada = f.user("Ann", fields={}), f.admin()
    listen(ann, receiver)
    receiver.answers = [answer(500)]
    f.make(ada, "company", industry="retail")
    worker.drain()
    Role.objects.update(fields={"company": {"industry": "hidden"}})
    epochs.raise_(epochs.RIGHTS)
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=1)):
        worker.drain()
    first, second = receiver.got
    assert "industry" in first.records[0]["fields"]
    assert "industry" not in second.records[0]["fields"]
    assert first.id == second.id


def test_what_a_closed_account_wanted_is_not_sent(receiver: Receiver, ann: Caller) -> None:
    listen(ann, receiver)
    f.make(ann, "company")
    worker_of_before = Delivery.objects.count()
    making.make([])
    User.objects.filter(pk=ann.user_id).update(is_active=False)
    epochs.raise_(epochs.RIGHTS)
    f.make(f.admin(), "company")
    worker.drain()
    assert (receiver.got, Delivery.objects.count()) == ([], worker_of_before)


def test_a_bulk_act_is_told_in_sets(receiver: Receiver, ann: Caller) -> None:
    listen(ann, receiver)
    made = write.create_many(ann, "company", [{"name": f"Company {n}"} for n in range(1000)]).ids
    worker.drain()
    assert len(receiver.got) < 60
    assert [key for _type, keys in told(receiver) for key in keys] == sorted(made)
    assert all(len(got.body) < packing.MOST_BYTES for got in receiver.got)


def test_messages_are_made_in_sets(receiver: Receiver, ann: Caller) -> None:
    listen(ann, receiver)
    counts = []
    for many in (10, 400):
        write.create_many(ann, "company", [{"name": f"Company {n}"} for n in range(many)])
        with CaptureQueriesContext(connection) as queries:
            worker.step()
        counts.append(len(queries))
    assert counts[1] <= counts[0] + 12


def test_nobody_who_listens_costs_nothing(ann: Caller) -> None:
    f.make(ann, "company")
    worker.step()
    assert not JobRow.objects.filter(arguments__subscriber="webhooks").exists()


def test_a_record_larger_than_a_message_is_cut_to_fit(receiver: Receiver, ann: Caller) -> None:
    listen(ann, receiver, "deal")
    made = f.make(ann, "deal", description="ä" * 12_000, name="Long")
    worker.drain()
    (got,) = receiver.got
    assert len(got.body) < packing.MOST_BYTES
    assert (got.records[0]["id"], got.records[0]["left_out"]) == (made, ["description"])
    assert got.records[0]["fields"]["name"] == "Long"


texts = st.builds(lambda letter, many: letter * many, st.sampled_from('aä€🐎"'), st.integers(0, 9000))


@given(st.lists(st.dictionaries(st.sampled_from("abcde"), texts, max_size=5), max_size=40))
def test_whatever_is_packed_fits_and_is_there_once(fields: list[dict[str, str]]) -> None:
    records = [{"id": n, "fields": values} for n, values in enumerate(fields, 1)]
    packed = list(packing.pack("company", "created", timezone.now(), 1, records))
    assert all(len(one.body.encode()) <= packing.MOST_BYTES for one in packed)
    said = list(itertools.chain.from_iterable(json.loads(one.body)["data"]["records"] for one in packed))
    assert [one["id"] for one in said] == [record["id"] for record in records]
    for one, record in zip(said, records, strict=True):
        assert {**one["fields"], **{n: record["fields"][n] for n in one.get("left_out", ())}} == record["fields"]


def test_what_is_erased_is_taken_out_of_messages(receiver: Receiver) -> None:
    ada = f.admin()
    listen(ada, receiver, "person", acts=("created", "erased"))
    receiver.usual = answer(500)
    gone, stays = write.create_many(ada, "person", [{"last_name": "Gone"}, {"last_name": "Stays"}]).ids
    alone = f.make(ada, "person", last_name="Alone")
    worker.drain()
    write.erase(ada, "person", [gone, alone])
    bodies = list(Delivery.objects.order_by("id").values_list("body", flat=True))
    assert not any("Gone" in body or "Alone" in body for body in bodies)
    assert "Stays" in bodies[0]
    receiver.usual = answer(204)
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=5)):
        worker.drain()
    late: list[Got] = [got for got in receiver.got if got.said["type"] == "person.erased"]
    assert [record for got in late for record in got.records] == [{"id": gone}, {"id": alone}]
    assert [record["id"] for record in receiver.got[-1].records] == [stays]
    with pytest.raises(Invalid):
        endpoints.replay(ada, Endpoint.objects.get().pk, Delivery.objects.get(state=State.WITHDRAWN).message)


def test_a_filter_that_can_no_longer_be_asked_lets_nothing_through(receiver: Receiver, ann: Caller) -> None:
    f.custom_field("company", "colour", "text")
    listen(ann, receiver, filter_={"field": "colour", "op": "is", "value": "red"})
    listen(ann, receiver)
    row = Endpoint.objects.earliest("id")
    row.events[0]["filter"]["field"] = "smell"
    row.save()
    f.make(ann, "company")
    worker.drain()
    assert len(receiver.got) == 1, "the other endpoint is told all the same"


@pytest.mark.parametrize(
    "wanted",
    [
        [], [Wanted("company", ())], [Wanted("nothing", ("created",))], [Wanted("company", ("eaten",))],
        [Wanted("company", ("created",), {"field": "nothing", "op": "is", "value": 1})],
        [Wanted("*", ("created",), {"field": "name", "op": "is", "value": "x"})],
        [Wanted("company", ("created",)), Wanted("company", ("deleted",))],
    ],
)  # fmt: skip
def test_what_cant_be_wanted_is_refused(receiver: Receiver, ann: Caller, wanted: list[Wanted]) -> None:
    before = snapshot()
    with pytest.raises(Invalid) as refused:
        endpoints.create(ann, url=receiver.url, events=wanted)
    assert set(refused.value.errors) == {"events"}
    assert snapshot() == before


def test_a_hidden_field_cant_be_asked_for(receiver: Receiver) -> None:
    ann = f.user("Ann", fields={"company": {"industry": "hidden"}})
    with pytest.raises(Invalid):
        listen(ann, receiver, filter_={"field": "industry", "op": "is", "value": "retail"})


def test_endpoints_of_others_are_out_of_reach_but_for_administrators(receiver: Receiver, ann: Caller) -> None:
    endpoint, _secret = listen(ann, receiver)
    ben, before = f.user("Ben"), snapshot("records_user", "records_epoch")
    acts: list[Any] = [
        lambda: endpoints.one(ben, endpoint.pk), lambda: endpoints.rotate(ben, endpoint.pk),
        lambda: endpoints.change(ben, endpoint.pk, url=receiver.url), lambda: endpoints.remove(ben, endpoint.pk),
        lambda: endpoints.test(ben, endpoint.pk), lambda: endpoints.pause(ben, endpoint.pk),
        lambda: endpoints.replay_failed(ben, endpoint.pk), lambda: endpoints.deliveries(ben, endpoint.pk),
    ]  # fmt: skip
    for act in acts:
        with pytest.raises(NotFound):
            act()
    assert snapshot("records_user", "records_epoch") == before
    endpoints.pause(f.admin(), endpoint.pk)
    assert Endpoint.objects.get().stopped == "paused"


def test_paused_endpoints_get_what_waited_when_they_go_on(receiver: Receiver, ann: Caller) -> None:
    endpoint, _secret = listen(ann, receiver)
    receiver.answers = [answer(500)]
    first = f.make(ann, "company")
    worker.drain()
    endpoints.pause(ann, endpoint.pk)
    f.make(ann, "company")
    with time_machine.travel(timezone.now() + dt.timedelta(hours=1)):
        worker.drain()
        assert len(receiver.got) == 1
        with pytest.raises(Invalid):
            endpoints.test(ann, endpoint.pk)
        endpoints.resume(ann, endpoint.pk)
        worker.drain()
    assert told(receiver) == [("company.created", [first])] * 2


def test_a_test_is_sent_and_a_message_is_sent_again(receiver: Receiver, ann: Caller) -> None:
    endpoint, secret = listen(ann, receiver)
    endpoints.test(ann, endpoint.pk)
    worker.drain()
    assert receiver.got[0].verified(secret)["type"] == "rapport.test"
    endpoints.replay(ann, endpoint.pk, receiver.got[0].id)
    worker.drain()
    assert receiver.got[0].id == receiver.got[1].id
    assert len(only().log) == 2
