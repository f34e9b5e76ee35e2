"""The main menu: parts that apps declare, what is rarely needed under "More", for each what one may see."""

from __future__ import annotations

import re

import pytest
from tests import factories as f
from tests.contract.conftest import signed_in

from rapport.surfaces.web import shell

pytestmark = pytest.mark.django_db


def parts(html: str) -> list[list[str]]:
    """Addresses by part of the menu."""
    nav = html.partition('<nav aria-label="Main"')[2].partition("</nav>")[0]
    return [re.findall(r'<a [^>]*href="([^"]+)"', part) for part in re.split(r'class="nav-title"', nav)]


def test_the_menu_stands_in_parts() -> None:
    f.organisation()
    f.custom_object("boat", "boats")
    client = signed_in(f.admin())
    html = client.get("/people/").content.decode()
    assert parts(html) == [
        ["/", "/tasks/", "/calendar/", "/people/", "/companies/", "/interactions/", "/boats/"],
        ["/leads/", "/deals/", "/forecast/", "/products/", "/quotes/", "/orders/", "/invoices/"],
        ["/tickets/", "/survey-answers/", "/costs/"],
    ]
    more = html.partition('<details class="nav-more"')[2].partition("</details>")[0]
    assert re.findall(r'<a [^>]*href="([^"]+)"', more) == ["/survey-answers/", "/costs/"]
    assert not more.startswith(" open")
    assert '<details class="nav-more" open>' in client.get("/costs/").content.decode()


def test_a_part_without_anything_to_see_is_not_there() -> None:
    nothing = dict.fromkeys(("read", "create"), "none")
    client = signed_in(f.user("Ann", rights={"*": nothing, "person": {"read": "all"}, "cost": {"read": "all"}}))
    assert parts(client.get("/people/").content.decode()) == [["/", "/calendar/", "/people/"], ["/costs/"]]


def test_what_names_no_known_part_stands_first() -> None:
    links = [{"url": "/x/", "menu": "gone", "beside": False, "active": False}]
    (part,) = shell._grouped(links)
    assert (part["label"], part["items"]) == ("", links)
