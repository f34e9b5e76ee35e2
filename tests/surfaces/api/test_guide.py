"""The examples of the guide work as they stand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests import factories as f
from tests.surfaces.api.conftest import program

GUIDE = Path(__file__).parents[3] / "docs" / "api" / "guide.md"


@pytest.mark.django_db(transaction=True)
def test_the_examples_of_the_guide(live: str) -> None:
    examples = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(examples) >= 8
    ada = program(f.admin(), "write")
    exec("\n".join(examples), {"BASE": live, "TOKEN": ada.token})
