"""A Rapport that people could use, in processes of its own, and a browser that is signed in to it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.config.deployment import Deployment, postgres_database, up

if TYPE_CHECKING:
    from tests.browser import Browser

ROOT = Path(__file__).parents[2]


@dataclass
class Place:
    """A running Rapport: its address, keys of what `office.fill` made, and the link that signs the administrator in."""

    url: str
    ids: dict[str, int]
    deployment: Deployment

    def sign_in(self, browser: Browser, email: str) -> dict[str, object]:
        """The storage of a browser in which a user is signed in by a link; for `new_context(storage_state=…)`."""
        link = self.deployment.must("user", "link", email).split()[-1]
        context = browser.new_context()
        page = context.new_page()
        page.goto(self.url + link[link.index("/sign-in/") :])
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda address: "/sign-in/" not in address)
        state = context.storage_state()
        context.close()
        return dict(state)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A small organisation, served as `rapport up` serves it, on the database of the run."""
    server = os.environ.get("RAPPORT_DATABASE_URL", "")
    with postgres_database(server) if server else nullcontext("") as url:
        deployment = Deployment(
            tmp_path_factory.mktemp("place") / "data", url, {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
        )
        deployment.must("manage", "migrate", "--verbosity=0")
        ids = json.loads(_filled(deployment))
        with up(deployment) as running:
            running.wait()
            yield Place(f"http://127.0.0.1:{running.port}", ids, deployment)


def _filled(deployment: Deployment) -> str:
    fill = "import json; from tests.stories.office import fill; print(json.dumps(fill()))"
    return deployment.must("manage", "shell", "--no-imports", "-c", fill).splitlines()[-1]
