"""Every page as people get it: accessible in light, dark and on a phone, without script errors, small.

The weights are those of architecture.md: a first load of 160 kB and later pages of 20 kB, compressed, beside one module
that is cached from then on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pytest
from tests.browser import axe, until
from tests.stories.office import ADMINISTRATOR
from tests.stories.pages import Address, every_page

if TYPE_CHECKING:
    from tests.browser import Browser, Page
    from tests.stories.conftest import Place

pytestmark = pytest.mark.browser

DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
FIRST_LOAD = 160_000
LATER_LOAD = 20_000
CACHED_MODULES = 25_000
CONTRAST = ("color-contrast", "link-in-text-block")
WIDTH = (
    *CONTRAST, "target-size", "scrollable-region-focusable", "button-name", "link-name", "label", "select-name",
    "aria-hidden-focus", "heading-order", "td-headers-attr", "list", "listitem",
)  # fmt: skip
"""Rules of axe whose answer may change with the width: what is hidden, moved, laid out otherwise."""


FRAME = ("#side", "header.top", "#palette", "#sheet")


class Visitor:
    """One browser tab that visits page after page and notes what went over the wire and what scripts complain of."""

    def __init__(self, browser: Browser, base: str, state: dict[str, Any] | None) -> None:
        self.base = base
        self.context = browser.new_context(
            storage_state=state,  # type: ignore[arg-type]
            viewport=DESK,  # type: ignore[arg-type]
            locale="en-GB",
            color_scheme="light",
            base_url=base,
        )
        self.context.set_default_timeout(15_000)
        self.page = self.context.new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._heard)
        self.wire: dict[str, int] = {}
        self._paths: dict[str, str] = {}
        network = self.context.new_cdp_session(self.page)
        network.send("Network.enable")
        network.on("Network.requestWillBeSent", lambda e: self._paths.update({e["requestId"]: e["request"]["url"]}))
        network.on("Network.loadingFinished", self._arrived)

    def _heard(self, message: Any) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.errors.append(message.text)

    def _arrived(self, event: dict[str, Any]) -> None:
        path = self._paths.get(event["requestId"], "").removeprefix(self.base)
        self.wire[path] = self.wire.get(path, 0) + int(event["encodedDataLength"])

    def visit(self, path: str, status: int = 200) -> None:
        """Open a page and wait until nothing is loading."""
        self.errors.clear()
        self.wire.clear()
        answer = self.page.goto(self.base + path, wait_until="networkidle")
        assert answer is not None
        assert answer.status == status

    def look(self, width: dict[str, int], scheme: str) -> None:
        """Take another look at the same page."""
        self.page.set_viewport_size(width)  # type: ignore[arg-type]
        self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        until(self.page, "() => document.getAnimations().every((a) => a.playState !== 'running')")


@pytest.fixture(scope="module")
def member(browser: Browser, place: Place) -> Iterator[Visitor]:
    """The administrator's tab."""
    visitor = Visitor(browser, place.url, place.sign_in(browser, ADMINISTRATOR))
    visitor.visit("/")
    yield visitor
    visitor.context.close()


@pytest.fixture(scope="module")
def guest(browser: Browser, place: Place) -> Iterator[Visitor]:
    """A tab without a session."""
    visitor = Visitor(browser, place.url, None)
    yield visitor
    visitor.context.close()


PAGES = every_page()
LOOKS = ((DESK, "light"), (PHONE, "dark"))


@pytest.mark.parametrize("address", PAGES, ids=lambda a: a.name)
def test_page(address: Address, member: Visitor, guest: Visitor, place: Place) -> None:
    """Of the many in the same frame, axe looks at every other one in the light, at the others in the dark."""
    looks = LOOKS if not address.framed else LOOKS[PAGES.index(address) % 2 :][:1]
    faults = seen(address, guest if address.anonymous else member, place, looks)
    assert not faults, "\n".join(faults)


@pytest.mark.long
@pytest.mark.parametrize("address", [page for page in PAGES if page.framed], ids=lambda a: a.name)
def test_framed_page_in_light_and_dark(address: Address, member: Visitor, place: Place) -> None:
    faults = seen(address, member, place, LOOKS)
    assert not faults, "\n".join(faults)


def seen(address: Address, visitor: Visitor, place: Place, looks: Sequence[tuple[dict[str, int], str]]) -> list[str]:
    """What is wrong with a page; axe judges it in the looks that are named."""
    visitor.look(*LOOKS[0])
    visitor.visit(address.path.format(**place.ids), address.status)
    weights, faults = dict(visitor.wire), []
    for width, scheme in LOOKS:
        visitor.look(width, scheme)
        if (width, scheme) in looks:
            faults += [f"{scheme}: {v}" for v in axe(visitor.page, exclude=FRAME if address.framed else ())]
    faults += [f"wider than the phone: {w}" for w in overflowing(visitor.page)]
    faults += [f"script: {e}" for e in visitor.errors]
    return faults if address.anonymous else faults + too_heavy(weights)


