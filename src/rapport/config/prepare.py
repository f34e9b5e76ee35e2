"""What must be done before Rapport can answer: folder, database, static files. Run in a short-lived process by `up`."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import json
import os
import shutil
import sys
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from rapport import __version__
from rapport.config import gate
from rapport.config.backup import migrations, service

STAMP = ".made-from"


def say(text: str) -> None:
    """Tell the person who waits; standard output belongs to the result."""
    print(text, file=sys.stderr, flush=True)


def database() -> bool:
    """Bring the database to this version, after a backup when it holds data. Answers whether it was new.

    Raises BackupError for a database of a newer Rapport.
    """
    executor = MigrationExecutor(connection)
    applied = executor.loader.applied_migrations
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if applied:
        migrations.require_known(f"{app}.{name}" for app, name in applied)
    if plan and applied:
        kept = service.make_automatic("before-migration")
        say(f"Migrating the database ({len(plan)} steps); a backup is in {kept}")
    if plan:
        call_command("migrate", verbosity=0, interactive=False)
    if applied:
        from rapport.records.customising import indexes  # models: only once Django is set up

        indexes.repair()
    return not applied


def static_files() -> bool:
    """Collect, hash and compress static files when any of them, or the version, has changed. Answers whether it did."""
    root = Path(settings.STATIC_ROOT)
    stamp = _fingerprint()
    if static_is_current(stamp):
        return False
    fresh = root.with_name(f"{root.name}.new-{os.getpid()}")
    settings.STATIC_ROOT = str(fresh)
    try:
        call_command("collectstatic", verbosity=0, interactive=False)
    finally:
        settings.STATIC_ROOT = str(root)
    (fresh / STAMP).write_text(stamp)
    if root.exists():
        shutil.rmtree(root)
    fresh.rename(root)
    return True


def static_is_current(stamp: str = "") -> bool:
    """Whether the static files collected are those of this version."""
    made_from = Path(settings.STATIC_ROOT) / STAMP
    return made_from.is_file() and made_from.read_text() == (stamp or _fingerprint())


def _fingerprint() -> str:
    """Changes when a static file is added, removed or edited, or with the version."""
    digest = hashlib.sha256(__version__.encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            stat = os.stat(storage.path(name))
            digest.update(f"{name}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def everything(*, demo: bool) -> dict[str, str]:
    """Prepare all; what `up` shows afterwards: `link` and `who` to sign in, or the `link` to set-up."""
    settings.DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = database()
    static_files()
    from rapport.config import first_steps

    if demo and first_steps.wants_demo(new=new):
        gate.say_loading()
        with contextlib.redirect_stdout(sys.stderr):
            first_steps.load_demo()
    gate.open_()
    return first_steps.entrance()


def main() -> int:
    """`python -m rapport.config.prepare [--demo]`: the result is one line of JSON on standard output."""
    from rapport.config.cli import expected, use_django
    from rapport.config.commands.processes import end_with_supervisor

    end_with_supervisor()
    gc.disable()  # this process ends soon, and looking for what it could give back takes a fifth of its time
    try:
        use_django()
        print(json.dumps(everything(demo="--demo" in sys.argv)))
    except Exception as error:
        if not (sentence := expected(error)):
            raise
        say(f"Error: {sentence}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
