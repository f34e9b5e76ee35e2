"""An import by clicks, at the desk and on a phone."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest
from tests import factories as f
from tests.browser import Page, axe, until
from tests.surfaces.web.lists.conftest import client_of

from rapport.features.transfer import importing
from rapport.records.jobs.worker import drain
from rapport.records.read import visible

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FEBRL = Path(__file__).parents[3] / "data" / "febrl3.csv"


@pytest.mark.parametrize("width", [1280, 390])
def test_the_first_rows_of_febrl_are_imported_by_clicks(page: Page, live: str, tmp_path: Path, width: int) -> None:
    admin = f.admin()
    session = client_of(admin).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live}])
    page.set_viewport_size({"width": width, "height": 900})
    path = tmp_path / "febrl3.csv"
    with FEBRL.open(encoding="utf-8") as file:
        path.write_text("".join(islice(file, 31)), encoding="utf-8")

    page.goto(f"{live}/people/")
    page.click("button[aria-label='View']")
    page.click("text=Import…")
    page.wait_for_selector("#import-file")
    assert axe(page) == []
    page.set_input_files("#import-file", str(path))
    page.click("main button:has-text('Upload')")
    page.wait_for_selector("#import-columns")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.emulate_media(color_scheme="dark")
    page.reload()
    page.wait_for_selector("#import-columns")
    assert axe(page, rules=("color-contrast",)) == []
    page.emulate_media(color_scheme="light")
    page.reload()
    page.focus("button:has-text('Try it')")
    page.keyboard.press("Enter")
    page.wait_for_selector("#import-trial.job")
    drain()
    page.wait_for_selector("text=If it were imported now")
    assert axe(page) == []
    page.click("main button.btn-primary:has-text('Import')")
    page.wait_for_url("**/imports/*/")
    drain()
    page.wait_for_selector("text=rows were imported.")
    assert axe(page) == []
    assert visible(admin, "person").count() >= 25
    page.click("text=Show them")
    page.wait_for_selector("td.is-primary a")
    assert axe(page) == []
    assert page.locator("td.is-primary a").count() == visible(admin, "person").count()
    page.goto(f"{live}/imports/")
    assert axe(page) == []
    assert page.locator("td:has-text('febrl3.csv')").count() == 1


def test_rows_that_wait_are_answered_and_the_import_is_undone(page: Page, live: str, tmp_path: Path) -> None:
    admin = f.admin()
    session = client_of(admin).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live}])
    page.set_viewport_size({"width": 390, "height": 900})
    known = f.make(admin, "person", last_name="Lund", emails="mia@example.com", phones="+49 30 5550199")
    f.make(admin, "person", last_name="Other", emails="o@example.com")
    path = tmp_path / "people.csv"
    path.write_text("last_name,job,emails\nLind,Boss,mia@example.com\nX,Aide,mia@example.com;o@example.com\n")
    run = f"{live}/imports/{importing.import_file(admin, 'person', path).run_id}/"
    page.goto(run)
    assert axe(page) == []
    page.click("text=Look and decide")
    page.wait_for_selector("form.import-ways >> nth=2")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.emulate_media(color_scheme="dark")
    page.reload()
    assert axe(page, rules=("color-contrast",)) == []
    page.focus("form.import-ways:has([name=row]) button:has-text('Replace what is there')")
    page.keyboard.press("Enter")
    until(page, "document.querySelectorAll('form.import-ways').length === 2")
    assert visible(admin, "person").get(known).title == "Lind"
    page.goto(run)
    page.click("button:has-text('Undo this import')")
    page.click("dialog[open] button[value=ok], dialog[open] .btn-primary, dialog[open] .btn-danger")
    page.wait_for_selector("text=Undoing…")
    drain()
    page.wait_for_selector("text=This import is undone, all of it.")
    assert axe(page) == []
    assert visible(admin, "person").get(known).title == "Lund"