def overflowing(page: Page) -> list[str]:
    """What stands beyond the right edge, when the page can be scrolled sideways."""
    found: list[str] = page.evaluate(
        """() => {
            const wide = document.documentElement.clientWidth;
            if (document.documentElement.scrollWidth <= wide) return [];
            return [...document.body.querySelectorAll("*")]
                .filter((e) => e.getBoundingClientRect().right > wide + 1 && e.checkVisibility())
                .slice(0, 5).map((e) => e.outerHTML.slice(0, 120));
        }"""
    )
    return found


def too_heavy(weights: dict[str, int]) -> list[str]:
    """What is over the weight of a later page: all but one module that is fetched for the first time."""
    assets = sorted((size for path, size in weights.items() if path.startswith("/static/") and size), reverse=True)
    own = sum(size for path, size in weights.items() if not path.startswith("/static/"))
    faults = [f"weight: {own} B"] if own > LATER_LOAD else []
    return faults + ([f"modules: {assets}"] if sum(assets) > CACHED_MODULES else [])


@pytest.mark.parametrize("path", ["/", "/people/", "/people/{person}/", "/deals/?layout=board"])
def test_first_load(path: str, browser: Browser, place: Place, member: Visitor) -> None:
    fresh = Visitor(browser, place.url, dict(member.context.storage_state()))
    fresh.visit(path.format(**place.ids))
    total = sum(fresh.wire.values())
    fresh.context.close()
    assert 20_000 < total <= FIRST_LOAD, sorted(fresh.wire.items(), key=lambda item: -item[1])[:8]


OPENED = {
    "quick-create": ("/people/", ("#quick-create-button", "#quick-create .menu-item >> nth=0"), "dialog[open] form"),
    "new-deal": ("/deals/", ("main .page-head .btn-primary",), "dialog[open] form"),
    "filter": ("/people/", ("#filter-button", "#filter .filter-head button >> nth=0"), "#filter .filter-row"),
    "columns": ("/people/", ("main button:has-text('Columns')",), ".columns-form:visible"),
    "selected": ("/people/", ("main tbody input[type=checkbox] >> nth=0",), ".bulk:visible"),
    "palette": ("/people/", (".search-open",), "#palette [role=option]"),
    "keys": ("/", ("#user-menu-button", "#user-menu [data-open=sheet]"), "#sheet[open]"),
    "move": ("/deals/?layout=board", ("[data-move] >> nth=0",), "[data-move-menu]:visible"),
    "inline": ("/people/{person}/", ("[data-inline] >> nth=0",), "form[data-inline-form]"),
    "share": ("/people/{person}/", ("#record-head .btn-icon", ".menu-item:has-text('Share')"), "dialog[open] form"),
    "solve": ("/tickets/{ticket}/", ("#record-head a:has-text('Solve')",), "dialog[open] textarea"),
    "hand-over": (
        "/people/{person}/",
        ("#record-head a:visible:has-text('Hand over')",),
        "dialog[open] textarea",
    ),
    "start-sequence": (
        "/people/{person}/",
        ("#record-head a:visible:has-text('Start sequence')",),
        "dialog[open] form",
    ),
    "mention": ("/people/{person}/", ("#compose-comment-tab",), "#compose-comment:visible textarea"),
    "compose": ("/people/{person}/", ("#compose-meeting-tab",), "#compose-meeting:visible"),
}
"""What opens on a page: where, what is clicked one after the other, what stands then."""


@pytest.mark.parametrize("name", OPENED)
@pytest.mark.parametrize("width", [DESK, PHONE], ids=["desk", "phone"])
def test_opened(name: str, width: dict[str, int], member: Visitor, place: Place) -> None:
    path, clicks, standing = OPENED[name]
    member.look(width, "light")
    member.visit(path.format(**place.ids))
    for target in clicks:
        member.page.locator(target).first.click()
    member.page.locator(standing).first.wait_for()
    member.page.wait_for_load_state("networkidle")
    faults = [*axe(member.page), *overflowing(member.page), *member.errors]
    member.look(width, "dark")
    faults += [f"dark: {v}" for v in axe(member.page, rules=CONTRAST)]
    assert not faults, "\n".join(faults)


def test_phone_menu(member: Visitor) -> None:
    member.look(PHONE, "light")
    member.visit("/")
    member.page.locator(".menu-button").click()
    member.page.locator("#side:popover-open").wait_for()
    assert not axe(member.page)
    member.page.locator("#side a[href='/people/']").click()
    member.page.wait_for_url("**/people/")
    member.page.locator("#side:popover-open").wait_for(state="hidden")


def test_what_is_looked_for_would_be_found(member: Visitor) -> None:
    member.look(PHONE, "light")
    member.visit("/")
    member.page.evaluate(
        """() => {
            const wide = document.createElement("div");
            wide.style.cssText = "width: 900px; color: #ccc; background: #fff";
            wide.innerHTML = "<button></button>pale";
            document.getElementById("main").append(wide);
        }"""
    )
    found = "\n".join(axe(member.page, rules=WIDTH))
    assert "color-contrast" in found
    assert "button-name" in found
    assert overflowing(member.page)
