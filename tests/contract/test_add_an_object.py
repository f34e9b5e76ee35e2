"""`docs/contributing/add-an-object.md`, followed to the letter by a newcomer's process."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "contributing" / "add-an-object.md"
MOST_LINES = 30

TRY = """
from django.test import Client
from rapport.records import write
from rapport.records.errors import Forbidden, NotFound
from rapport.records.read import visible
from rapport.registry import catalog
from rapport.registry.checks import check_objects
from tests import factories as f

assert check_objects() == []
ann, boss = f.user(), f.admin()
fjord = f.make(ann, "company", name="Fjord")
given = {"name": "Support", "company": fjord, "value": "1200 EUR", "ends_on": "2027-01-31", "status": "active"}
key = write.create(ann, "contract", given)
assert visible(ann, "contract").get(key).labels["company"] == "Fjord"
theirs = write.create(boss, "contract", {"name": "Theirs", "status": "active"})
for act in (
    lambda: write.update(ann, "contract", theirs, {"name": "x"}),
    lambda: write.delete(ann, "contract", [theirs]),
):
    try:
        act()
    except Forbidden:
        pass
    else:
        raise AssertionError("the declared rights do not hold")
assert visible(ann, "contract").count({"field": "company.name", "op": "is", "value": "fjord"}) == 1
assert visible(ann, "company").count({"field": "contracts", "op": "has", "value": {}}) == 1

client = Client()
from rapport.records.accounts.models import User
client.force_login(User.objects.get(pk=ann.user_id), backend="allauth.account.auth_backends.AuthenticationBackend")
pages = ("", "?layout=board", "?layout=calendar&month=2027-01", "new/", f"{key}/", f"{key}/edit/")
for path in (f"/contracts/{page}" for page in pages):
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    if "new" not in path and "edit" not in path:
        assert b"Support" in answer.content, path
sent = client.post("/contracts/new/", {"name": "By form", "status": "active", "submission": "x1"})
assert sent.status_code in (302, 303), sent.content
assert visible(ann, "contract").count({"field": "name", "op": "is", "value": "By form"}) == 1

from rapport.features.search.finding import search
assert [hit.id for hit in search(ann, "Suport", objects=("contract",))] == [key]

import pathlib
from rapport.features.transfer import importing
rows = pathlib.Path("contracts.csv")
rows.write_text("Name,Yearly value,Ends,Status\\nImported,99.50 EUR,2028-02-01,Active\\n")
assert importing.import_file(boss, "contract", rows).created == 1
by_name = {"field": "name", "op": "is", "value": "Imported"}
imported = visible(boss, "contract").page(filter=by_name, columns=("value", "status")).rows
assert imported[0].values["value"].amount == 9950 and imported[0].values["status"] == "active"
print("the object works")
"""


def blocks() -> list[str]:
    return re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def test_two_files_and_thirty_lines() -> None:
    found = blocks()
    assert len(found) == 2
    lines = [line for block in found for line in block.splitlines() if line.strip()]
    assert len(lines) <= MOST_LINES
    assert sum(" = models." in line or "MoneyField(" in line for line in lines) == 5


def test_the_page_adds_an_object(tmp_path: Path) -> None:
    domain = tmp_path / "agreements"
    (domain / "migrations").mkdir(parents=True)
    for name in ("__init__.py", "migrations/__init__.py"):
        (domain / name).touch()
    for name, text in zip(("models.py", "specs.py"), blocks(), strict=True):
        (domain / name).write_text(text, encoding="utf-8")
    (tmp_path / "settings_with_it.py").write_text(
        "from tests.settings import *\nfrom tests.settings import INSTALLED_APPS\n"
        "INSTALLED_APPS = [*INSTALLED_APPS, 'agreements']\n"
        "DATABASES = {'default': {**DATABASES['default'], 'NAME': 'object.sqlite3'}}\n"
        if not os.environ.get("RAPPORT_DATABASE_URL")
        else "from tests.settings import *\nfrom tests.settings import INSTALLED_APPS\n"
        "INSTALLED_APPS = [*INSTALLED_APPS, 'agreements']\n",
        encoding="utf-8",
    )
    (tmp_path / "follow.py").write_text(
        "import django\ndjango.setup()\n"
        "from django.core.management import call_command\n"
        "from django.test.utils import setup_test_environment, get_runner\n"
        "from django.db import connection\n"
        "setup_test_environment()\n"
        "call_command('makemigrations', 'agreements', verbosity=0)\n"
        "name = connection.creation.create_test_db(verbosity=0)\n"
        "try:\n" + "".join(f"    {line}\n" for line in TRY.splitlines()) + "finally:\n"
        "    connection.creation.destroy_test_db(connection.settings_dict['NAME'], verbosity=0)\n",
        encoding="utf-8",
    )
    environment = {
        **os.environ,
        "PYTHONPATH": f"{tmp_path}:{ROOT / 'src'}:{ROOT}",
        "DJANGO_SETTINGS_MODULE": "settings_with_it",
        "RAPPORT_TEST_DATA": str(tmp_path / "data"),
    }
    done = subprocess.run(
        [sys.executable, "follow.py"], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=400
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the object works" in done.stdout
