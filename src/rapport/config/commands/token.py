"""`rapport token …`: tokens with which programs ask the API."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import click

from rapport.config.cli import use_django

if TYPE_CHECKING:
    from rapport.records.accounts.caller import Caller

DAY = dt.timedelta(days=1)


@click.group()
def token() -> None:
    """Make, list or revoke tokens with which programs ask the API as a user."""


@token.command("create")
@click.option("--user", "email", required=True, help="E-mail address of the user in whose name it acts.")
@click.option("--name", required=True, help="What it is for, such as the name of the program.")
@click.option(
    "--scope", "scopes", multiple=True, default=("read",), show_default=True,
    help="read, write, admin, or read:OBJECT or write:OBJECT; may be given several times.",
)  # fmt: skip
@click.option("--expires", default="", help="A day such as 2027-12-31, or a number of days such as 90; else never.")
def create(email: str, name: str, scopes: tuple[str, ...], expires: str) -> None:
    """Make a token and print it, once."""
    caller = _caller(email)
    from rapport.records.accounts import api_tokens
    from rapport.records.errors import Invalid

    try:
        _made, text = api_tokens.create(caller, name=name, scopes=scopes, expires_at=_moment(expires))
    except Invalid as error:
        raise click.ClickException(str(error)) from error
    click.echo(text)


@token.command("list")
@click.option("--user", "email", required=True, help="E-mail address of the user.")
def list_(email: str) -> None:
    """List the tokens of a user: number, name, scopes, until when, last use."""
    caller = _caller(email)
    from rapport.records.accounts import api_tokens

    for found in api_tokens.of_user(caller):
        until = f"until {found.expires_at:%Y-%m-%d}" if found.expires_at else "without end"
        used = f"last used {found.last_used_at:%Y-%m-%d %H:%M}" if found.last_used_at else "never used"
        click.echo(f"{found.pk}  {found.name}  {found.hint}…  {' '.join(found.scopes)}  {until}  {used}")


@token.command("revoke")
@click.option("--user", "email", required=True, help="E-mail address of the user.")
@click.argument("number", type=int)
def revoke(email: str, number: int) -> None:
    """End the token with this NUMBER of `rapport token list` at once."""
    caller = _caller(email)
    from rapport.records.accounts import api_tokens
    from rapport.records.errors import NotFound

    try:
        api_tokens.revoke(caller, number)
    except NotFound as error:
        raise click.ClickException(f"{email} has no token {number}. To list them: rapport token list") from error
    click.echo("It is revoked.")


def _caller(email: str) -> Caller:
    use_django()
    from rapport.records.accounts import api_tokens
    from rapport.records.customising import sync

    sync.refresh()
    found = api_tokens.of_address(email)
    if found is None:
        raise click.ClickException(f"There is no active user {email}. To list them: rapport user list")
    return found.through("command")


def _moment(text: str) -> dt.datetime | None:
    if not text:
        return None
    try:
        if text.isascii() and text.isdigit() and len(text) < 5:
            return dt.datetime.now(dt.UTC) + int(text) * DAY
        day = dt.date.fromisoformat(text)
        return dt.datetime.combine(day + DAY, dt.time(), dt.UTC)
    except (ValueError, OverflowError) as error:
        raise click.ClickException("Give --expires as a day such as 2027-12-31, or as a number of days.") from error
