"""Calendars: the feed behind a secret address, invitations, free times, and booking one."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from tests import factories as f
from tests.contract.conftest import signed_in

from rapport.apps.scheduling import booking, feed, inviting
from rapport.apps.scheduling.slots import slots
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid
from rapport.records.jobs import worker
from rapport.records.models import User
from rapport.records.read import visible

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def ada() -> Caller:
    return f.admin()


@pytest.fixture
def noor(ada: Caller) -> int:
    return f.make(ada, "person", first_name="Noor", last_name="Okafor", emails=[{"value": "noor@fjord.example"}])


def tomorrow(hour: int = 10) -> dt.datetime:
    day = dt.datetime.now(BERLIN).date() + dt.timedelta(days=1)
    return dt.datetime.combine(day, dt.time(hour), BERLIN)


def meeting(ada: Caller, *people: int, **values: Any) -> int:
    given = {
        "kind": "meeting",
        "subject": "Prices",
        "at": tomorrow().isoformat(),
        "minutes": 45,
        "people": list(people),
    }
    return write.create(ada, "interaction", {**given, **values})


def events(body: bytes) -> dict[str, Any]:
    return {str(e["summary"]): e for e in Calendar.from_ical(body).walk("VEVENT")}


# -- the feed ---------------------------------------------------------------------------------------------------------


def test_the_feed_holds_meetings_and_tasks_of_its_user(ada: Caller, noor: int) -> None:
    meeting(ada, noor)
    meeting(ada, subject="Not mine", owner=f.user().user_id)
    f.make(ada, "task", subject="Call back", due_at=tomorrow(12).isoformat())
    f.make(ada, "task", subject="Done", due_at=tomorrow(12).isoformat(), status="done")
    answer = Client().get(f"/calendar/{feed.make(ada)}.ics")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/calendar")
    found = events(answer.content)
    assert found.keys() == {"Prices", "Task: Call back"}
    assert found["Prices"].decoded("dtstart") == tomorrow().astimezone(dt.UTC)
    assert found["Prices"].decoded("dtend") - found["Prices"].decoded("dtstart") == dt.timedelta(minutes=45)
    assert str(found["Task: Call back"]["transp"]) == "TRANSPARENT"


def test_an_address_is_withdrawn_replaced_and_ends_with_its_user(ada: Caller) -> None:
    first = feed.make(ada)
    second = feed.make(ada)
    assert Client().get(f"/calendar/{first}.ics").status_code == 404
    assert Client().get(f"/calendar/{second}.ics").status_code == 200
    feed.withdraw(ada)
    assert Client().get(f"/calendar/{second}.ics").status_code == 404
    other = f.user()
    token = feed.make(other)
    User.objects.filter(pk=other.user_id).update(is_active=False)
    from rapport.records.accounts import caller as callers

    callers.forget()
    assert Client().get(f"/calendar/{token}.ics").status_code == 404


def test_the_settings_page_shows_an_address_once(ada: Caller) -> None:
    client = signed_in(ada)
    assert "/calendar/" in client.post("/settings/my-calendar/", {"act": "make"}).content.decode()
    assert ".ics" not in client.get("/settings/my-calendar/").content.decode()
    assert client.post("/settings/my-calendar/", {"act": "withdraw"}).status_code == 303
    assert feed.state(ada) is None


# -- invitations ------------------------------------------------------------------------------------------------------


def test_who_takes_part_is_invited(ada: Caller, noor: int) -> None:
    key = meeting(ada, noor, f.make(ada, "person", first_name="Nobody"))
    client = signed_in(ada)
    assert "Send invitations" in client.get(f"/interactions/{key}/").content.decode()
    assert client.post(f"/interactions/{key}/invite/").status_code == 303
    worker.drain()
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == (["noor@fjord.example"], "Invitation: Prices")
    part = sent.attachments[0]
    event = events(part.get_payload(decode=True))["Prices"]
    assert part.get_param("method") == "REQUEST"
    assert str(event["attendee"]).lower() == "mailto:noor@fjord.example"
    assert ada.email in str(event["organizer"])
    write.update(ada, "interaction", key, {"at": tomorrow(14).isoformat()})
    inviting.invite(ada, key)
    worker.drain()
    moved = events(mail.outbox[1].attachments[0].get_payload(decode=True))["Prices"]
    assert (moved["uid"], int(moved["sequence"])) == (event["uid"], int(event["sequence"]) + 1)


def test_what_is_past_or_without_addresses_invites_nobody(ada: Caller, noor: int) -> None:
    past = meeting(ada, noor, at="2020-01-01T10:00:00+00:00")
    alone = meeting(ada)
    client = signed_in(ada)
    for key in (past, alone):
        assert "Send invitations" not in client.get(f"/interactions/{key}/").content.decode()
    assert not inviting.invite(ada, alone)


# -- free times -------------------------------------------------------------------------------------------------------

moments = st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2026, 12, 31), timezones=st.just(dt.UTC))


@given(
    first=moments,
    length=st.sampled_from((15, 30, 45, 60)),
    ahead=st.integers(1, 20),
    taken=st.lists(st.tuples(moments, st.integers(1, 300)), max_size=8),
)
def test_a_free_time_is_within_hours_and_touches_nothing(
    first: dt.datetime, length: int, ahead: int, taken: list[tuple[dt.datetime, int]]
) -> None:
    spans = [(at, at + dt.timedelta(minutes=n)) for at, n in taken]
    last, size = first + dt.timedelta(days=ahead), dt.timedelta(minutes=length)
    found = list(
        slots(
            days=(0, 1, 4), opens=dt.time(9), closes=dt.time(12), length=size, zone=BERLIN, first=first, last=last,
            taken=spans,
        )
    )  # fmt: skip
    assert found == sorted(set(found))
    for at in found:
        local = at.astimezone(BERLIN)
        assert first <= at < last
        assert local.weekday() in (0, 1, 4)
        assert dt.time(9) <= local.time()
        assert (at + size).astimezone(BERLIN).time() <= dt.time(12)
        assert not any(b < at + size and e > at for b, e in spans)
    assert all(b - a >= size for a, b in itertools.pairwise(found))


def test_a_change_of_the_clock_moves_no_hour() -> None:
    first = dt.datetime(2026, 3, 28, 23, tzinfo=dt.UTC)  # the clock goes forward in the night to Sunday
    found = slots(
        days=(6, 0), opens=dt.time(9), closes=dt.time(10), length=dt.timedelta(hours=1), zone=BERLIN, first=first,
        last=first + dt.timedelta(days=2), taken=(),
    )  # fmt: skip
    assert [at.astimezone(BERLIN).hour for at in found] == [9, 9]


# -- booking ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def page(ada: Caller) -> booking.BookingPage:
    booking.keep(
        ada, slug="ada", title="A talk", about="", active=True, minutes=30, days=list(range(7)), opens=dt.time(9),
        closes=dt.time(12), notice_hours=0, ahead_days=7,
    )  # fmt: skip
    found = booking.page_of(ada)
    assert found is not None
    return found


def test_a_stranger_books_a_time(ada: Caller, page: booking.BookingPage) -> None:
    stranger = Client()
    assert "A talk" in stranger.get("/book/ada/").content.decode()
    at = tomorrow(10).astimezone(dt.UTC).isoformat()
    sent = {"at": at, "name": "Mary Ann Rao", "email": "mary@rao.example", "note": "About prices"}
    assert "Booked" in stranger.post("/book/ada/", sent).content.decode()
    row = visible(ada, "interaction").page(columns=("subject", "at", "people", "minutes", "body")).rows[0]
    person = visible(ada, "person").get(row.values["people"][0]).values
    assert (person["first_name"], person["last_name"]) == ("Mary Ann", "Rao")
    assert (row.values["at"], row.values["minutes"]) == (tomorrow(10), 30)
    worker.drain()
    assert mail.outbox[0].to == ["mary@rao.example"]
    answer = stranger.post("/book/ada/", {**sent, "email": "late@rao.example"})
    assert answer.status_code == 422
    assert "taken by now" in answer.content.decode()
    assert visible(ada, "interaction").count() == 1


def test_whoever_is_known_is_not_made_twice(ada: Caller, noor: int, page: booking.BookingPage) -> None:
    booking.reserve(page, ada, tomorrow(9).isoformat(), "N. O.", "NOOR@fjord.example", "")
    assert visible(ada, "person").count() == 1
    assert visible(ada, "interaction").page(columns=("people",)).rows[0].values["people"] == (noor,)


@pytest.mark.parametrize(
    "wrong",
    [{"email": "x"}, {"name": " "}, {"at": "soon"}, {"at": "2026-01-01T10:00:00"}, {"at": "2020-01-01T10:00:00+00:00"}],
)
def test_what_is_wrong_is_said(ada: Caller, page: booking.BookingPage, wrong: dict[str, str]) -> None:
    sent = {"at": tomorrow(9).isoformat(), "name": "Mary", "email": "mary@rao.example", **wrong}
    answer = Client().post("/book/ada/", sent)
    assert answer.status_code == 422
    assert visible(ada, "interaction").count() == visible(ada, "person").count() == 0


def test_only_open_pages_answer(ada: Caller, page: booking.BookingPage) -> None:
    assert Client().get("/book/nobody/").status_code == 404
    booking.BookingPage.objects.update(active=False)
    assert Client().get("/book/ada/").status_code == 404


def test_a_page_is_set_up_by_its_user(ada: Caller) -> None:
    client = signed_in(ada)
    sent = {
        "act": "save", "active": "true", "slug": "Ada-L", "title": "Talk", "minutes": "30", "days": ["0", "2"],
        "opens": "09:00", "closes": "11:30", "notice_hours": "2", "ahead_days": "10",
    }  # fmt: skip
    client.post("/settings/my-calendar/", sent)
    found = booking.page_of(ada)
    assert found is not None
    assert (found.slug, found.days, found.closes) == ("ada-l", [0, 2], dt.time(11, 30))
    for wrong in ({"slug": "a b"}, {"days": []}, {"closes": "08:00"}, {"minutes": "7"}, {"opens": "x"}):
        client.post("/settings/my-calendar/", {**sent, **wrong})
        assert booking.page_of(ada) == found
    with pytest.raises(Invalid):
        booking.keep(
            f.user(), slug="ada-l", title="T", about="", active=True, minutes=30, days=[1], opens=dt.time(9),
            closes=dt.time(10), notice_hours=0, ahead_days=5,
        )  # fmt: skip
