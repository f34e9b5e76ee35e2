"""The one table of `RAPPORT_*` variables: what each means and what it is when not given.

`docs/administrators/settings.md` is made from this table by `rapport manage settings_table`.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One environment variable. `secret` values may be given as `NAME_FILE`, a path to a file that holds them."""

    name: str
    default: str
    help: str
    secret: bool = False


VARIABLES: tuple[Variable, ...] = (
    Variable(name="RAPPORT_DATA_DIR", default="data", help="Folder of the SQLite database, files, secrets and logs."),
    Variable(
        name="RAPPORT_DATABASE_URL",
        default="",
        help="`postgresql://user:password@host:5432/name`; empty: SQLite in the data directory.",
        secret=True,
    ),
    Variable(
        name="RAPPORT_BASE_URL",
        default="http://127.0.0.1:8000",
        help="Address under which people open Rapport; every link in mail and every redirect uses it.",
    ),
    Variable(
        name="RAPPORT_ALLOWED_HOSTS",
        default="",
        help="Further host names that are answered, separated by commas; the host of the base address always is.",
    ),
    Variable(
        name="RAPPORT_SECRET_KEY",
        default="",
        help="Key for sessions and signatures; made and kept in the data directory when not given.",
        secret=True,
    ),
    Variable(
        name="RAPPORT_EMAIL_URL",
        default="",
        help="`smtp://user:password@host:587/?tls=starttls` (or `tls=ssl`, `tls=none`); empty: mail is written "
        "to `mail/` in the data directory.",
        secret=True,
    ),
    Variable(name="RAPPORT_EMAIL_FROM", default="rapport@localhost", help="Sender of system mail."),
    Variable(
        name="RAPPORT_FILES_URL",
        default="",
        help="`s3://bucket/prefix?endpoint=…&region=…` keeps files in object storage; empty: in the data directory.",
        secret=True,
    ),
    Variable(
        name="RAPPORT_OIDC",
        default="",
        help="JSON list of OpenID Connect providers: "
        '`[{"id": "…", "name": "…", "server_url": "…", "client_id": "…", "secret": "…"}]`.',
        secret=True,
    ),
    Variable(name="RAPPORT_LOG_FORMAT", default="json", help="`json` or `text`."),
    Variable(name="RAPPORT_LOG_LEVEL", default="INFO", help="`DEBUG`, `INFO`, `WARNING` or `ERROR`."),
    Variable(
        name="RAPPORT_TRASH_DAYS", default="30", help="Days after which deleted records are removed for good."
    ),
    Variable(name="RAPPORT_UPLOAD_MB", default="25", help="Largest file that may be uploaded, in megabytes."),
    Variable(
        name="RAPPORT_PROXY",
        default="0",
        help="`1` when a reverse proxy in front sets `X-Forwarded-Proto` and `X-Forwarded-For`.",
    ),
    Variable(
        name="RAPPORT_ADMIN_EMAIL", default="", help="Only for `rapport init`: address of the first administrator."
    ),
    Variable(
        name="RAPPORT_ADMIN_PASSWORD",
        default="",
        help="Only for `rapport init`: password of the first administrator.",
        secret=True,
    ),
)
_BY_NAME = {v.name: v for v in VARIABLES}


def read(name: str) -> str:
    """The value of a variable of the table: environment, then the file named by `NAME_FILE`, then its default.

    Raises KeyError for a name that the table does not hold and OSError when the named file can't be read.
    """
    variable = _BY_NAME[name]
    if (value := os.environ.get(name)) is not None:
        return value
    if variable.secret and (path := os.environ.get(f"{name}_FILE")):
        return Path(path).read_text(encoding="utf-8").strip()
    return variable.default


def data_dir() -> Path:
    """The data directory, absolute. It is not created here."""
    return Path(read("RAPPORT_DATA_DIR")).expanduser().resolve()


def secret_key() -> str:
    """The given secret key, or the one kept in `secret_key` of the data directory, made at first use (mode 600)."""
    if given := read("RAPPORT_SECRET_KEY"):
        return given
    path = data_dir() / "secret_key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass
        else:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(secrets.token_urlsafe(48))
    return path.read_text(encoding="utf-8").strip()
