"""`rapport up`: starts, answers, heals, stops."""

from __future__ import annotations

import os
import re
import signal
import socket
import sys
import time

import pytest
from tests.config.deployment import SECONDS, Deployment, Running, below, up

pytestmark = pytest.mark.once
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def web_and_worker(running: Running) -> dict[str, list[int]]:
    """Process ids by kind."""
    kinds: dict[str, list[int]] = {"web": [], "worker": []}
    for pid, command in running.children().items():
        for kind in kinds:
            if kind in command:
                kinds[kind].append(pid)
    return kinds


def wait_for_worker(running: Running, other_than: int = 0) -> int:
    """The process id of the worker, once there is one."""
    for _ in range(2400):
        if found := [pid for pid in web_and_worker(running)["worker"] if pid != other_than]:
            return found[0]
        time.sleep(0.05)
    raise AssertionError("no worker")


@linux
def test_it_starts_and_stops_and_keeps_its_data(deployment: Deployment) -> None:
    with up(deployment) as running:
        running.wait()
        wait_for_worker(running)
        assert running.get("/-/live") == (200, "ok\n")
        assert running.get("/-/ready") == (200, "ready\n")
        processes = running.children()
        seconds, out, _ = running.stop(signal.SIGINT)
    assert running.process.returncode == 0
    assert seconds < 40
    assert f"http://127.0.0.1:{running.port}" in out
    assert str(deployment.folder) in out
    assert not any(os.path.exists(f"/proc/{pid}") for pid in processes)
    assert (deployment.folder / "secret_key").stat().st_mode & 0o077 == 0

    before = deployment.contents()
    key = (deployment.folder / "secret_key").read_text()
    with up(deployment) as running:
        running.wait()
        seconds, _, _ = running.stop(signal.SIGTERM)
    assert running.process.returncode == 0
    assert seconds < 40
    assert (deployment.folder / "secret_key").read_text() == key
    after = deployment.contents()
    assert after["django_migrations"] == before["django_migrations"]
    assert after.keys() == before.keys()


@linux
def test_a_second_signal_stops_at_once(migrated: Deployment) -> None:
    with up(migrated) as running:
        running.wait()
        processes = running.children()
        running.process.send_signal(signal.SIGTERM)
        time.sleep(0.4)  # it waits for its children by now
        running.stop(signal.SIGTERM)
    assert running.process.returncode == 0
    assert not any(_alive(pid) for pid in processes)


@linux
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_while_it_prepares(deployment: Deployment, number: signal.Signals) -> None:
    with up(deployment, "--demo") as running:
        while not (deployment.folder / "rapport.sqlite3").exists():
            assert running.process.poll() is None
            time.sleep(0.02)
        processes = running.children()
        seconds, out, err = running.stop(number)
    assert running.process.returncode == 0
    assert seconds < 40
    assert "Sign in" not in out
    assert "Traceback" not in err
    assert not any(_alive(pid) for pid in processes)
    assert not list(deployment.folder.glob(".starting-*"))
    with up(deployment) as running:
        running.wait()
        running.stop()


@linux
def test_what_dies_is_started_again(migrated: Deployment) -> None:
    with up(migrated) as running:
        running.wait()
        worker = wait_for_worker(running)
        os.kill(worker, signal.SIGKILL)
        assert wait_for_worker(running, other_than=worker) != worker
        main, *_ = sorted(web_and_worker(running)["web"])
        os.kill(main, signal.SIGKILL)
        time.sleep(0.5)
        running.wait()
        _, _, err = running.stop()
    assert "The worker process ended (signal 9)" in err
    assert "The web process ended (signal 9)" in err


@linux
def test_nothing_outlives_the_supervisor(migrated: Deployment) -> None:
    with up(migrated) as running:
        running.wait()
        wait_for_worker(running)
        processes = set(running.children())
        running.process.kill()
        running.process.wait()
        deadline = time.monotonic() + 120
        while (left := {pid for pid in processes if pid in below(1) or _alive(pid)}) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not left


