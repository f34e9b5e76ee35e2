"""Segment's tracking API as its libraries use it: calls, keys, answers, limits, clocks. ASVS 5.0 V4.1, V13.2, V15.2."""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import json
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tests.apps.cdp.intake import ORIGIN, Door, identify, track
from tests.database import snapshot

from rapport.apps.cdp import intake, sources
from rapport.apps.cdp.models import Event, IntakeMinute
from rapport.apps.customers.models import Identity
from rapport.records import write
from rapport.records.accounts.caller import Caller

SUCCESS = (200, b'{"success": true}')
NOW = dt.datetime(2026, 5, 4, 12, tzinfo=dt.UTC)
ONE = {"userId": "u1", "event": "Bought", "name": "Prices"}


def packed(raw: bytes) -> bytes:
    """In gzip, the same at any time."""
    return gzip.compress(raw, mtime=0)


def stored() -> list[tuple[str, str, str]]:
    """Kind, name and identity of what is stored."""
    return list(Event.objects.order_by("id").values_list("kind", "name", "identity__value"))


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("call", ["identify", "track", "page", "screen", "group", "alias", *"itpsga"])
def test_every_call_is_taken(door: Door, call: str, slash: str) -> None:
    answer = door.post(f"/v1/{call}{slash}", {**ONE, "previousId": "v1"})
    assert (answer.status_code, answer.content) == SUCCESS
    ((kind, name, who),) = stored()
    assert kind == next(k for k in Event._meta.get_field("kind").choices or () if k[0].startswith(call))[0]
    assert (name, who) == ("Bought" if kind == "track" else "Prices", "u1")


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/b", "/v1/import", "/beacon/v1/batch"])
def test_a_batch_with_a_bad_event_keeps_the_others(door: Door, path: str) -> None:
    bad = [
        {"type": "nonsense", "userId": "u1"}, {"type": "track", "userId": {"a": 1}}, [], "text", None,
        {"type": "track", "userId": "", "anonymousId": None}, {"type": "page", "userId": "u1", "name": "x" * 33_000},
    ]  # fmt: skip
    batch = [track("u1", None, "First"), *bad, track("u1", None, "Last")]
    answer = door.post(path, {"batch": batch})
    assert (answer.status_code, answer.content) == SUCCESS
    assert [name for _kind, name, _who in stored()] == ["First", "Last"]
    counted = IntakeMinute.objects.get()
    assert (counted.taken, counted.refused, counted.reason) == (2, len(bad), "too-large")


