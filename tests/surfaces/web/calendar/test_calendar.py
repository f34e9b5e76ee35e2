"""The calendar: whose entries are on it, what of colleagues shows, moving by the write door, making in empty places."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests import factories as f
from tests.contract.conftest import signed_in
from tests.database import snapshot

from rapport.records import write
from rapport.records.accounts import users
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.models import Team
from rapport.records.models import Change
from rapport.records.read import visible

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")
VIEWS = ("month", "week", "agenda")
DAY = dt.date(2024, 3, 13)
OWN = {"interaction": {"read": "own", "edit": "own"}, "task": {"read": "own", "edit": "own"}}


def at(day: dt.date = DAY, hour: int = 10, minute: int = 0) -> str:
    return dt.datetime.combine(day, dt.time(hour, minute), BERLIN).isoformat()


def meeting(caller: Caller, subject: str, **values: Any) -> int:
    given = {"kind": "meeting", "subject": subject, "at": at(), "minutes": 90}
    return write.create(caller, "interaction", {**given, **values})


def shown(client: Client, view: str = "month", day: dt.date = DAY) -> str:
    answer = client.get("/calendar/", {"view": view, "day": day.isoformat()})
    assert answer.status_code == 200
    return answer.content.decode()


def entries(html: str) -> list[str]:
    """The texts of entries, without marks of people."""
    return re.findall(r'class="calendar-item[^>]*>.*?<span class="clip">(.*?)</span>', html, re.DOTALL)


def choose(client: Client, **choice: Any) -> None:
    given = {"layers": ["meetings", "tasks"], "users": [], "teams": [], **choice}
    assert client.post("/calendar/show/", given).status_code == 303


@pytest.mark.parametrize("view", VIEWS)
def test_ones_own_meetings_and_tasks_stand_on_their_days(view: str) -> None:
    ada, ben = f.admin(), f.user("Ben")
    client = signed_in(ada)
    meeting(ada, "Prices")
    meeting(ada, "Just a note", kind="note")
    meeting(ben, "Not mine")
    f.make(ada, "task", subject="Call back", due_at=at(hour=12), assignee=ada.user_id)
    f.make(ada, "task", subject="Someone else's", due_at=at(hour=12), assignee=ben.user_id)
    f.make(ada, "deal", name="Big one", close_on=DAY.isoformat(), owner=ada.user_id)
    assert entries(shown(client, view)) == ["Prices", "Call back"]
    choose(client, layers=["deals", "tasks"])
    assert entries(shown(client, view)) == ["Big one", "Call back"]
    choose(client, layers=[])
    assert entries(shown(client, view)) == []


def test_days_are_those_of_the_readers_zone() -> None:
    ada = f.admin()
    client = signed_in(ada)
    meeting(ada, "Late", at="2024-03-13T23:30:00Z")
    assert entries(shown(client, "agenda", dt.date(2024, 3, 14))) == ["Late"]
    profile = {"name": ada.name, "title": "", "language": "en", "zone": "UTC", "theme": "auto", "week_start": "0"}
    assert client.post("/profile/", profile).status_code == 303
    assert entries(shown(client, "agenda", dt.date(2024, 3, 14))) == []
    assert entries(shown(client, "agenda", DAY)) == ["Late"]


def test_weeks_begin_as_the_profile_says() -> None:
    ada = f.admin()
    client = signed_in(ada)
    for week_start, first in (("0", "2024-03-11"), ("6", "2024-03-10"), ("5", "2024-03-09")):
        users.update_profile(
            ada, name="Ada", title="", language="en", zone="Europe/Berlin", theme="auto", week_start=week_start
        )
        assert re.findall(r'data-drop="([\d-]+)"', shown(client, "week"))[0] == first
        month = client.get("/tasks/", {"layout": "calendar", "month": "2024-03"}).content.decode()
        days = re.findall(r'<time datetime="([\d-]+)"', month)
        assert dt.date.fromisoformat(days[0]).weekday() == int(week_start)
        assert len(days) % 7 == 0


def test_colleagues_and_teams_lie_over_ones_own_days() -> None:
    team = Team.objects.create(name="Sales")
    ada, ben, cem = f.admin(), f.user("Ben", teams=(team,)), f.user("Cem", teams=(team,))
    client = signed_in(ada)
    meeting(ada, "Mine")
    meeting(ben, "Ben's", at=at(hour=11))
    meeting(cem, "Cem's", at=at(hour=12))
    choose(client, users=[ben.user_id])
    html = shown(client)
    assert entries(html) == ["Mine", "Ben&#39;s"]
    assert "calendar-legend" in html
    assert html.count('<span class="visually-hidden">, Ben</span>') == 1
    choose(client, teams=[team.pk])
    assert entries(shown(client)) == ["Mine", "Ben&#39;s", "Cem&#39;s"]
    choose(client, users=[999_999, "x", "9" * 40], teams=["-1"], layers=["meetings", "nothing"])
    assert entries(shown(client)) == ["Mine"]


def test_of_what_may_not_be_read_only_taken_time_of_ones_team_shows() -> None:
    sales, other = Team.objects.create(name="Sales"), Team.objects.create(name="Board")
    ann, ben = f.user("Ann", teams=(sales,), rights=OWN), f.user("Ben", teams=(sales,), rights=OWN)
    eve = f.user("Eve", teams=(other,), rights=OWN)
    secret = meeting(ben, "Merger talks")
    meeting(ben, "Called off", outcome="cancelled")
    meeting(eve, "Even more secret")
    f.make(ben, "task", subject="Hidden task", due_at=at(), assignee=ben.user_id)
    client = signed_in(ann)
    choose(client, users=[ben.user_id, eve.user_id])
    for view in VIEWS:
        html = shown(client, view)
        assert entries(html) == ["Busy"], view
        assert "Merger" not in html
        assert "secret" not in html
        assert f"/interactions/{secret}/" not in html
        assert f"meetings:{secret}" not in html
    write.update(ben, "interaction", secret, {"owner": ann.user_id})
    assert entries(shown(client)) == ["Merger talks"]


def test_a_layer_of_which_one_may_not_see_the_day_is_not_there() -> None:
    team = Team.objects.create(name="Sales")
    ann = f.user("Ann", teams=(team,), fields={"interaction": {"kind": "hidden"}})
    ben = f.user("Ben", teams=(team,))
    meeting(ben, "Prices")
    client = signed_in(ann)
    choose(client, users=[ben.user_id])
    html = shown(client)
    assert entries(html) == []
    assert 'value="meetings"' not in html


def test_nobody_sees_a_calendar_without_signing_in() -> None:
    f.organisation()
    f.admin()
    for path in ("/calendar/", "/calendar/new/?day=2024-03-13", "/calendar/show/", "/calendar/move/"):
        for answer in (Client().get(path), Client().post(path)):
            assert answer.status_code == 302, path
            assert answer["Location"].startswith("/accounts/login/")


# -- moving -----------------------------------------------------------------------------------------------------------


def move(client: Client, entry: str, day: str, time: str = "") -> Any:
    return client.post("/calendar/move/", {"entry": entry, "day": day, "time": time})


def handle(client: Client) -> str:
    return re.findall(r'data-entry="([^"]+)"', shown(client))[0]


def test_an_own_entry_moves_and_the_move_is_undone() -> None:
    ada = f.admin()
    client = signed_in(ada)
    key = meeting(ada, "Prices")
    answer = move(client, handle(client), "2024-04-02")
    assert answer.status_code == 200
    # The clock stays what it was, also over the change to summer time.
    value = visible(ada, "interaction").get(key).values["at"].astimezone(BERLIN)
    assert value == dt.datetime(2024, 4, 2, 10, tzinfo=BERLIN)
    assert Change.objects.filter(record_id=key, object_key="interaction").latest("pk").door == "page"
    undo = answer.json()["undo"]
    assert client.post(undo["url"], undo["fields"]).status_code == 302
    assert visible(ada, "interaction").get(key).values["at"].astimezone(BERLIN).date() == DAY
    assert move(client, handle(client), DAY.isoformat(), "14:30").status_code == 200
    value = visible(ada, "interaction").get(key).values["at"].astimezone(BERLIN)
    assert (value.date(), value.hour, value.minute) == (DAY, 14, 30)


def test_a_whole_day_moves_as_a_date() -> None:
    ada = f.admin()
    client = signed_in(ada)
    key = f.make(ada, "deal", name="Big one", close_on=DAY.isoformat(), owner=ada.user_id)
    choose(client, layers=["deals"])
    assert move(client, handle(client), "2024-02-29", "10:00").status_code == 200
    assert visible(ada, "deal").get(key).values["close_on"] == dt.date(2024, 2, 29)


def test_what_is_not_ones_own_or_changed_meanwhile_stays() -> None:
    ada, ben = f.admin(), f.user("Ben")
    client = signed_in(ada)
    theirs = meeting(ben, "Ben's")
    mine = meeting(ada, "Mine")
    old = handle(client)
    write.update(ada, "interaction", mine, {"at": at(hour=16)})
    before = snapshot()
    for entry, day, time, status in (
        (f"meetings:{theirs}:1", "2024-03-20", "", 404),
        (old, "2024-03-20", "", 409),
        ("meetings:999999:1", "2024-03-20", "", 404),
        ("nothing:1:1", "2024-03-20", "", 404),
        ("meetings", "2024-03-20", "", 404),
        (f"meetings:{mine}:2", "20-3-2024", "", 422),
        (f"meetings:{mine}:2", "2024-03-20", "25:00", 422),
        ("", "", "", 404),
    ):
        answer = move(client, entry, day, time)
        assert answer.status_code == status, entry
        assert answer.json()["error"]
    assert snapshot() == before


def test_who_may_not_edit_may_not_move() -> None:
    ann = f.user("Ann", rights={"interaction": {"read": "all", "create": "all", "edit": "none"}})
    key = meeting(ann, "Mine")
    client = signed_in(ann)
    assert "data-entry" not in shown(client)
    assert move(client, f"meetings:{key}:1", "2024-03-20").status_code in {403, 404}
    assert visible(ann, "interaction").get(key).values["at"].astimezone(BERLIN).date() == DAY


# -- making -----------------------------------------------------------------------------------------------------------


def test_an_empty_place_offers_what_may_be_made_there() -> None:
    client = signed_in(f.admin())
    html = client.get("/calendar/new/", {"day": "2024-03-20", "time": "14:30"}).content.decode()
    assert "/interactions/quick/?kind=meeting&amp;at=2024-03-20T14%3A30" in html
    assert "/tasks/quick/?due_at=2024-03-20T14%3A30" in html
    form = client.get("/interactions/quick/", {"kind": "meeting", "at": "2024-03-20T14:30"}).content.decode()
    assert 'value="2024-03-20T14:30"' in form
    assert client.get("/calendar/new/", {"day": "yesterday"}).status_code == 404
    only = signed_in(f.user("Ann", rights={"task": {"create": "none"}}))
    answer = only.get("/calendar/new/", {"day": "2024-03-20"})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/interactions/quick/")
    nothing = signed_in(f.user("Eve", rights={"*": {"create": "none"}}))
    assert nothing.get("/calendar/new/", {"day": "2024-03-20"}).status_code == 404
    assert "calendar-add" not in shown(nothing)


# -- the page ---------------------------------------------------------------------------------------------------------


def test_any_address_answers() -> None:
    client = signed_in(f.admin())
    for view in (*VIEWS, "", "x"):
        for day in ("", "x", "0001-01-01", "9999-12-31", "2024-02-30", "2024-12-31"):
            assert client.get("/calendar/", {"view": view, "day": day}).status_code == 200, (view, day)


def test_a_week_shows_all_hours_that_are_needed() -> None:
    ada = f.admin()
    client = signed_in(ada)
    meeting(ada, "Early", at=at(hour=6, minute=30))
    meeting(ada, "Over midnight", at=at(hour=23), minutes=120)
    html = shown(client, "week")
    assert 'data-opens="6" data-rows="36"' in html
    assert '<li class="at-2 for-3 lane-1-1">' in html
    assert '<li class="at-35 for-2 lane-1-1">' in html


@pytest.mark.parametrize("view", VIEWS)
def test_queries_do_not_grow_with_entries_or_people(view: str) -> None:
    team = Team.objects.create(name="Sales")
    ann = f.user("Ann", teams=(team,), rights=OWN)
    client = signed_in(ann)

    def ask() -> int:
        choose(client, teams=[team.pk])
        shown(client, view)
        with CaptureQueriesContext(connection) as captured:
            shown(client, view)
        return len(captured)

    meeting(ann, "Mine")
    meeting(f.user("Ben", teams=(team,)), "Ben's")
    few = ask()
    for n in range(6):
        someone = f.user(f"Ben{n}", teams=(team,), rights=OWN)
        for hour in range(8, 12):
            meeting(someone, f"Secret {n}", at=at(hour=hour))
            f.make(ann, "task", subject=f"Task {n}", due_at=at(hour=hour), assignee=ann.user_id)
    assert ask() <= few + 1
    assert len(entries(shown(client, view))) >= 5


def test_today_is_where_one_begins() -> None:
    ada = f.admin()
    client = signed_in(ada)
    today = timezone.now().astimezone(BERLIN).date()
    meeting(ada, "Now", at=at(today, 12))
    assert entries(client.get("/calendar/").content.decode()) == ["Now"]


def test_entries_that_overlap_stand_beside_each_other() -> None:
    ada = f.admin()
    client = signed_in(ada)
    for subject, hour, minutes in (("A", 9, 120), ("B", 9, 60), ("C", 10, 60), ("D", 11, 60)):
        meeting(ada, subject, at=at(hour=hour), minutes=minutes)
    lanes = re.findall(r'<li class="at-(\d+) for-(\d+) lane-(\d)-(\d)">', shown(client, "week"))
    assert lanes == [("3", "4", "1", "2"), ("3", "2", "2", "2"), ("5", "2", "2", "2"), ("7", "2", "1", "1")]
    for _n in range(12):
        meeting(ada, "Crowd", at=at(hour=15))
    html = shown(client, "week")
    assert html.count("-6") >= 12
    assert len(re.findall(r"lane-6-6", html)) == 7
