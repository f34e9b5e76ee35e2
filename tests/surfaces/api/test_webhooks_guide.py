"""The examples of the page on webhooks verify what arrives, and refuse what was changed."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests import factories as f
from tests.features.webhooks.conftest import Receiver, listen, receiver

from rapport.features.webhooks import sending, subscribing
from rapport.records.jobs import worker

__all__ = ["receiver"]
pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "api" / "webhooks.md").read_text(encoding="utf-8")


def example(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


def test_in_python(receiver: Receiver, capsys: pytest.CaptureFixture[str]) -> None:
    ann = f.user()
    _endpoint, secret = listen(ann, receiver)
    made = f.make(ann, "company")
    worker.drain()
    (got,) = receiver.got
    names: dict[str, Any] = {"SECRET": secret}
    exec(example("python"), names)
    assert [names["receive"](got.body, got.headers) for _ in range(2)] == [204, 204]
    assert capsys.readouterr().out == f"company.created {made}\n", "the same id once"
    assert names["receive"](got.body + b" ", got.headers) == 400


@pytest.mark.node
def test_in_javascript(receiver: Receiver) -> None:
    ann = f.user()
    _endpoint, secret = listen(ann, receiver)
    made = f.make(ann, "company", name="Fjord & Söhne")
    worker.drain()
    (got,) = receiver.got
    code = f"const SECRET = {json.dumps(secret)};\n{example('javascript')}\n" + (
        'const { body, headers } = JSON.parse(require("fs").readFileSync(0, "utf8"));\n'
        'console.log(receive(body, headers), receive(body + " ", headers));'
    )
    run = subprocess.run(
        ["node", "-e", code], text=True, capture_output=True, check=True,
        input=json.dumps({"body": got.body.decode(), "headers": got.headers}),
        env={**os.environ, "NODE_PATH": str(ROOT / "tests" / "assets" / "node")},
    )  # fmt: skip
    assert run.stdout == f"company.created {made}\n204 400\n"


def test_the_numbers_of_the_page_are_those_of_the_code() -> None:
    said = (5, 30, *(60 * n for n in (2, 10, 30)), *(3600 * n for n in (1, 3, 6, 12)), 86400, 86400)
    assert said == sending.WAITS
    assert f"within {sending.SECONDS:g} seconds" in PAGE
    assert all(f"`{act}`" in PAGE for act in subscribing.LABELS)