def test_the_key_comes_in_three_ways(door: Door) -> None:
    assert door.post("/v1/track", ONE).status_code == 200
    assert door.post("/v1/track", {**ONE, "writeKey": door.key}, key="").status_code == 200
    assert door.post(f"/beacon/v1/batch?writeKey={door.key}", {"batch": []}, key="").status_code == 200
    assert Event.objects.count() == 2


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/v1/track", b"{", 400, "malformed"),
        ("/v1/track", b"[1]", 400, "malformed"),
        ("/v1/track", b"", 400, "malformed"),
        ("/v1/track", b"\xff\xfe", 400, "malformed"),
        ("/v1/track", b"[" * 100_000, 400, "malformed"),
        ("/v1/track", {"event": "x"}, 400, "nobody"),
        ("/v1/track", {"userId": "undefined", "anonymousId": "000-0"}, 400, "nobody"),
        ("/v1/track", {"userId": "x" * 321}, 400, "nobody"),
        ("/v1/track", {"userId": "u", "properties": {"x": "y" * 33_000}}, 413, "too-large"),
        ("/v1/batch", {"batch": {}}, 400, "malformed"),
        ("/v1/batch", {"userId": "u"}, 400, "malformed"),
        ("/v1/batch", {"batch": [{}] * 2501}, 413, "too-large"),
        ("/v1/batch", b"x" * (4 * 1024 * 1024 + 1), 413, "too-large"),
        ("/v1/batch", packed(b" " * 100_000_000), 413, "too-large"),
        ("/v1/batch", packed(b'{"batch": []}')[:-9], 400, "malformed"),
        ("/v1/nonsense", ONE, 404, "not-found"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_refused_says_why_and_stores_nothing(door: Door, path: str, body: Any, status: int, code: str) -> None:
    before = snapshot("cdp_intakeminute")
    answer = door.post(path, body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.json()["success"] is False
    assert snapshot("cdp_intakeminute") == before


def test_without_a_sound_key_nothing_is_taken(door: Door, admin: Caller) -> None:
    before = snapshot()
    for key in ("wrong", "", "x" * 200, "a\0b"):
        answer = door.post("/v1/track", {**ONE, "writeKey": key}, key=key)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "key"), key
    assert snapshot() == before
    old = door.key
    sources.replace_key(admin, door.id)
    assert door.post("/v1/track", ONE, key=old).status_code == 401
    new = sources.key_of(admin, door.id)
    assert door.post("/v1/track", ONE, key=new).status_code == 200
    write.update(admin, "event_source", door.id, {"active": False})
    assert door.post("/v1/track", ONE, key=new).status_code == 401


def test_many_wrong_keys_of_one_address_are_told_to_wait(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "MOST_STRANGERS", 2)
    statuses = [door.post("/v1/track", ONE, key="wrong").status_code for _ in range(3)]
    assert statuses == [401, 401, 429]
    assert door.post("/v1/track", ONE).status_code == 200


def test_pages_of_other_origins_get_nothing(door: Door) -> None:
    taken = door.post("/v1/t", ONE, Origin=ORIGIN)
    assert (taken.status_code, taken["Access-Control-Allow-Origin"]) == (200, ORIGIN)
    before = snapshot()
    for origin in ("https://evil.example", "null", "http://shop.example", "https://shop.example:8443"):
        refused = door.post("/v1/t", ONE, Origin=origin)
        assert refused.status_code == 403
        assert not [name for name in refused.headers if name.startswith("Access-Control")]
    assert snapshot() == before
    asked = {"Access-Control-Request-Headers": "content-type, anonymousid", "Access-Control-Request-Method": "POST"}
    allowed = door.client.options("/v1/t", headers={"Origin": ORIGIN, **asked})
    assert (allowed.status_code, allowed["Access-Control-Allow-Headers"]) == (204, "content-type, anonymousid")
    assert allowed["Access-Control-Allow-Origin"] == ORIGIN
    assert "POST" in allowed["Access-Control-Allow-Methods"]
    stranger = door.client.options("/v1/t", headers={"Origin": "https://evil.example", **asked})
    assert (stranger.status_code, "Access-Control-Allow-Origin" in stranger) == (403, False)


def test_a_body_is_read_whatever_it_is_called(door: Door) -> None:
    raw = packed(json.dumps({"batch": [track("u1", None, "Packed")]}).encode())
    for content_type in ("application/x-www-form-urlencoded", "text/plain;charset=UTF-8", "multipart/form-data"):
        headers = {"Authorization": "Basic " + base64.b64encode(f"{door.key}:".encode()).decode()}
        answer = door.client.generic("POST", "/v1/batch", raw, content_type, headers=headers)
        assert (answer.status_code, answer.content) == SUCCESS, content_type
    assert Event.objects.count() == 3
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "no-store"


def test_letters_cut_in_half_do_not_refuse_a_batch(door: Door) -> None:
    raw = (
        rb'{"batch": [{"type": "track", "userId": "u1", "event": "A\ud83d"},'
        rb'{"type": "track", "userId": "u1", "event": "\ud83d\ude00 \\ud83d"}]}'
    )
    assert door.post("/v1/batch", raw).status_code == 200
    assert [name for _kind, name, _who in stored()] == ["A\ufffd", "\U0001f600 \\ud83d"]


def test_ids_may_be_numbers_and_traits_sit_in_the_context(door: Door) -> None:
    door.send({"type": "track", "userId": 12, "anonymousId": "", "event": "A"},
              {"type": "page", "userId": None, "anonymousId": 7.5},
              {"type": "track", "userId": "-1", "anonymousId": "v1", "event": "B", "context": {"traits": {
                  "email": "noor@example.com"}}})  # fmt: skip
    assert [who for _kind, _name, who in stored()] == ["12", "7.5", "v1"]
    assert Identity.objects.get(value="v1").person_id is not None


def test_what_is_sent_again_is_stored_once(door: Door) -> None:
    batch = {"batch": [{**track("u1", None, "A"), "messageId": "m1", "timestamp": "2026-05-04T10:00:00Z"}]}
    for sent in ("2026-05-04T10:00:01Z", "2026-05-04T10:05:00Z"):
        assert door.post("/v1/batch", {**batch, "sentAt": sent}).status_code == 200
    assert door.post("/v1/batch", {"batch": [*batch["batch"], *batch["batch"]]}).status_code == 200
    assert Event.objects.count() == 1
    other = Door(door.admin, name="Other")
    other.send(*batch["batch"])
    assert Event.objects.count() == 2, "message ids are those of one source"
    for _again in range(2):
        door.send(track("u1", None, "B"))
    assert Event.objects.filter(name="B").count() == 2, "without a message id, each is an event of its own"


@pytest.mark.parametrize(
    ("event", "batch", "minutes"),
    [
        ({}, {}, 0),
        ({"timestamp": "2026-05-04T11:50:00Z"}, {}, -10),
        ({"timestamp": "2026-05-04T11:50:00Z"}, {"sentAt": "2026-05-04T12:00:00Z"}, -10),
        ({"timestamp": "2026-05-04T15:00:00+00:00"}, {"sentAt": "2026-05-04T15:05:00Z"}, -5),
        ({"originalTimestamp": "2020-01-01T00:00:00Z", "sentAt": "2020-01-01T00:03:00Z"}, {}, -3),
        ({"originalTimestamp": "2020-01-01T00:00:00Z", "sentAt": "2020-01-01T00:03:00Z"}, {"sentAt": "1970-01-01"}, -3),
        ({"timestamp": 1777895400000}, {"sentAt": 1777895460}, -1),
        ({"timestamp": "2026-05-04T13:00:00"}, {}, 0),
        ({"timestamp": "2026-05-04T12:10:00Z"}, {"sentAt": "2026-05-04T12:00:00Z"}, 0),
        ({"timestamp": "1970-01-01T00:00:00Z"}, {}, 0),
        ({"timestamp": "0001-01-01T00:00:00+14:00"}, {"sentAt": "9999-12-31T23:59:59-12:00"}, 0),
        ({"timestamp": "yesterday", "sentAt": True}, {"sentAt": 1e300}, 0),
    ],
)
def test_clocks_are_corrected(door: Door, event: dict[str, Any], batch: dict[str, Any], minutes: int) -> None:
    with time_machine.travel(NOW, tick=False):
        door.send({**track("u1", None, "A"), **event}, **batch)
    (found,) = Event.objects.all()
    assert (found.at - NOW, found.received_at) == (dt.timedelta(minutes=minutes), NOW)


def test_a_source_sends_so_much_in_a_minute(door: Door, settings: Any) -> None:
    settings.EVENTS_PER_MINUTE = 3
    with time_machine.travel(NOW, tick=False) as clock:
        door.send(*[track("u1", None, str(n)) for n in range(3)])
        before = snapshot()
        for _again in range(2):
            answer = door.post("/v1/batch", {"batch": [track("u1", None, "too much")]})
            assert (answer.status_code, answer["Retry-After"]) == (429, "60")
        assert snapshot() == before
        clock.shift(60)
        door.send(track("u1", None, "in time"))
    assert Event.objects.count() == 4


def test_pixels_are_always_an_image(door: Door) -> None:
    said = json.dumps({"writeKey": door.key, **ONE})
    text = base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")
    for data in (text, said, "%%%", "", "e30", base64.b64encode(b'{"writeKey": "wrong"}').decode()):
        answer = door.client.get("/v1/pixel/track", {"data": data})
        assert (answer.status_code, answer["Content-Type"], answer.content[:6]) == (200, "image/gif", b"GIF89a")
    assert door.client.get("/v1/pixel/nonsense").status_code == 200
    assert [who for _kind, _name, who in stored()] == ["u1", "u1"]


def test_libraries_learn_where_to_send(door: Door, settings: Any) -> None:
    settings.BASE_URL = "https://crm.example"
    found = door.get(f"/v1/projects/{door.key}/settings", Origin=ORIGIN)
    assert (
        found.json()["integrations"]["Segment.io"] | {"apiKey": door.key, "apiHost": "crm.example/v1"}
        == (found.json()["integrations"]["Segment.io"])
    )
    assert found["Access-Control-Allow-Origin"] == ORIGIN
    rudder = door.get(f"/sourceConfig/?p=web&writeKey={door.key}").json()["source"]
    assert (rudder["enabled"], rudder["destinations"], rudder["writeKey"]) == (True, [], door.key)
    assert rudder["config"]["statsCollection"]["errors"] == {"enabled": False}
    for path in ("/v1/projects/wrong/settings", "/sourceConfig/?writeKey=wrong", "/sourceConfig"):
        assert door.get(path).status_code == 404
    assert door.get(f"/v1/projects/{door.key}/settings", Origin="https://evil.example").status_code == 403
    assert door.get("/v1/track").status_code == 405


def test_no_key_is_in_the_log(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", logger="rapport.access"):
        assert door.get(f"/v1/projects/{door.key}/settings").status_code == 200
        assert door.post(f"/beacon/v1/batch?writeKey={door.key}", {"batch": []}, key="").status_code == 200
    paths = [record.__dict__["path"] for record in caplog.records if record.name == "rapport.access"]
    assert paths == ["/v1/projects/…/settings", "/beacon/v1/batch"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    ["type", "userId", "anonymousId", "previousId", "event", "name", "messageId", "timestamp", "sentAt", "traits",
     "context", "properties", "batch", "writeKey", "originalTimestamp"]
)  # fmt: skip
BODIES = st.dictionaries(FIELDS, JSON, max_size=6) | st.builds(
    lambda events, rest: {**rest, "batch": events}, st.lists(st.dictionaries(FIELDS, JSON) | JSON, max_size=4),
    st.dictionaries(FIELDS, JSON, max_size=2),
)  # fmt: skip


@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(["/v1/identify", "/v1/t", "/v1/batch", "/v1/alias", "/beacon/v1/batch", "/v1/pixel/t"]),
    body=BODIES.map(lambda body: json.dumps(body).encode()) | st.binary(max_size=60), cut=st.integers(0, 40),
)  # fmt: skip
def test_no_input_is_a_fault_of_ours(door: Door, path: str, body: bytes, cut: int) -> None:
    raw = body[: len(body) - cut] if cut > 30 else body
    answer = door.post(path, packed(raw) if cut == 7 else raw)
    assert answer.status_code < 500, (raw, answer.content)
    found = door.client.get("/v1/pixel/identify", {"data": base64.b64encode(raw).decode()})
    assert found.status_code == 200
    worker_finds_no_fault(door)


def worker_finds_no_fault(door: Door) -> None:
    door.send(identify(None, "probe"))
    assert not Event.objects.filter(resolution__in=["failed", "waiting"]).exists()
