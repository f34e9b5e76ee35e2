"""What a German user is shown: no page has a text of the English catalogue, or a sentence that never was in it."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.utils import translation
from django.utils.text import capfirst
from tests import factories as f
from tests.stories import office
from tests.stories.pages import every_page
from tools.translations import PLACEHOLDER, catalogues, read

from rapport.records.accounts import epochs
from rapport.records.accounts.models import User
from rapport.surfaces.web.settings import choices

SPOKEN = {"title", "alt", "placeholder", "aria-label", "data-label", "data-confirm"}
SILENT = {"script", "style", "code", "kbd"}
ENGLISH = re.compile(
    r"\b(?:the|of|this|these|with|and|you|your|from|are|can|not|none|yet|all|new|add|any|has|have|is|by|to|for|no)\b"
)
"""Words of which one stands in nearly every English sentence, and none in a German one."""
DATA = re.compile(
    r"Some \*?text\*?(?: \d+)?|^text$|and more|Text \d+|Invoice is wrong|It \*is\* so|^is$|^Fine$|Below \d|^company$"
    r"|Invoice|Isle of Man"
)
"""What the records of the test say, and an island without a German name."""
STAGES = (("Anfang", "open"), ("Gebot", "open"), ("Gelungen", "won"), ("Vorbei", "lost"))


class Shown(HTMLParser):
    """Collects what is shown or spoken."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: set[str] = set()
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self._silent.append(tag)
        for name, value in attrs:
            if name in SPOKEN:
                self._note(value or "")

    def handle_endtag(self, tag: str) -> None:
        if self._silent and self._silent[-1] == tag:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._note(data)

    def _note(self, text: str) -> None:
        if said := " ".join(text.split()):
            self.texts.add(said)


def shown(html: str) -> set[str]:
    """The texts of a page, each as one piece of it."""
    parser = Shown()
    parser.feed(html)
    parser.close()
    return parser.texts


class English:
    """Tells whether a text is one of the English catalogue that German says otherwise."""

    def __init__(self) -> None:
        plain: set[str] = set()
        german: set[str] = set()
        patterns = []
        for message in read(catalogues()["de"], "de"):
            sources, said = (
                {text} if isinstance(text, str) else set(text) for text in (message.id, message.string or "")
            )
            german |= said
            for text in sources - said - {""}:
                if PLACEHOLDER.search(text):
                    patterns.append(".+".join(re.escape(part) for part in PLACEHOLDER.split(text)))
                else:
                    plain.add(text.strip())
        self.plain = {form for text in plain - german for form in (text, capfirst(text))} - german
        self.pattern = re.compile("|".join(f"(?:{p})" for p in patterns if re.search(r"[a-z]{3}", p)))

    def says(self, text: str) -> bool:
        """Whether the text, or what is left of it beside what records say, is English."""
        left = " ".join(DATA.sub("", text).split())
        return left in self.plain or bool(self.pattern.fullmatch(left)) or bool(ENGLISH.search(left))


@pytest.fixture(scope="module")
def english() -> English:
    return English()


def reader(user: User) -> Client:
    """The browser of a user, who reads German from now on."""
    User.objects.filter(pk=user.pk).update(language="de")
    epochs.raise_(epochs.RIGHTS)
    client = Client(headers={"accept-language": "de"})
    client.force_login(user)
    return client


@pytest.mark.django_db
def test_no_page_says_an_english_text(english: English, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "STAGES", STAGES)
    with translation.override("de"):
        ids = office.fill()
    client = reader(User.objects.get(email=office.ADMINISTRATOR))
    guest = Client(headers={"accept-language": "de"})
    zones = {name for _key, name in choices.zones()}
    found: dict[str, set[str]] = {}
    for address in every_page():
        answer = (guest if address.anonymous else client).get(address.path.format(**ids))
        assert answer.status_code == address.status, address.name
        for text in shown(answer.content.decode()) - zones:
            if english.says(text):
                found.setdefault(text, set()).add(address.name)
    faults = [f"{text!r}: {', '.join(sorted(names)[:3])}" for text, names in sorted(found.items())]
    assert not faults, "\n".join(faults)


@pytest.mark.django_db
def test_amounts_are_written_and_read_as_germans_do() -> None:
    ada = f.admin()
    deal = f.make(ada, "deal")
    client = reader(User.objects.get(pk=ada.user_id or 0))
    form = {"fields": "amount", "amount": "1.250,50", "amount_currency": "EUR"}
    assert client.post(f"/deals/{deal}/edit/", form).status_code == 303
    assert "1.250,50 €" in client.get(f"/deals/{deal}/").content.decode().replace("\u00a0", " ")
    assert 'value="1250,50"' in client.get(f"/deals/{deal}/edit/").content.decode()
    refused = client.post(f"/deals/{deal}/edit/", {**form, "amount": "viel"})
    assert refused.status_code == 422
    assert 'value="viel"' in refused.content.decode()


@pytest.mark.django_db
def test_a_filter_is_said_as_germans_write_days_and_numbers() -> None:
    ada = f.admin()
    client = reader(User.objects.get(name=ada.name))
    conditions = [
        {"field": "close_on", "op": "after", "value": "2026-11-21"},
        {"field": "amount", "op": "gte", "value": {"amount": "1250.5", "currency": "EUR"}},
        {"field": "probability", "op": "gte", "value": 1000},
    ]
    page = client.get("/deals/", {"filter": json.dumps({"all": conditions})}).content.decode()
    said = shown(page)
    assert {
        "Erwarteter Abschluss liegt nach dem 21.11.2026",
        "Betrag ≥ 1250,5 EUR",
        "Wahrscheinlichkeit ≥ 1.000",
    } <= said
