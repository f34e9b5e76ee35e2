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
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from rapport.config import prepare, variables
from rapport.config.backup import migrations
from rapport.lib.format import format_filesize
from rapport.registry.extensions import Check, CheckResult

LEAST_FREE = 500 * 1024 * 1024
LEAST_POSTGRES = 15
HEARTBEAT = timedelta(minutes=2)


def configuration() -> CheckResult:
    """Variables are known and fit together; declarations of apps are right."""
    if names := variables.unknown():
        return CheckResult(
            ok=False,
            saw=_("%(names)s is no variable of Rapport") % {"names": ", ".join(names)},
            todo=_("Check the spelling: rapport settings"),
        )
    errors = [e for e in django_checks.run_checks() if e.is_serious()]
    if errors:
        return CheckResult(ok=False, saw=str(errors[0].msg), todo=str(errors[0].hint or _("Run: rapport manage check")))
    base = urlsplit(settings.BASE_URL)
    if base.scheme == "http" and base.hostname not in ("localhost", "127.0.0.1", "::1"):
        return CheckResult(
            ok=False,
            saw=_("people sign in at %(address)s without encryption") % {"address": settings.BASE_URL},
            todo=_("Put a proxy with TLS in front, set RAPPORT_BASE_URL to its https address and RAPPORT_PROXY=1."),
        )
    return CheckResult(ok=True, saw=_("people open %(address)s") % {"address": settings.BASE_URL})


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
            saw=_("%(folder)s can't be written: %(error)s") % {"folder": folder, "error": error.strerror},
            todo=_("Give the user that runs Rapport the right to write there."),
        )
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE:
        return CheckResult(
            ok=False,
            saw=_("%(size)s free in %(folder)s") % {"size": _size(free), "folder": folder},
            todo=_("Make room, or move RAPPORT_DATA_DIR to a larger disk."),
        )
    key = folder / "secret_key"
    if key.exists() and stat.S_IMODE(key.stat().st_mode) & 0o077:
        saw = _("%(file)s can be read by other users") % {"file": key}
        return CheckResult(ok=False, saw=saw, todo=f"chmod 600 {key}")
    return CheckResult(ok=True, saw=_("%(size)s free in %(folder)s") % {"size": _size(free), "folder": folder})


def _size(size: int) -> str:
    return format_filesize(size, get_language() or "en")


def database() -> CheckResult:
    """The database answers, is new enough, and is migrated."""
    connection.ensure_connection()
    if connection.vendor == "postgresql":
        version = connection.connection.info.server_version // 10_000
        if version < LEAST_POSTGRES:
            todo = _("Upgrade it to %(version)d or newer.") % {"version": LEAST_POSTGRES}
            return CheckResult(ok=False, saw=f"PostgreSQL {version}", todo=todo)
        name = f"PostgreSQL {version}"
    else:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA quick_check(1)")
            found = cursor.fetchone()[0]
        if found != "ok":
            return CheckResult(
                ok=False,
                saw=_("the SQLite file is damaged: %(fault)s") % {"fault": found},
                todo=_("Stop Rapport and restore a backup: rapport restore FILE --replace"),
            )
        name = "SQLite"
    if pending := migrations.pending():
        return CheckResult(
            ok=False,
            saw=_("%(database)s, %(count)d migrations pending") % {"database": name, "count": len(pending)},
            todo=_("Start with `rapport up`, which makes a backup and migrates."),
        )
    return CheckResult(ok=True, saw=_("%(database)s, migrated") % {"database": name})


def administrator() -> CheckResult:
    """Somebody can sign in and let others in."""
    count = get_user_model()._default_manager.filter(is_active=True, is_admin=True).count()
    if not count:
        return CheckResult(
            ok=False,
            saw=_("no active administrator"),
            todo=_("Open the set-up page, or: rapport user create --admin E-MAIL"),
        )
    return CheckResult(ok=True, saw=_("%(count)d active") % {"count": count})


def static_files() -> CheckResult:
    """Style sheets and scripts are collected for this version."""
    if prepare.static_is_current():
        return CheckResult(ok=True, saw=str(settings.STATIC_ROOT))
    return CheckResult(
        ok=False,
        saw=_("not collected for this version"),
        todo=_("Start with `rapport up`, or: rapport manage collectstatic"),
    )


def mail() -> CheckResult:
    """The mail server can be reached and lets us in."""
    if not variables.is_given("RAPPORT_EMAIL_URL"):
        return CheckResult(
            ok=True,
            saw=_("mail is written to %(folder)s") % {"folder": settings.EMAIL_FILE_PATH},
            todo=_("To send it: set RAPPORT_EMAIL_URL."),
        )
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        server = get_connection()
        server.open()
        server.close()
    except (OSError, smtplib.SMTPException) as error:
        return CheckResult(
            ok=False, saw=f"{where}: {error}", todo=_("Check host, port, password and tls of RAPPORT_EMAIL_URL.")
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
            todo=_("Check RAPPORT_FILES_URL and its credentials, or the rights of files/ in the data directory."),
        )
    if not same:
        todo = _("Check the disk or the object storage.")
        return CheckResult(ok=False, saw=_("a file came back changed"), todo=todo)
    return CheckResult(ok=True, saw=_("a file was written, read and removed"))


def worker() -> CheckResult:
    """A worker lives."""
    from rapport.records.models import WorkerRow

    newest = WorkerRow.objects.order_by("-beat_at").values_list("beat_at", flat=True).first()
    todo = _("Start Rapport with `rapport up`, or a worker alone with `rapport worker`.")
    if newest is None:
        return CheckResult(ok=False, saw=_("none has ever run"), todo=todo)
    age = timezone.now() - newest
    if age > HEARTBEAT:
        return CheckResult(
            ok=False, saw=_("last heartbeat %(moment)s UTC") % {"moment": f"{newest:%Y-%m-%d %H:%M:%S}"}, todo=todo
        )
    return CheckResult(ok=True, saw=_("last heartbeat %(count)d s ago") % {"count": age.total_seconds()})


CHECKS: tuple[Check, ...] = (
    Check(name=gettext_noop("configuration"), run=configuration),
    Check(name=gettext_noop("data directory"), run=data_directory),
    Check(name=gettext_noop("database"), run=database),
    Check(name=gettext_noop("administrator"), run=administrator),
    Check(name=gettext_noop("static files"), run=static_files),
    Check(name=gettext_noop("mail"), run=mail),
    Check(name=gettext_noop("storage"), run=storage),
    Check(name=gettext_noop("worker"), run=worker),
)


def perform(check: Check) -> CheckResult:
    """A check's result; one that breaks has failed."""
    try:
        return check.run()
    except Exception as error:
        said = str(error).strip().splitlines()
        return CheckResult(ok=False, saw=said[0] if said else type(error).__name__, todo="")
