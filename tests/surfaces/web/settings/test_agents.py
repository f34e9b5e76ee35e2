"""The pages of what agents did."""

from __future__ import annotations

import pytest
from django.urls import reverse
from tests import factories as f
from tests.browser import Page, axe
from tests.contract.conftest import signed_in
from tests.database import snapshot
from tests.surfaces.mcp.conftest import Agent, agent
from tests.surfaces.web.settings.test_browser import enter

from rapport.features.programs import limits, works
from rapport.records import write
from rapport.records.accounts.models import User
from rapport.records.read import visible

LIST = "/settings/agents/"


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    """Counts of an earlier test's tokens are not those of this one's."""
    limits.forget()


def worked(ann: Agent) -> int:
    """A piece of work: one record changed, one made; and which."""
    old = f.make(ann.caller, "person", last_name="Old", job="Seller")
    ann.call("update_record", object="person", id=old, fields={"job": "Buyer", "likes": "Fairs"})
    ann.call("create_record", object="person", fields={"last_name": "Newcomer"})
    return old


@pytest.mark.django_db
def test_a_piece_is_listed_shown_and_taken_back_in_one_click() -> None:
    ann = agent(f.user(), name="Desk helper")
    client = signed_in(ann.caller)
    assert b"No agent has written anything" in client.get(LIST).content
    old = worked(ann)
    listed = client.get(LIST).content.decode()
    assert "Desk helper" in listed
    assert "Test" in listed
    (piece,) = works.recent(ann.caller)
    url = reverse("settings-agent", args=[piece.work.pk])
    assert url in listed
    shown = client.get(url).content.decode()
    assert all(text in shown for text in ("Newcomer", "Seller", "Buyer", "Acts: 2, records: 2."))
    write.update(ann.caller, "person", old, {"job": "Boss"})
    done = client.post(reverse("settings-agent-revert", args=[piece.work.pk]))
    assert (done.status_code, done.headers["Location"]) == (303, url)
    values = visible(ann.caller, "person").get(old).values
    assert (values["job"], values["likes"]) == ("Boss", "")
    after = client.get(url).content.decode()
    assert "Changed since, and left: Job" in after
    assert "Take all of it back" not in after
    assert "Taken back" in client.get(LIST).content.decode()


@pytest.mark.django_db
def test_nobody_sees_or_takes_back_the_work_of_others_v8_2() -> None:
    """ASVS 8.2: rights are checked for each object, record and act."""
    ann, ben = agent(f.user()), f.user("Ben")
    worked(ann)
    (piece,) = works.recent(ann.caller)
    client = signed_in(ben)
    before = snapshot("programs_usage")
    assert client.get(reverse("settings-agent", args=[piece.work.pk])).status_code == 404
    assert client.post(reverse("settings-agent-revert", args=[piece.work.pk])).status_code == 404
    assert b"No agent has written anything" in client.get(LIST).content
    assert snapshot("programs_usage") == before
    assert "Tester" in signed_in(f.admin()).get(LIST).content.decode()


@pytest.mark.django_db
def test_in_german() -> None:
    ann = agent(f.user())
    worked(ann)
    client = signed_in(ann.caller)
    User.objects.filter(pk=ann.caller.user_id).update(language="de")
    from rapport.records.accounts import epochs

    epochs.raise_(epochs.RIGHTS)
    (piece,) = works.recent(ann.caller)
    assert "Agenten" in client.get(LIST).content.decode()
    assert "Alles zurücknehmen" in client.get(reverse("settings-agent", args=[piece.work.pk])).content.decode()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_accessible_on_a_phone_and_in_the_dark(page: Page, live: str) -> None:
    enter(page, live)
    page.goto(live + LIST)
    assert axe(page) == []
    ann = agent(f.caller_of(User.objects.get(name="Ada").pk), name="Desk helper")
    worked(ann)
    (piece,) = works.recent(ann.caller)
    url = reverse("settings-agent", args=[piece.work.pk])
    for width, scheme in ((1280, "light"), (1280, "dark"), (390, "light")):
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        for path in (LIST, url):
            page.goto(live + path)
            assert axe(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1"), path
    page.get_by_role("button", name="Take all of it back").click()
    page.get_by_text("2 acts taken back.").wait_for()
