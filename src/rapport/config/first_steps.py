"""The first organisation and its first users, made without a browser; and the way in after a start."""

from __future__ import annotations

import zoneinfo
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse

from rapport.records.accounts import audit, directory, sign_in_links
from rapport.records.models import User
from rapport.registry.extensions import Command, named


class SetUpError(click.ClickException):
    """Values that no organisation or user can have, with what to do."""


def create_user(*, email: str, name: str = "", password: str | None = None, admin: bool = False) -> User:
    """A user. Raises SetUpError, with what to do, for an address or password that can't be."""
    try:
        validate_email(email)
    except ValidationError as error:
        raise SetUpError(f"{email!r} is no e-mail address.") from error
    user = User(email=email.lower(), name=name or email.partition("@")[0], is_admin=admin)
    if User.objects.filter(email__iexact=email).exists():
        raise SetUpError(f"There is a user {email} already. To sign in: rapport user link {email}")
    if password is not None:
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise SetUpError("The password is too weak. " + " ".join(error.messages)) from error
    with transaction.atomic():
        made = directory.create_user(user.email, user.name, password=password, is_admin=admin)
        audit.record("user created", subject=made.email, detail={"admin": admin, "by": "command line"})
    return made


def set_up(*, email: str, password: str, name: str, organisation: Mapping[str, Any]) -> User | None:
    """The organisation and its first administrator; None where users exist. Raises SetUpError for wrong values."""
    if User.objects.exists():
        return None
    if organisation["zone"] not in zoneinfo.available_timezones():
        raise SetUpError(f"There is no time zone {organisation['zone']!r}; an example is Europe/Berlin.")
    if organisation["language"] not in dict(settings.LANGUAGES):
        raise SetUpError(
            f"There is no language {organisation['language']!r}, but {', '.join(dict(settings.LANGUAGES))}."
        )
    for part, length in (("country", 2), ("currency", 3)):
        if not (organisation[part].isascii() and organisation[part].isalpha() and len(organisation[part]) == length):
            raise SetUpError(f"The {part} has {length} letters, not {organisation[part]!r}.")
    with transaction.atomic():
        directory.found_organisation(**organisation)
        return create_user(email=email, name=name, password=password, admin=True)


def wants_demo(*, new: bool) -> bool:
    """Whether the demo organisation is to be loaded: into a new database, or one where a load was interrupted.

    A load is one transaction, so an interrupted one left nothing; who has set up an organisation since keeps it alone.
    """
    begun = _demo_begun()
    wanted = (new or begun.exists()) and not User.objects.exists()
    if not wanted:
        begun.unlink(missing_ok=True)
    return wanted


def load_demo() -> None:
    """The demo organisation, by the command that `features.demo` registers. Raises SetUpError without it."""
    command = named(Command, "demo")
    if command is None:
        raise SetUpError("There is no demo organisation in this installation. Start without --demo.")
    begun = _demo_begun()
    begun.touch(mode=0o600)
    click.echo("Loading the demo organisation", err=True)
    command.callback.main(["load"], standalone_mode=False)
    begun.unlink()


def _demo_begun() -> Path:
    """A file that stands for a load that has begun and not ended."""
    return Path(settings.DATA_DIR, ".demo-begun")


def sign_in_path(user: User) -> str:
    """The path of a link that signs this user in once."""
    return reverse("sign_in_link", args=[sign_in_links.create(user)])


def entrance() -> dict[str, str]:
    """`{"setup": path}` while there is no user, else `{"path": …, "who": …}` for the first administrator."""
    if not User.objects.exists():
        return {"setup": reverse("setup")}
    user = User.objects.filter(is_active=True, is_admin=True).order_by("id").first()
    return {"path": sign_in_path(user), "who": user.email} if user else {}
