"""`rapport init` and `rapport user …`: the way in without a browser."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from rapport.config.cli import use_django

if TYPE_CHECKING:
    from rapport.records.models import User


@click.command()
@click.option("--organisation", default="My organisation", show_default=True, help="Its name.")
@click.option("--country", default="DE", show_default=True, help="Two letters, as in addresses and phone numbers.")
@click.option("--currency", default="EUR", show_default=True, help="Three letters.")
@click.option("--zone", default="UTC", show_default=True, help="Time zone, such as Europe/Berlin.")
@click.option("--language", default="en", show_default=True)
@click.option("--name", default="Administrator", show_default=True, help="Name of the first administrator.")
def init(organisation: str, country: str, currency: str, zone: str, language: str, name: str) -> None:
    """Prepare an empty Rapport unattended: database, static files, organisation, first administrator.

    The administrator is taken from RAPPORT_ADMIN_EMAIL and RAPPORT_ADMIN_PASSWORD (or RAPPORT_ADMIN_PASSWORD_FILE).
    Where somebody can sign in already, only the database is brought up to date.
    """
    from rapport.config import variables

    email, password = variables.read("RAPPORT_ADMIN_EMAIL"), variables.read("RAPPORT_ADMIN_PASSWORD")
    if not email or not password:
        raise click.ClickException(
            "Set RAPPORT_ADMIN_EMAIL and RAPPORT_ADMIN_PASSWORD (or RAPPORT_ADMIN_PASSWORD_FILE) for one."
        )
    use_django()
    from rapport.config import first_steps, prepare, running

    with running.exclusively(variables.data_dir(), "init"):
        prepare.everything(demo=False)
        user = first_steps.set_up(
            email=email,
            password=password,
            name=name,
            organisation={
                "name": organisation,
                "country": country.upper(),
                "currency": currency.upper(),
                "zone": zone,
                "language": language,
            },
        )
    click.echo(f"Prepared. {user.email} may sign in." if user else "Up to date. Users exist already, so none was made.")


@click.group()
def user() -> None:
    """Create users, or a sign-in link for one."""


@user.command("create")
@click.argument("email")
@click.option("--name", default="", help="Shown to others; else the first part of the address.")
@click.option("--admin", is_flag=True, help="May do everything, users and settings included.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def create(email: str, name: str, admin: bool, password_stdin: bool) -> None:
    """Create a user. Without a password, a link is printed that signs in once."""
    use_django()
    from rapport.config import first_steps

    password = sys.stdin.readline().rstrip("\n") if password_stdin else None
    made = first_steps.create_user(email=email, name=name, password=password, admin=admin)
    click.echo(f"{made.email} may sign in{' as administrator' if admin else ''}.")
    if password is None:
        _print_link(made)


@user.command("link")
@click.argument("email")
def link(email: str) -> None:
    """Print a link that signs this user in, once, within 15 minutes."""
    use_django()
    from rapport.records.models import User

    found = User.objects.filter(email__iexact=email, is_active=True).first()
    if found is None:
        raise click.ClickException(f"There is no active user {email}. To list them: rapport user list")
    _print_link(found)


@user.command("list")
def list_() -> None:
    """List users."""
    use_django()
    from rapport.records.models import User

    for found in User.objects.order_by("email"):
        marks = [
            word for word, holds in (("administrator", found.is_admin), ("inactive", not found.is_active)) if holds
        ]
        click.echo(f"{found.email}  {found.name}  {', '.join(marks)}".rstrip())


def _print_link(found: User) -> None:
    from django.conf import settings

    from rapport.config import first_steps

    click.echo(f"{settings.BASE_URL}{first_steps.sign_in_path(found)}")
