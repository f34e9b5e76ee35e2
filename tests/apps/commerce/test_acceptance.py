"""The page without sign-in on which a quote is accepted (ASVS 5.0: 2.2.1, 8.2.2), and documents as PDF."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader
from tests import factories as f
from tests.apps.commerce.conftest import document, only, values
from tests.contract.conftest import signed_in
from tests.database import snapshot

from rapport.apps.commerce import acceptance, letterhead, pdf, quotes
from rapport.features.notifications import reading
from rapport.lib.money import Money
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.errors import NotFound
from rapport.records.history.models import Change
from rapport.records.jobs import worker

TRIES = "records_cache"
"""Where tries are counted; nothing else in it matters."""


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PNG = b"".join(
    (
        b"\x89PNG\r\n\x1a\n",
        _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)),
        _chunk(b"IDAT", zlib.compress(b"\x00\xff\x00\x00")),
        _chunk(b"IEND", b""),
    )
)
"""A red point."""


@pytest.fixture(autouse=True)
def _no_tries(db: None) -> None:
    cache.clear()


def offered(caller: Caller, **more: Any) -> tuple[int, str]:
    """A quote that was sent, and its token."""
    quote = document(
        caller, "quote", {"price": "100 EUR", "description": "Rower"},
        {"price": "30 EUR", "description": "Mat", "optional": True},
        {"price": "50 EUR", "description": "Strap", "optional": True}, **more,
    )  # fmt: skip
    quotes.send(caller, [quote])
    token = quotes.token_of(quote)
    assert token
    return quote, token


def url(token: str, name: str = "quote-accept") -> str:
    return reverse(name, args=[token])


def test_a_customer_chooses_and_accepts(ada: Caller) -> None:
    quote, token = offered(ada)
    client, mat = Client(), only(ada, "quoteline", description="Mat")
    page = client.get(url(token))
    assert page.status_code == 200
    assert "€119.00" in page.content.decode()
    assert "sessionid" not in page.cookies
    sums = client.get(url(token, "quote-accept-sums"), {"chosen": [mat, "x", 10**30]}).content.decode()
    assert "€154.70" in sums
    nameless = client.post(url(token), {"act": "accept", "name": "  "})
    assert nameless.status_code == 422
    assert values(ada, "quote", quote)["status"] == "sent"

    done = client.post(url(token), {"act": "accept", "name": " Grace  Hopper ", "chosen": [mat]})
    assert done.status_code == 303
    found = values(ada, "quote", quote)
    assert (found["status"], found["answered_by"], found["total"]) == ("accepted", "Grace Hopper", Money(15470, "EUR"))
    assert found["evidence"].keys() == {"accepted", "name", "at", "chosen", "total", "currency", "sha256"}
    assert (found["evidence"]["chosen"], found["evidence"]["total"]) == ([mat], 15470)
    assert Change.objects.filter(object_key="quote", record_id=quote).latest("id").door == "link"
    assert "Grace Hopper" in client.get(url(token)).content.decode()
    before = snapshot(TRIES)
    assert client.post(url(token), {"act": "decline", "name": "Eve"}).status_code == 422
    assert snapshot(TRIES) == before


def test_whoever_owns_the_quote_is_told_once(ada: Caller) -> None:
    ben = f.user("Ben")
    quote, token = offered(ada, owner=ben.user_id)
    worker.drain()
    reading.mark_read(ben)
    Client().post(url(token), {"act": "accept", "name": "Grace Hopper"})
    worker.drain()
    number = values(ada, "quote", quote)["number"]
    found = [(n.kind, n.sentence, n.detail) for n in reading.page(ben, only_unread=True)]
    assert found == [("quote-answered", f"{number} was answered by its customer", "Accepted by Grace Hopper")]
    write.update(ada, "quote", quote, {"note": "Thank you"})
    worker.drain()
    assert [n.kind for n in reading.page(ben, only_unread=True)] == ["changed", "quote-answered"]


def test_declining_chooses_nothing(ada: Caller) -> None:
    quote, token = offered(ada)
    mat = only(ada, "quoteline", description="Mat")
    Client().post(url(token), {"act": "decline", "name": "Grace", "chosen": [mat]})
    found = values(ada, "quote", quote)
    assert (found["status"], found["total"]) == ("declined", Money(11900, "EUR"))


def test_a_line_that_is_no_option_or_of_another_quote_is_not_chosen(ada: Caller) -> None:
    quote, token = offered(ada)
    other = document(ada, "quote", {"price": "9 EUR", "description": "Other", "optional": True})
    rower, foreign = only(ada, "quoteline", description="Rower"), only(ada, "quoteline", quote=other)
    Client().post(url(token), {"act": "accept", "name": "Grace", "chosen": [rower, foreign]})
    assert values(ada, "quote", quote)["evidence"]["chosen"] == []
    assert not values(ada, "quoteline", foreign)["chosen"]


def test_an_offer_that_is_over_says_so_and_one_in_the_works_is_not_there(ada: Caller) -> None:
    quote, token = offered(ada, valid_until="2020-01-01")
    client = Client()
    assert "has expired" in client.get(url(token)).content.decode()
    before = snapshot(TRIES)
    assert client.post(url(token), {"act": "accept", "name": "Grace"}).status_code == 422
    assert client.get(url("nothing")).status_code == 404
    assert client.post(url("nothing"), {"act": "accept", "name": "Grace"}).status_code == 404
    assert snapshot(TRIES) == before
    write.update(ada, "quote", quote, {"status": "draft"})
    for name in ("quote-accept", "quote-accept-sums", "quote-accept-pdf"):
        assert client.get(url(token, name)).status_code == 404
    write.update(ada, "quote", quote, {"status": "sent", "valid_until": "2999-01-01"})
    assert quotes.token_of(quote) == token
    assert client.get(url(token)).status_code == 200


def test_answers_are_limited_and_need_the_token_of_the_form(ada: Caller) -> None:
    quote, token = offered(ada)
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(url(token), {"act": "accept", "name": "Grace"}).status_code == 403
    client = Client()
    statuses = [
        client.post(url(token), {"act": "accept", "name": ""}).status_code for _n in range(acceptance.TRIES + 1)
    ]
    assert set(statuses[:-1]) == {422}
    assert statuses[-1] == 429
    assert values(ada, "quote", quote)["status"] == "sent"


def test_any_input_to_the_open_pages_is_answered(ada: Caller) -> None:
    _quote, token = offered(ada)
    client = Client()
    for junk in ("\x00", "💥" * 400, "-1", "9" * 40, "' OR 1=1 --", "<script>"):
        assert client.get(url(token, "quote-accept-sums"), {"chosen": junk}).status_code == 200
        assert client.post(url(token), {"act": junk, "chosen": junk, "name": ""}).status_code == 422
        assert client.get(f"/quotes/accept/{junk}/").status_code < 500


# -- PDF ----------------------------------------------------------------------------------------------------


def text_of(data: bytes) -> tuple[str, int]:
    """The text of a PDF, and its pages."""
    reader = PdfReader(io.BytesIO(data))
    return "\n".join(page.extract_text() for page in reader.pages), len(reader.pages)


def test_a_quote_as_pdf(ada: Caller) -> None:
    letterhead.keep(
        ada, name="Acme GmbH", address="Weg 1\n10115 Berlin", contact="+49 30 1", bank="DE02", tax_id="DE123",
        footer="HRB 7", upload=Upload(PNG),
    )  # fmt: skip
    company = f.make(ada, "company", name="Kunde & Söhne <AG>", address={"street": "Ring 5", "city": "Köln"})
    quote, token = offered(ada, company=company, note="Thank *you*.\n\n#let x = 1")
    f.make(ada, "person")
    data, name = pdf.render(ada, "quote", quote)
    text, pages = text_of(data)
    number = values(ada, "quote", quote)["number"]
    assert name == f"Quote {number}.pdf"
    for expected in (
        f"Quote {number}", "Acme GmbH", "DE123", "Kunde & Söhne <AG>", "Ring 5", "Köln", "Rower",
        "optional, not in the sum", "€100.00", "Tax 19 % on €100.00", "€19.00", "€119.00", "Thank *you*.",
        "#let x = 1", "1 / 1",
    ):  # fmt: skip
        assert expected in text, expected
    assert pages == 1
    answer = Client().get(url(token, "quote-accept-pdf"))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF")


def test_documents_and_the_page_speak_the_language_of_their_reader(ada: Caller) -> None:
    quote, token = offered(ada, person=f.make(ada, "person", language="de_AT"))
    text, _pages = text_of(pdf.render(ada, "quote", quote)[0])
    for expected in ("Angebot Q-", "119,00\xa0€"):
        assert expected in text, expected
    assert "119,00\xa0€" in Client().get(url(token)).content.decode()
    english, _token = offered(ada, person=f.make(ada, "person", language="fr"))
    assert "€119.00" in text_of(pdf.render(ada, "quote", english)[0])[0]


def test_a_long_invoice_has_pages_and_its_own_title(ada: Caller) -> None:
    invoice = f.make(ada, "invoice", currency="JPY")
    rows = [{"invoice": invoice, "description": f"Part {n}", "price": "100 JPY", "tax_rate": 10} for n in range(90)]
    assert not write.create_many(ada, "invoiceline", rows).errors
    text, pages = text_of(pdf.render(ada, "invoice", invoice)[0])
    assert pages > 1
    for expected in ("Invoice DRAFT", "Part 89", "¥9,900", f"{pages} / {pages}"):
        assert expected in text, expected


def test_only_who_sees_a_document_gets_its_pdf(ada: Caller) -> None:
    order = document(ada, "order", {"price": "1 EUR", "description": "One"})
    path = reverse("document-pdf", args=["order", order])
    answer = signed_in(ada).get(path)
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''Order%20confirmation%20O-")
    stranger = f.user("Eve", rights={"*": {"read": "none"}})
    assert signed_in(stranger).get(path).status_code == 404
    with pytest.raises(NotFound):
        pdf.render(ada, "company", f.make(ada, "company"))


# -- letterhead ---------------------------------------------------------------------------------------------


class Upload(io.BytesIO):
    """A file that was sent."""

    @property
    def size(self) -> int:
        return len(self.getvalue())


def test_the_letterhead_is_kept_by_administrators(ada: Caller) -> None:
    client, path = signed_in(ada), reverse("settings-letterhead")
    texts = {"name": "Acme", "address": "Weg 1", "footer": "HRB"}
    picture = Upload(PNG)
    picture.name = "logo.png"
    assert client.post(path, {**texts, "logo": picture}).status_code == 303
    assert letterhead.read() == letterhead.Letterhead(**texts, logo=PNG, kind="png")
    assert client.post(path, {**texts, "name": "Acme AG"}).status_code == 303
    assert (letterhead.read().name, letterhead.read().logo) == ("Acme AG", PNG)
    assert client.get(path).status_code == 200
    ben = signed_in(f.user("Ben"))
    before = snapshot()
    for content in (b"<svg onload=alert(1)></svg>", PNG[:40]):
        drawing = Upload(content)
        drawing.name = "logo.png"
        assert client.post(path, {**texts, "logo": drawing}).status_code == 422
    assert ben.post(path, texts).status_code == 403
    assert snapshot() == before
    assert client.post(path, {**texts, "without_logo": "on"}).status_code == 303
    assert letterhead.read().logo is None
