"""Fixtures of all tests, and what happens when a browser, PostgreSQL or Node.js is missing."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from tests.browser import Browser, Page

TESTS = Path(__file__).parent
WITHOUT_DATABASE = {"lib", "lint", "ui"}
# How long one example takes says how busy the machine is, not whether the code is right.
settings.register_profile("rapport", settings.default, deadline=None)
settings.load_profile("rapport")
REQUIRED = set(filter(None, os.environ.get("RAPPORT_REQUIRE", "").split(",")))
DEFAULT_POSTGRES = "postgresql://postgres@127.0.0.1:5432/postgres"


def pytest_configure(config: pytest.Config) -> None:
    """The markers that this file gives a meaning."""
    config.addinivalue_line("markers", "postgres: needs PostgreSQL, whatever database the run is on")
    config.addinivalue_line("markers", "node: needs Node.js")
    config.addinivalue_line("markers", "once: hangs on no database, or brings its own; left out of the second run")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Rooms without a database are tested once, and so is what a browser shows: the same on both."""
    for item in items:
        in_browser = "browser" in getattr(item, "fixturenames", ())
        if in_browser or item.path.relative_to(TESTS).parts[0] in WITHOUT_DATABASE:
            item.add_marker(pytest.mark.once)


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: the garbage collector need not go through it again and again."""
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the temporary folder that `tests/settings.py` made."""
    if not os.environ.get("PYTEST_XDIST_WORKER") and (made := os.environ.get("RAPPORT_TEST_DATA")):
        shutil.rmtree(made, ignore_errors=True)


def _chromium() -> str | None:
    names = (os.environ.get("RAPPORT_CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if name and (path := shutil.which(name))), None)


def _missing_browser() -> str:
    try:
        import playwright  # noqa: F401
    except ImportError:
        return "playwright is not installed"
    return "" if _chromium() else "chromium is not installed (apt install chromium)"


def _missing_postgres() -> str:
    import psycopg

    url = os.environ.get("RAPPORT_TEST_POSTGRES", DEFAULT_POSTGRES)
    try:
        psycopg.connect(url, connect_timeout=3).close()
    except psycopg.Error as error:
        return f"no PostgreSQL at RAPPORT_TEST_POSTGRES: {str(error).splitlines()[0]}"
    return ""


def _missing_node() -> str:
    return "" if shutil.which("node") else "node is not installed"


NEEDS = {"browser": _missing_browser, "postgres": _missing_postgres, "node": _missing_node}
_missing: dict[str, str] = {}


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test by the name of what is missing; fail it when RAPPORT_REQUIRE says that nothing may be missing."""
    for need, look in NEEDS.items():
        if item.get_closest_marker(need):
            if need not in _missing:
                _missing[need] = look()
            if reason := _missing[need]:
                text = f"{need}: {reason}"
                if need in REQUIRED:
                    pytest.fail(f"{text}, and RAPPORT_REQUIRE names it", pytrace=False)
                pytest.skip(text)


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """The server for tests marked `postgres`; they make and drop databases of their own."""
    return os.environ.get("RAPPORT_TEST_POSTGRES", DEFAULT_POSTGRES)


@pytest.fixture
def data_dir() -> Path:
    """The data directory of this run."""
    return Path(os.environ["RAPPORT_TEST_DATA"])


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, started once for the run; for tests marked `browser`."""
    from tests.browser import launch

    path = _chromium()
    if not path:
        pytest.skip("browser: chromium is not installed (apt install chromium)")
    with launch(path) as running:
        yield running


@pytest.fixture
def live(live_server: Any, settings: Any) -> str:
    """The address of a running Rapport on the test database; links point to it."""
    settings.BASE_URL = live_server.url
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    return str(live_server.url)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a fresh browser profile; errors of its scripts, and refusals of the content policy, fail the test."""
    from tests.browser import fresh_page

    with fresh_page(browser) as opened:
        yield opened


@pytest.fixture(autouse=True)
def fresh_caches() -> Iterator[None]:
    """Callers and catalog are cached by counters that a rolled-back test turns back; nobody's language is left over."""
    from django.utils import translation

    from rapport.records.accounts import caller
    from rapport.registry import catalog

    translation.deactivate()
    yield
    caller.forget()
    catalog.install(None)
