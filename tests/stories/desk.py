"""The page of one user after another, in one language, and the database behind it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import translation
from tests import factories as f
from tests.contract.conftest import signed_in
from tools.translations import catalogues, read

from rapport.records.accounts import epochs
from rapport.records.accounts.caller import Caller, system
from rapport.records.accounts.models import User
from rapport.records.jobs import worker
from rapport.records.read import visible

if TYPE_CHECKING:
    from playwright.sync_api import Locator
    from tests.browser import Browser, Page

SIZES = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
LANGUAGES = {"en": "en-GB", "de": "de-DE"}
VARIANTS = [
    "desk-en",
    "phone-de",
    pytest.param("desk-de", marks=pytest.mark.long),
    pytest.param("phone-en", marks=pytest.mark.long),
]
"""Each size and each language in the short run; each with each in the long one."""
PATIENCE_MS = 60_000
SHOTS = os.environ.get("RAPPORT_STORY_SHOTS", "")
"""A folder into which a story puts a picture of each of its steps."""


@cache
def catalogue() -> frozenset[str]:
    """The texts that the product says."""
    messages = read(catalogues()["de"], "de")
    return frozenset(form for m in messages for form in ((m.id,) if isinstance(m.id, str) else m.id))


class Desk:
    """What people do in a browser, by the words that they read there."""

    def __init__(self, page: Page, url: str, caller: Caller, variant: str) -> None:
        self.page, self.url, self.variant = page, url, variant
        self.wide, self.language = variant.startswith("desk"), variant.rpartition("-")[2]
        self.caller = caller
        self.seat(caller)

    def seat(self, caller: Caller) -> None:
        """From now on another user looks at the page, in the language of the story."""
        User.objects.filter(pk=caller.user_id or 0).update(language=self.language)
        epochs.raise_(epochs.RIGHTS)
        self.caller = f.caller_of(caller.user_id)
        cookie = signed_in(self.caller).cookies["sessionid"].value
        self.page.context.clear_cookies()
        self.page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": self.url}])

    # -- what is read ----------------------------------------------------------------------------------------------

    def say(self, text: str, **values: Any) -> str:
        """A text of the catalogue as the page says it. Fails for one that the language lacks."""
        with translation.override(self.language):
            said = translation.gettext(text)
        assert text in catalogue(), f"not in the catalogue: {text}"
        for name, value in values.items():
            for place in (f"%({name})s", f"%({name})d", f"{{{name}}}"):
                said = said.replace(place, str(value))
        return said

    def told(self, text: str) -> None:
        """Wait until the timeline says it."""
        self.page.locator("#timeline", has_text=text).wait_for()

    def toast(self, text: str) -> None:
        """Wait for a short message at the edge of the page."""
        self.page.locator(".toast", has_text=text).first.wait_for()

    def only(self, key: str) -> dict[str, Any]:
        """The values of the one record of an object, with its `id`."""
        ids = visible(system(), key).ids()
        assert len(ids) == 1, (key, ids)
        return {"id": ids[0], **visible(system(), key).get(ids[0]).values}

    def money(self, english: str, german: str) -> str:
        """An amount of euros as the page writes it."""
        return f"€{english}" if self.language == "en" else f"{german}\u00a0€"

    def until(self, field: Locator, texts: dict[str, str]) -> None:
        """Wait until a field holds what it shall in the language of the story."""
        from playwright.sync_api import expect

        expect(field).to_have_value(texts[self.language])

    # -- what is done ----------------------------------------------------------------------------------------------

    def open(self, path: str) -> None:
        """Go to a page and wait until its scripts stand."""
        self.page.goto(self.url + path)
        self.quiet()

    def quiet(self) -> None:
        """Wait until nothing is loading."""
        self.page.wait_for_load_state("networkidle")

    @contextmanager
    def shown_anew(self) -> Iterator[None]:
        """Within it something is pressed that shows a page; afterwards the page stands."""
        self.page.evaluate("document.getElementById('main').dataset.old = ''")
        yield
        self.page.locator("#main:not([data-old])").wait_for(state="attached")
        self.quiet()

    def arrive(self, path: str) -> None:
        """Wait for a page that an act leads to."""
        self.page.wait_for_url(self.url + path)
        self.quiet()

    def act(self, label: str) -> None:
        """Press what the head of a record's page offers, or its menu."""
        head = self.page.locator("#record-head")
        button = head.locator(".page-actions > *", has_text=label).first
        if not button.is_visible():
            head.locator(".page-actions .btn-icon").last.click()
            button = head.locator(".menu-item", has_text=label).first
        with self.shown_anew():
            button.click()

    def step(self, label: str) -> None:
        """Go along the path of a record's page."""
        with self.shown_anew():
            self.page.locator(".steps").get_by_role("button", name=label, exact=True).click()

    def pick(self, box: Locator, text: str) -> None:
        """Choose a record in a field that searches."""
        box.click()
        box.fill(text)
        self.page.locator("[role=option]", has_text=text).first.click()

    def move(self, card: Locator, column: str) -> None:
        """Move a card of the board: by keys at a desk, by its menu on a phone."""
        with self.page.expect_response(lambda answer: "/move/" in answer.url):
            if self.wide:
                card.locator(".card-title").focus()
                self.page.keyboard.press("Control+ArrowRight")
            else:
                card.locator("[data-move]").click()
                self.page.locator("[data-move-menu]").get_by_role("menuitem", name=column).click()

    def enter(self, tab: str) -> Locator:
        """Open a tab of the composer: its large field, which has the focus."""
        self.page.locator(f"#compose-{tab}-tab").click()
        field = self.page.locator(f"#compose-{tab} form").locator("textarea, input[type=text]").first
        field.wait_for()
        field.click()
        return field

    def send(self, tab: str) -> None:
        """Send what was written by keyboard; the server takes it."""
        with self.page.expect_response(lambda answer: f"/compose/{tab}/" in answer.url) as sent:
            self.page.keyboard.press("Control+Enter")
        assert sent.value.ok

    def notified(self, sentence: str) -> None:
        """Read the notifications: open the one that says this."""
        worker.drain()
        self.open("/notifications/")
        self.shot("notifications")
        with self.shown_anew():
            self.page.locator(".notice-open", has_text=sentence).first.click()

    def shot(self, name: str) -> None:
        """A picture, when someone wants to look at the story."""
        self.shot_of(self.page, name)

    def shot_of(self, page: Page, name: str) -> None:
        """A picture of another page, such as a customer's."""
        if SHOTS:
            folder = Path(SHOTS) / self.variant
            folder.mkdir(parents=True, exist_ok=True)
            number = len(list(folder.glob("*.png"))) + 1
            page.screenshot(path=folder / f"{number:02} {name}.png", full_page=not self.wide)


@contextmanager
def desk_of(browser: Browser, url: str, caller: Caller, variant: str) -> Iterator[Desk]:
    """The desk of a user in a browser of its own; `variant` names size and language."""
    from tests.browser import fresh_page

    size, _dash, language = variant.partition("-")
    with fresh_page(browser, viewport=SIZES[size], locale=LANGUAGES[language]) as page:
        page.set_default_timeout(PATIENCE_MS)
        yield Desk(page, url, caller, variant)
