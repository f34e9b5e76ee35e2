"""The organisation: made once by set-up, changed by administrators."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction
from django.utils.translation import gettext as _

from rapport.lib.money import currencies
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts import audit, directory, epochs
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.changing import administering
from rapport.records.accounts.invitations import check_newcomer
from rapport.records.accounts.models import Organisation, User
from rapport.records.errors import Invalid, NotFound

SET_UP_LOCK = 0x5E7_0B
"""Number of the advisory lock under which PostgreSQL lets one set-up run; SQLite has one writer anyway."""


def is_set_up() -> bool:
    """Whether there is a user; set-up is closed from then on."""
    return User.objects.exists()


def set_up(
    *, name: str, country: str, currency: str, zone: str, language: str, admin_name: str, email: str, password: str
) -> User:
    """Make the organisation and its first administrator. Raises NotFound once a user exists, Invalid."""
    email = email.strip().lower()
    values = _checked(name=name, country=country, currency=currency, zone=zone, language=language)
    try:
        validate_email(email)
    except ValidationError as error:
        raise Invalid({"email": [_("Give an e-mail address such as name@example.com.")]}) from error
    try:
        check_newcomer(admin_name, email, password)
    except Invalid as error:
        raise Invalid({("admin_name" if n == "name" else n): m for n, m in error.errors.items()}) from error
    with transaction.atomic():
        if connection.vendor == "postgresql":
            db.execute(Sql("SELECT pg_advisory_xact_lock(%s)", (SET_UP_LOCK,)))
        if is_set_up():
            raise NotFound
        _store(values)
        user = User.objects.create_user(
            email, password, name=" ".join(admin_name.split())[:150], is_admin=True, zone=zone, language=language
        )
        audit.record("set-up", actor_id=user.pk, subject=values["name"])
        epochs.raise_(epochs.RIGHTS)
    return user


def update(caller: Caller, *, name: str, country: str, currency: str, zone: str, language: str) -> None:
    """Change the organisation. Raises Forbidden, Invalid."""
    values = _checked(name=name, country=country, currency=currency, zone=zone, language=language)
    with administering(caller, "organisation changed", values["name"]):
        _store(values)


def _checked(**values: str) -> dict[str, str]:
    errors: dict[str, list[Any]] = {}
    values["name"] = " ".join(values["name"].split())[:150]
    known = {
        "currency": currencies(),
        "zone": zoneinfo.available_timezones(),
        "language": dict(settings.LANGUAGES),
    }
    for field, options in known.items():
        if values[field] not in options:
            errors[field] = [_("Choose one of the list.")]
    country = values["country"]
    if not (len(country) == 2 and country.isascii() and country.isalpha() and country.isupper()):
        errors["country"] = [_("Choose one of the list.")]
    if not values["name"]:
        errors["name"] = [_("This is needed.")]
    if errors:
        raise Invalid(errors)
    return values


def _store(values: dict[str, str]) -> None:
    organisation = directory.organisation() or Organisation()
    for name, value in values.items():
        setattr(organisation, name, value)
    organisation.save()
