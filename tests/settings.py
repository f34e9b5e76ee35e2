"""Settings of the tests: those of Rapport in a temporary data directory, fast, and sending nothing.

The database is SQLite, or the one that RAPPORT_DATABASE_URL names (`make test` runs all tests on both).
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

# Shared with the processes of pytest-xdist, which inherit the environment; `tests/conftest.py` removes it.
if "RAPPORT_TEST_DATA" not in os.environ:
    os.environ["RAPPORT_TEST_DATA"] = tempfile.mkdtemp(prefix="rapport-test-")
DATA = Path(os.environ["RAPPORT_TEST_DATA"])
(DATA / "static").mkdir(parents=True, exist_ok=True)
os.environ["RAPPORT_DATA_DIR"] = str(DATA)
os.environ["RAPPORT_BASE_URL"] = "http://testserver"
os.environ.setdefault("RAPPORT_LOG_FORMAT", "text")
os.environ.setdefault("RAPPORT_LOG_LEVEL", "WARNING")
# Playwright's synchronous interface runs an event loop in the thread of the test.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
for _name in ("EMAIL_URL", "FILES_URL", "OIDC", "SECRET_KEY", "SECRET_KEY_FILE", "ALLOWED_HOSTS", "PROXY"):
    os.environ.pop(f"RAPPORT_{_name}", None)

from rapport.config.settings import *  # noqa: E402, F403
from rapport.config.settings import DATABASES, STORAGES  # noqa: E402

STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["*"]
_database = DATABASES["default"]
if _database["ENGINE"].endswith("sqlite3"):
    _options = _database["OPTIONS"]
    _init = _options["init_command"].replace("synchronous=FULL", "synchronous=OFF")
    _database |= {"OPTIONS": {**_options, "init_command": _init}, "TEST": {"NAME": str(DATA / "test.sqlite3")}}
else:
    # A name of its own, so that two runs on one server do not meet.
    _database |= {"TEST": {"NAME": f"rapport_test_{DATA.name.rpartition('-')[2].lower()}"}}
