"""The door without a session: routes, methods, bodies, origins, what is away. ASVS 5.0 V3.4, V4.1, V13.2."""

from __future__ import annotations

import gzip
import io
from typing import Any

import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from rapport.registry import extensions
from rapport.registry.extensions import PublicRoute
from rapport.surfaces.public.asking import Answer, Asked, Refused, json
from rapport.surfaces.public.door import Door

PAGE = "https://page.example"


def answer(asked: Asked) -> Answer:
    if asked.path["what"] == "away":
        raise OperationalError
    if asked.path["what"] == "broken":
        raise ZeroDivisionError("inside")
    if asked.path["what"] == "refused":
        raise Refused(402, "pay", "Pay first.", origin=asked.origin)
    return json([asked.path["what"], asked.query.get("q"), asked.body.decode()], origin=asked.origin)


def packed(raw: bytes) -> bytes:
    """In gzip, the same at any time."""
    return gzip.compress(raw, mtime=0)


def past(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("past")


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> Door:
    route = PublicRoute(
        name="test", path="/hook/<what>/in", methods=("GET", "POST"), run=answer, most_bytes=100,
        origins=lambda origin: origin == PAGE,
    )  # fmt: skip
    monkeypatch.setattr(extensions, "all_of", lambda kind: [route] if kind is PublicRoute else [])
    return Door(past)


def ask(door: Door, method: str, path: str, body: bytes = b"", **environ: Any) -> Any:
    return door(RequestFactory().generic(method, path, body, "text/plain", **environ))


@pytest.mark.parametrize("path", ["/", "/hook", "/hook/a", "/hook/a/out", "/hook/a/in/more", "/hooks/a/in", "//a/in"])
def test_what_is_no_route_goes_on(door: Door, path: str) -> None:
    assert ask(door, "POST", path).content == b"past"


def test_a_route_is_answered_with_its_pieces(door: Door) -> None:
    found = ask(door, "POST", "/hook/a/in/?q=1", b"body", HTTP_ORIGIN=PAGE.upper())
    assert (found.status_code, found.content) == (200, b'["a","1","body"]')
    assert dict(found.headers) == {
        "Content-Type": "application/json", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
        "Vary": "Origin", "Access-Control-Allow-Origin": PAGE,
    }  # fmt: skip
    assert "Access-Control-Allow-Origin" not in ask(door, "GET", "/hook/a/in").headers


@pytest.mark.parametrize(
    ("body", "status", "got"),
    [
        (b"x" * 100, 200, "x" * 100), (b"x" * 101, 413, None), (packed(b"x" * 100), 200, "x" * 100),
        (packed(b"x" * 101), 413, None), (packed(b"\0" * 50_000), 413, None),
        (packed(b"abc")[:-1], 400, None), (b"\x1f\x8bnonsense", 400, None), (b"", 200, ""),
    ],
)  # fmt: skip
def test_bodies_are_bounded(door: Door, body: bytes, status: int, got: str | None) -> None:
    found = ask(door, "POST", "/hook/a/in", body, HTTP_CONTENT_ENCODING="gzip")
    assert found.status_code == status
    if got is not None:
        assert found.content.decode() == f'["a",null,"{got}"]'


def test_a_body_that_is_streamed_is_bounded_too(door: Door) -> None:
    for size, status in ((100, 200), (101, 413), (5000, 413)):
        request = RequestFactory().generic("POST", "/hook/a/in", HTTP_TRANSFER_ENCODING="chunked")
        request.META.pop("CONTENT_LENGTH", None)
        request.META["wsgi.input"] = io.BytesIO(b"x" * size)
        assert door(request).status_code == status


def test_who_sends_too_much_is_heard_out_but_not_for_ever(door: Door) -> None:
    for size, left in ((400, 0), (1000, 600)):
        request = RequestFactory().generic("POST", "/hook/a/in", b"x" * size, "text/plain")
        assert door(request).status_code == 413
        assert len(request.read()) == left


def test_preflights_tell_listed_origins_only(door: Door) -> None:
    asked = {"HTTP_ACCESS_CONTROL_REQUEST_HEADERS": "x-one,\tx-two", "HTTP_ORIGIN": PAGE}
    found = ask(door, "OPTIONS", "/hook/a/in", **asked)
    assert (found.status_code, found["Access-Control-Allow-Headers"]) == (204, "x-one, x-two")
    assert found["Access-Control-Allow-Methods"] == "GET, POST, OPTIONS"
    assert found["Access-Control-Allow-Origin"] == PAGE
    for origin in ("https://other.example", "null"):
        found = ask(door, "OPTIONS", "/hook/a/in", **{**asked, "HTTP_ORIGIN": origin})
        assert found.status_code == 403
        assert not [name for name in found.headers if name.startswith("Access-Control")]
    plain = ask(door, "OPTIONS", "/hook/a/in")
    assert (plain.status_code, plain["Allow"]) == (204, "GET, POST, OPTIONS")


def test_refusals_are_short_and_tell_nothing_of_the_inside(door: Door) -> None:
    assert ask(door, "PUT", "/hook/a/in").status_code == 405
    refused = ask(door, "GET", "/hook/refused/in", HTTP_ORIGIN=PAGE)
    assert (refused.status_code, refused.json() if hasattr(refused, "json") else refused.content) == (
        402, b'{"success":false,"error":{"code":"pay","message":"Pay first."}}',
    )  # fmt: skip
    away = ask(door, "GET", "/hook/away/in")
    assert (away.status_code, away["Retry-After"]) == (503, "5")
    broken = ask(door, "GET", "/hook/broken/in")
    assert (broken.status_code, b"inside" in broken.content) == (500, False)
    many = "&".join(f"a{n}=1" for n in range(6000))
    assert ask(door, "GET", f"/hook/a/in?{many}").status_code == 400