def _alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_taken_port_is_named_with_another_to_use(deployment: Deployment) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = deployment.run("up", "--port", str(port))
    assert done.returncode == 1
    assert f"Port {port} is taken" in done.stderr
    assert "--port" in done.stderr.partition("Use another")[2]
    assert not deployment.folder.exists()


def test_two_do_not_run_on_the_same_data(migrated: Deployment) -> None:
    with up(migrated) as running:
        running.wait()
        done = migrated.run("up", "--port", str(running.port + 1))
        assert done.returncode == 1
        assert "in use" in done.stderr
        running.stop()


def test_a_database_of_a_newer_version_is_left_alone(migrated: Deployment) -> None:
    migrated.query("INSERT INTO django_migrations (app, name, applied) VALUES ('sessions', '9999_x', '2026-01-01')")
    before = migrated.contents()
    done = migrated.run("up", "--port", "0")
    assert done.returncode == 2  # no such port
    with up(migrated) as running:
        _, err = running.process.communicate(timeout=SECONDS)
    assert running.process.returncode == 1
    assert "newer Rapport" in err
    assert migrated.contents() == before


def test_an_older_database_is_backed_up_then_migrated(deployment: Deployment) -> None:
    deployment.must("manage", "migrate", "--verbosity=0", "sessions", "zero")
    deployment.must("manage", "migrate", "--verbosity=0", "contenttypes")
    with up(deployment) as running:
        running.wait()
        _, _, err = running.stop()
    assert "Migrating the database" in err
    backups = list((deployment.folder / "backups").glob("*.tar.gz"))
    assert len(backups) == 1
    assert deployment.query("SELECT COUNT(*) FROM django_session") == [(0,)]
    fresh = Deployment(deployment.folder.with_name("fresh"))
    assert "migrations follow" in fresh.must("restore", str(backups[0]))


def test_pages_are_calm_while_the_demo_is_loaded_and_then_there(deployment: Deployment) -> None:
    with up(deployment, "--demo") as running:
        running.wait("/", status=503)
        text = running.get("/people/")[1]
        assert "The demo organisation is being loaded" in text
        assert 'href="/setup/"' not in text
        assert running.get("/-/ready") == (503, "loading\n")
        assert running.get("/-/live") == (200, "ok\n")
        for sheet in re.findall(r'<link rel="stylesheet" href="([^"]+)"', text):
            assert running.get(sheet)[0] == 200
        running.wait()
        status, text = running.get("/")
        assert status == 200
        assert "being loaded" not in text
        running.stop()
    assert deployment.query("SELECT COUNT(*) FROM customers_person") == [(2000,)]


@linux
def test_a_demo_load_that_was_interrupted_is_done_anew(deployment: Deployment) -> None:
    mark = deployment.folder / ".demo-begun"
    with up(deployment, "--demo") as running:
        while not mark.exists():
            assert running.process.poll() is None
            time.sleep(0.01)
        running.stop(signal.SIGTERM)
    assert mark.exists()
    assert deployment.query("SELECT COUNT(*) FROM records_user") == [(0,)]
    with up(deployment, "--demo") as running:
        running.wait()
        running.stop()
    assert deployment.query("SELECT COUNT(*) FROM customers_person") == [(2000,)]
    assert not mark.exists()


def test_no_demo_comes_into_an_organisation_that_was_set_up(migrated: Deployment) -> None:
    mark = migrated.folder / ".demo-begun"
    migrated.must("init", RAPPORT_ADMIN_EMAIL="ada@example.com", RAPPORT_ADMIN_PASSWORD="a long enough passphrase")
    mark.touch()  # of a load that was interrupted before
    with up(migrated, "--demo") as running:
        running.wait()
        running.stop()
    assert migrated.query("SELECT email FROM records_user") == [("ada@example.com",)]
    assert not mark.exists()
