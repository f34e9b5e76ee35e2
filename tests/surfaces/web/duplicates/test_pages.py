"""The review queue in the browser: who sees which pair, and what is decided of it; the page of the nightly pass."""

from __future__ import annotations

import pytest
from django.test import Client
from tests import factories as f
from tests.contract.conftest import signed_in

from rapport.features.duplicates.models import DuplicatePair, PassSetting
from rapport.features.duplicates.suggesting import Reason, Suggestion, suggest
from rapport.records.accounts.caller import Caller
from rapport.records.jobs.models import JobRow
from rapport.records.read import visible

pytestmark = pytest.mark.django_db
WHY = (Reason("birthday", "same", 7.0), Reason("last_name", "different", -3.0))


@pytest.fixture
def ada() -> Caller:
    return f.admin()


@pytest.fixture
def client(ada: Caller) -> Client:
    return signed_in(ada)


def people(caller: Caller, *names: str) -> list[int]:
    return [f.make(caller, "person", first_name=name, last_name="Ray", emails=[f"{name}@x.com"]) for name in names]


def pair(number: int = 0) -> DuplicatePair:
    return DuplicatePair.objects.order_by("pk")[number]


def test_pairs_are_listed_the_likeliest_first_and_narrowed(ada: Caller, client: Client) -> None:
    assert "No duplicates wait" in client.get("/duplicates/").content.decode()
    a, b, c = people(ada, "Ann", "Anne", "Hanna")
    suggest("person", [Suggestion(a, b, 0.7, WHY), Suggestion(b, c, 0.95)], "nightly")
    suggest("person", [Suggestion(a, c, 0.3)], "form")
    text = client.get("/duplicates/").content.decode()
    assert text.index("Anne Ray · Hanna Ray") < text.index("Ann Ray · Anne Ray") < text.index("Ann Ray · Hanna Ray")
    assert "Birthday: same" in text
    assert "Ann Ray · Anne Ray" not in client.get("/duplicates/", {"least": "0.9"}).content.decode()
    assert "Ann Ray · Hanna Ray" in client.get("/duplicates/", {"source": "form"}).content.decode()
    assert "No pair like this waits" in client.get("/duplicates/", {"source": "mail"}).content.decode()
    assert "Possible duplicates" in client.get("/").content.decode()
    PassSetting.objects.create(object_key="person", threshold=0.8)
    assert "Ann Ray · Anne Ray" not in client.get("/duplicates/").content.decode()


def test_a_pair_is_merged_and_the_next_one_shown(ada: Caller, client: Client) -> None:
    a, b, c, d = people(ada, "Ann", "Anne", "Hanna", "Johanna")
    f.make(ada, "task", person=b)
    suggest("person", [Suggestion(a, b, 0.9, WHY), Suggestion(c, d, 0.8)], "nightly")
    first, second = pair(), pair(1)
    text = client.get(f"/duplicates/{first.pk}/").content.decode()
    for part in (
        "Ann@x.com",
        "Anne@x.com",
        "1 task",
        "Last name: different",
        "differs",
        f'name="survivor" value="{b}"',
    ):
        assert part in text, part
    assert f'href="/duplicates/{second.pk}/"' in text, "later"
    answer = client.post(f"/duplicates/{first.pk}/merge/", {"survivor": b})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/duplicates/{second.pk}/")
    assert [p["value"] for p in visible(ada, "person").get(b).values["emails"]] == ["Anne@x.com", "Ann@x.com"]
    assert (pair().state, pair().decided_by_id) == ("merged", ada.user_id)
    assert client.get(f"/duplicates/{first.pk}/").status_code == 404
    assert client.post(f"/duplicates/{second.pk}/merge/", {"survivor": a}).status_code == 404


def test_what_is_not_the_same_leaves_the_queue_until_it_is_taken_back(ada: Caller, client: Client) -> None:
    a, b = people(ada, "Ann", "Anne")
    suggest("person", [Suggestion(a, b, 0.9)], "nightly")
    answer = client.post(f"/duplicates/{pair().pk}/differ/")
    assert (answer.status_code, answer.headers["Location"], pair().state) == (303, "/duplicates/", "different")
    assert client.post(f"/duplicates/{pair().pk}/differ/").status_code == 404
    assert client.post(f"/duplicates/{pair().pk}/reopen/").status_code == 303
    assert (pair().state, pair().decided_at) == ("open", None)


def test_nobody_learns_of_a_pair_with_a_record_that_they_may_not_see(ada: Caller) -> None:
    eve = f.user("Eve", rights={"person": {"read": "own", "edit": "own", "create": "all", "delete": "own"}})
    mine, other = people(eve, "Ann", "Anne")
    (hers,) = people(ada, "Hanna")
    suggest("person", [Suggestion(mine, hers, 0.9), Suggestion(mine, other, 0.8)], "nightly")
    client = signed_in(eve)
    text = client.get("/duplicates/").content.decode()
    assert ("Hanna" in text, "Ann Ray · Anne Ray" in text) == (False, True)
    hidden = DuplicatePair.objects.get(score=0.9)
    for path in ("", "merge/", "differ/"):
        address = f"/duplicates/{hidden.pk}/{path}"
        answer = client.post(address, {"survivor": mine}) if path else client.get(address)
        assert answer.status_code == 404, path
    hidden.state = "different"
    hidden.save()
    assert client.post(f"/duplicates/{hidden.pk}/reopen/").status_code in {403, 404}
    assert DuplicatePair.objects.get(pk=hidden.pk).state == "different"


def test_who_may_not_delete_is_told_so_and_nothing_happens(ada: Caller) -> None:
    eve = f.user("Eve", rights={"person": {"read": "all", "edit": "all", "create": "all", "delete": "none"}})
    a, b = people(ada, "Ann", "Anne")
    suggest("person", [Suggestion(a, b, 0.9)], "nightly")
    answer = signed_in(eve).post(f"/duplicates/{pair().pk}/merge/", {"survivor": a})
    assert (answer.status_code, pair().state) == (422, "open")
    assert "administrator" in answer.content.decode()


def test_the_threshold_is_chosen_by_what_was_decided(ada: Caller, client: Client) -> None:
    a, b, c = people(ada, "Ann", "Anne", "Hanna")
    suggest("person", [Suggestion(a, b, 0.9), Suggestion(b, c, 0.6)], "nightly")
    DuplicatePair.objects.filter(score=0.9).update(state="merged")
    DuplicatePair.objects.filter(score=0.6).update(state="different")
    text = client.get("/settings/duplicate-pass/").content.decode()
    assert "<polyline" in text
    assert 'type="checkbox"' in text
    assert "50 %" in text
    answer = client.post("/settings/duplicate-pass/", {"object": "person", "percent": "80", "enabled": "on"})
    assert answer.status_code == 303
    assert PassSetting.objects.get(object_key="person").threshold == 0.8
    for wrong in ("", "5", "100", "1e1", "9999999999"):
        client.post("/settings/duplicate-pass/", {"object": "person", "percent": wrong})
    client.post("/settings/duplicate-pass/", {"object": "nothing", "percent": "50"})
    assert list(PassSetting.objects.values_list("object_key", "threshold", "enabled")) == [("person", 0.8, True)]
    client.post("/settings/duplicate-pass/", {"act": "run"})
    assert JobRow.objects.filter(name="duplicates-nightly").count() == 1
    assert signed_in(f.user("Eve")).get("/settings/duplicate-pass/").status_code == 403
