"""The one table of `RAPPORT_*` variables: what each means and what it is when not given.

`docs/administrators/settings.md` is made from this table by `rapport settings --markdown`.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit


class ConfigurationError(ValueError):
    """Settings that can't work; the text says which and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One environment variable. `secret` values may be given as `NAME_FILE`, a path to a file that holds them.

    `check` gets a given value and answers what is wrong with it, or nothing.
    """

    name: str
    default: str
    help: str
    secret: bool = False
    check: Callable[[str], str] | None = None


def _whole(least: int, most: int) -> Callable[[str], str]:
    def check(value: str) -> str:
        fits = value.isascii() and value.isdigit() and len(value) < 10 and least <= int(value) <= most
        return "" if fits else f"must be a whole number from {least} to {most}"

    return check


def _one_of(*values: str) -> Callable[[str], str]:
    return lambda value: "" if value in values else f"must be one of {', '.join(values)}"


def _address(*schemes: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        try:
            parts = urlsplit(value)
            valid = parts.scheme in schemes and parts.netloc != ""
            _ = parts.port
        except ValueError:
            valid = False
        return "" if valid else f"must be an address that begins with {' or '.join(s + '://' for s in schemes)}"

    return check


def _providers(value: str) -> str:
    needed = {"id", "server_url", "client_id"}
    try:
        providers = json.loads(value)
        valid = isinstance(providers, list) and all(isinstance(p, dict) and needed <= p.keys() for p in providers)
    except ValueError:
        valid = False
    return "" if valid else f"must be a JSON list of objects with {', '.join(sorted(needed))}"


def _redis(value: str) -> str:
    if wrong := _address("redis", "rediss")(value):
        return wrong
    return "" if find_spec("redis") else "needs the package redis: install rapport-crm[redis]"


VARIABLES: tuple[Variable, ...] = (
    Variable(name="RAPPORT_DATA_DIR", default="data", help="Folder of the SQLite database, files, secrets and logs."),
    Variable(
        name="RAPPORT_DATABASE_URL",
        default="",
        help="`postgresql://user:password@host:5432/name`, version 15 or newer; empty: SQLite in the data directory.",
        secret=True,
        check=_address("postgresql", "postgres"),
    ),
    Variable(
        name="RAPPORT_REDIS_URL",
        default="",
        help="`redis://user:password@host:6379/0` (or `rediss://`) counts attempts to sign in there, for which "
        "`rapport-crm[redis]` must be installed; empty: in the database.",
        secret=True,
        check=_redis,
    ),
    Variable(
        name="RAPPORT_BASE_URL",
        default="http://127.0.0.1:8000",
        help="Address under which people open Rapport; every link in mail and every redirect uses it.",
        check=_address("http", "https"),
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
        check=_address("smtp"),
    ),
    Variable(name="RAPPORT_EMAIL_FROM", default="rapport@localhost", help="Sender of system mail."),
    Variable(
        name="RAPPORT_FILES_URL",
        default="",
        help="`s3://bucket/prefix?endpoint=…&region=…` keeps files in object storage; empty: in the data directory.",
        secret=True,
        check=_address("s3"),
    ),
    Variable(
        name="RAPPORT_OIDC",
        default="",
        help="JSON list of OpenID Connect providers: "
        '`[{"id": "…", "name": "…", "server_url": "…", "client_id": "…", "secret": "…"}]`.',
        secret=True,
        check=_providers,
    ),
    Variable(
        name="RAPPORT_OAUTH_REGISTRATION",
        default="0",
        help="`1` lets applications, such as agents, make themselves known (RFC 7591); what they may do, each user is "
        "asked. With `0`, administrators add them under *Settings → Applications*.",
        check=_one_of("0", "1"),
    ),
    Variable(
        name="RAPPORT_LOG_FORMAT",
        default="json",
        help="`json` or `text`.",
        check=_one_of("json", "text"),
    ),
    Variable(
        name="RAPPORT_LOG_LEVEL",
        default="INFO",
        help="`DEBUG`, `INFO`, `WARNING` or `ERROR`.",
        check=_one_of("DEBUG", "INFO", "WARNING", "ERROR"),
    ),
    Variable(
        name="RAPPORT_TRASH_DAYS",
        default="30",
        help="Days after which deleted records are removed for good.",
        check=_whole(1, 3650),
    ),
    Variable(
        name="RAPPORT_UPLOAD_MB",
        default="25",
        help="Largest file that may be uploaded, in megabytes.",
        check=_whole(1, 10_000),
    ),
    Variable(
        name="RAPPORT_API_PER_MINUTE",
        default="1200",
        help="Requests to the API that one token may make in a minute.",
        check=_whole(1, 1_000_000),
    ),
    Variable(
        name="RAPPORT_EVENTS_PER_MINUTE",
        default="60000",
        help="Events that one source may send in a minute.",
        check=_whole(2500, 100_000_000),
    ),
    Variable(
        name="RAPPORT_PRIVATE_HOSTS",
        default="",
        help="Hosts of an inner network (`host` or `host:port`, with commas between) that may be sent to when a user "
        "names one, as a push service or a webhook of your own; empty: public addresses only.",
    ),
    Variable(
        name="RAPPORT_PROXY",
        default="0",
        help="`1` when a reverse proxy in front sets `X-Forwarded-Proto` and `X-Forwarded-For`.",
        check=_one_of("0", "1"),
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
    Variable(
        name="RAPPORT_TOKEN",
        default="",
        help="Only for `rapport mcp`: the token in whose name the client acts.",
        secret=True,
    ),
)
# Set by our own programs, not by administrators.
INTERNAL = {"RAPPORT_SUPERVISOR", "RAPPORT_GATE", "RAPPORT_CHROMIUM", "RAPPORT_REQUIRE"}
_BY_NAME = {v.name: v for v in VARIABLES}


def read(name: str) -> str:
    """The value of a variable of the table: environment, then the file named by `NAME_FILE`, then its default.

    Raises KeyError for a name that the table does not hold and OSError when the named file can't be read.
    """
    variable = _BY_NAME[name]
    if value := os.environ.get(name):
        return value
    if variable.secret and (path := os.environ.get(f"{name}_FILE")):
        return Path(path).read_text(encoding="utf-8").strip()
    return variable.default


def is_given(name: str) -> bool:
    """Whether the environment gives this variable, itself or by a file."""
    return bool(os.environ.get(name) or (_BY_NAME[name].secret and os.environ.get(f"{name}_FILE")))


def problems() -> list[str]:
    """What is wrong with the values given, one line for each; empty when all can be used."""
    found = []
    for variable in VARIABLES:
        try:
            value = read(variable.name)
        except (OSError, UnicodeDecodeError) as error:
            found.append(f"{variable.name}_FILE can't be read: {error}")
            continue
        if value and variable.check and (wrong := variable.check(value)):
            found.append(f"{variable.name} {wrong}" + ("" if variable.secret else f", not {value!r}"))
    return found


def require_valid() -> None:
    """Raises ConfigurationError that names every value that can't be used."""
    if found := problems():
        raise ConfigurationError("\n".join(found))


def unknown() -> list[str]:
    """Names in the environment that look like ours and are none: probably misspelt."""
    known = _BY_NAME.keys() | {f"{v.name}_FILE" for v in VARIABLES if v.secret} | INTERNAL
    given = {name for name in os.environ if name.startswith("RAPPORT_") and not name.startswith("RAPPORT_TEST_")}
    return sorted(given - known)


def data_dir() -> Path:
    """The data directory, absolute. It is not created here."""
    return Path(read("RAPPORT_DATA_DIR")).expanduser().resolve()


def secret_key() -> str:
    """The given secret key, or the one kept in `secret_key` of the data directory, made at first use (mode 600)."""
    if given := read("RAPPORT_SECRET_KEY"):
        return given
    path = data_dir() / "secret_key"
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Whole or not at all: several processes may start at the same moment.
        descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".secret_key-")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(48))
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        os.unlink(draft)
    return path.read_text(encoding="utf-8").strip()
