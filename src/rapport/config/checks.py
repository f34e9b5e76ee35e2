"""What `rapport doctor` looks at. Apps and features add theirs by `rapport.registry.extensions.Check`."""

from __future__ import annotations

import shutil
import smtplib
import stat
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import checks as django_checks
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.mail import get_connection
from django.db import connection
from django.utils import timezone

from rapport.config import prepare, variables
from rapport.config.backup import migrations
from rapport.registry.extensions import Check, CheckResult

LEAST_FREE = 500 * 1024 * 1024
LEAST_POSTGRES = 15
HEARTBEAT = timedelta(minutes=2)


def configuration() -> CheckResult:
    """Variables are known and fit together; declarations of apps are right."""
    if names := variables.unknown():
        return CheckResult(
            ok=False, saw=f"{', '.join(names)} is no variable of Rapport", todo="Check the spelling: rapport settings"
        )
    errors = [e for e in django_checks.run_checks() if e.is_serious()]
    if errors:
        return CheckResult(ok=False, saw=str(errors[0].msg), todo=str(errors[0].hint or "Run: rapport manage check"))
    base = urlsplit(settings.BASE_URL)
    if base.scheme == "http" and base.hostname not in ("localhost", "127.0.0.1", "::1"):
        return CheckResult(
            ok=False,
            saw=f"people sign in at {settings.BASE_URL} without encryption",
            todo="Put a proxy with TLS in front, set RAPPORT_BASE_URL to its https address and RAPPORT_PROXY=1.",
        )
    return CheckResult(ok=True, saw=f"people open {settings.BASE_URL}")


def data_directory() -> CheckResult:
    """The data directory can be written, has room, and is closed to other users of the machine."""
    folder: Path = settings.DATA_DIR
    probe = folder / ".probe"
    try:
        probe.write_text("x")
        probe.unlink()
    except OSError as error:
        return CheckResult(
            ok=False,
            saw=f"{folder} can't be written: {error.strerror}",
            todo="Give the user that runs Rapport the right to write there.",
        )
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE:
        return CheckResult(
            ok=False,
            saw=f"{free / 1e6:,.0f} MB free in {folder}",
            todo="Make room, or move RAPPORT_DATA_DIR to a larger disk.",
        )
    key = folder / "secret_key"
    if key.exists() and stat.S_IMODE(key.stat().st_mode) & 0o077:
        return CheckResult(ok=False, saw=f"{key} can be read by other users", todo=f"chmod 600 {key}")
    return CheckResult(ok=True, saw=f"{folder}, {free / 1e9:,.1f} GB free")


def database() -> CheckResult:
    """The database answers, is new enough, and is migrated."""
    connection.ensure_connection()
    if connection.vendor == "postgresql":
        version = connection.connection.info.server_version // 10_000
        if version < LEAST_POSTGRES:
            return CheckResult(ok=False, saw=f"PostgreSQL {version}", todo=f"Upgrade it to {LEAST_POSTGRES} or newer.")
        name = f"PostgreSQL {version}"
    else:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA quick_check(1)")
            found = cursor.fetchone()[0]
        if found != "ok":
            return CheckResult(
                ok=False,
                saw=f"the SQLite file is damaged: {found}",
                todo="Stop Rapport and restore a backup: rapport restore FILE --replace",
            )
        name = "SQLite"
    if pending := migrations.pending():
        return CheckResult(
            ok=False,
            saw=f"{name}, {len(pending)} migrations pending",
            todo="Start with `rapport up`, which makes a backup and migrates.",
        )
    return CheckResult(ok=True, saw=f"{name}, migrated")


def administrator() -> CheckResult:
    """Somebody can sign in and let others in."""
    count = get_user_model()._default_manager.filter(is_active=True, is_admin=True).count()
    if not count:
        return CheckResult(
            ok=False, saw="no active administrator", todo="Open the set-up page, or: rapport user create --admin E-MAIL"
        )
    return CheckResult(ok=True, saw=f"{count} active")


def static_files() -> CheckResult:
    """Style sheets and scripts are collected for this version."""
    if prepare.static_is_current():
        return CheckResult(ok=True, saw=str(settings.STATIC_ROOT))
    return CheckResult(
        ok=False, saw="not collected for this version", todo="Start with `rapport up`, or: rapport manage collectstatic"
    )


def mail() -> CheckResult:
    """The mail server can be reached and lets us in."""
    if not variables.is_given("RAPPORT_EMAIL_URL"):
        return CheckResult(
            ok=True, saw=f"mail is written to {settings.EMAIL_FILE_PATH}", todo="To send it: set RAPPORT_EMAIL_URL."
        )
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        server = get_connection()
        server.open()
        server.close()
    except (OSError, smtplib.SMTPException) as error:
        return CheckResult(
            ok=False, saw=f"{where}: {error}", todo="Check host, port, password and tls of RAPPORT_EMAIL_URL."
        )
    return CheckResult(ok=True, saw=where)


def storage() -> CheckResult:
    """A file can be written, read and removed."""
    try:
        name = default_storage.save("doctor/probe.txt", ContentFile(b"probe"))
        with default_storage.open(name) as file:
            same = file.read() == b"probe"
        default_storage.delete(name)
    except Exception as error:
        return CheckResult(
            ok=False,
            saw=f"{type(error).__name__}: {error}",
            todo="Check RAPPORT_FILES_URL and its credentials, or the rights of files/ in the data directory.",
        )
    if not same:
        return CheckResult(ok=False, saw="a file came back changed", todo="Check the disk or the object storage.")
    return CheckResult(ok=True, saw="a file was written, read and removed")


def worker() -> CheckResult:
    """A worker lives."""
    from rapport.records.models import WorkerRow

    newest = WorkerRow.objects.order_by("-beat_at").values_list("beat_at", flat=True).first()
    todo = "Start Rapport with `rapport up`, or a worker alone with `rapport worker`."
    if newest is None:
        return CheckResult(ok=False, saw="none has ever run", todo=todo)
    age = timezone.now() - newest
    if age > HEARTBEAT:
        return CheckResult(ok=False, saw=f"last heartbeat {newest:%Y-%m-%d %H:%M:%S} UTC", todo=todo)
    return CheckResult(ok=True, saw=f"last heartbeat {age.total_seconds():.0f} s ago")


CHECKS: tuple[Check, ...] = (
    Check(name="configuration", run=configuration),
    Check(name="data directory", run=data_directory),
    Check(name="database", run=database),
    Check(name="administrator", run=administrator),
    Check(name="static files", run=static_files),
    Check(name="mail", run=mail),
    Check(name="storage", run=storage),
    Check(name="worker", run=worker),
)


def perform(check: Check) -> CheckResult:
    """A check's result; one that breaks has failed."""
    try:
        return check.run()
    except Exception as error:
        said = str(error).strip().splitlines()
        return CheckResult(ok=False, saw=said[0] if said else type(error).__name__, todo="")
