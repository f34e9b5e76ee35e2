"""`rapport init`, `rapport user` and `rapport doctor`."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.config.deployment import Deployment

pytestmark = pytest.mark.once
PASSWORD = "a long enough passphrase"


@pytest.fixture
def prepared(migrated: Deployment) -> Deployment:
    """With one administrator, ada@example.com."""
    migrated.must("init", RAPPORT_ADMIN_EMAIL="Ada@Example.com", RAPPORT_ADMIN_PASSWORD=PASSWORD)
    return migrated


def users(deployment: Deployment) -> list[tuple[object, ...]]:
    """Address, whether administrator, and password hash."""
    return deployment.query("SELECT email, is_admin, password FROM records_user ORDER BY email")


def test_init_prepares_all_and_makes_the_administrator(on_each_database: Deployment, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text(PASSWORD + "\n")
    settings = {"RAPPORT_ADMIN_EMAIL": "Ada@Example.com", "RAPPORT_ADMIN_PASSWORD_FILE": str(secret)}
    options = ("--organisation", "Example Ltd", "--country", "gb", "--currency", "gbp", "--zone", "Europe/London")
    said = on_each_database.must("init", *options, **settings)
    assert "ada@example.com may sign in" in said
    ((email, admin, password),) = users(on_each_database)
    assert (email, bool(admin)) == ("ada@example.com", True)
    assert PASSWORD not in password
    organisation = on_each_database.query("SELECT name, country, currency, zone FROM records_organisation")
    assert organisation == [("Example Ltd", "GB", "GBP", "Europe/London")]
    assert (on_each_database.folder / "static" / "staticfiles.json").is_file()

    again = on_each_database.must("init", **{**settings, "RAPPORT_ADMIN_EMAIL": "eve@example.com"})
    assert "none was made" in again
    assert len(users(on_each_database)) == 1


@pytest.mark.parametrize(
    ("options", "email", "password", "says"),
    [
        ((), "", "", "RAPPORT_ADMIN_EMAIL"),
        ((), "ada@example.com", "", "RAPPORT_ADMIN_PASSWORD"),
        ((), "ada", PASSWORD, "no e-mail address"),
        ((), "ada@example.com", "short", "too weak"),
        ((), "ada@example.com", "password123", "too weak"),
        (("--zone", "Berlin"), "ada@example.com", PASSWORD, "time zone"),
        (("--country", "Germany"), "ada@example.com", PASSWORD, "country"),
        (("--language", "xx"), "ada@example.com", PASSWORD, "language"),
    ],
)
def test_init_refuses_what_can_not_be(
    migrated: Deployment, options: tuple[str, ...], email: str, password: str, says: str
) -> None:
    done = migrated.run("init", *options, RAPPORT_ADMIN_EMAIL=email, RAPPORT_ADMIN_PASSWORD=password)
    assert done.returncode == 1
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert users(migrated) == []
    assert migrated.query("SELECT COUNT(*) FROM records_organisation") == [(0,)]


def test_users_are_made_and_let_in_by_link(prepared: Deployment) -> None:
    said = prepared.must("user", "create", "bo@example.com", "--name", "Bo")
    assert "/sign-in/" in said
    token = said.strip().rsplit("/sign-in/")[1].strip("/\n")
    kept = prepared.query("SELECT token_hash FROM records_signinlink")
    assert len(kept) == 1
    assert token not in str(kept)
    assert "bo@example.com  Bo" in prepared.must("user", "list")
    assert "/sign-in/" in prepared.must("user", "link", "BO@example.com")
    for arguments in (("create", "Bo@example.com"), ("link", "nobody@example.com"), ("create", "no address")):
        done = prepared.run("user", *arguments)
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
    assert len(users(prepared)) == 2
    assert prepared.query("SELECT COUNT(*) FROM records_auditentry WHERE act = 'user created'") == [(2,)]


def test_doctor_names_what_is_wrong_and_what_to_do(prepared: Deployment) -> None:
    healthy = prepared.run("doctor")
    assert healthy.returncode == 1  # no worker runs
    assert "BAD  worker" in healthy.stdout
    assert "rapport up" in healthy.stdout
    assert healthy.stdout.count("BAD") == 1

    prepared.query("UPDATE records_user SET is_admin = false")
    prepared.query("DELETE FROM django_migrations WHERE app = 'sessions'")
    (prepared.folder / "static" / ".made-from").unlink()
    (prepared.folder / "secret_key").chmod(0o644)
    sick = prepared.run(
        "doctor",
        RAPPORT_EMAIL_URL="smtp://127.0.0.1:1/",
        RAPPORT_DATABSE_URL="misspelt",
    )
    assert sick.returncode == 1
    for name in ("configuration", "data directory", "database", "administrator", "static files", "mail", "worker"):
        assert f"BAD  {name}" in sick.stdout
    assert "RAPPORT_DATABSE_URL" in sick.stdout
    assert sick.stdout.count("do: ") == sick.stdout.count("BAD")


def test_doctor_tells_when_the_database_is_away(deployment: Deployment) -> None:
    deployment.url = "postgresql://u:secretword@127.0.0.1:1/x"
    deployment.folder.mkdir()
    done = deployment.run("doctor")
    assert done.returncode == 1
    assert "BAD  database" in done.stdout
    assert "Traceback" not in done.stderr
    assert "secretword" not in done.stdout + done.stderr
