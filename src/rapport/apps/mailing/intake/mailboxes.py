"""Mailboxes, as administrators keep them: made, changed, tried out, removed; passwords are written and never shown."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from rapport.apps.mailing.intake import connecting, fetching
from rapport.apps.mailing.models import Mailbox
from rapport.records.accounts import audit, users
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid, NotFound

MOST = 50
WHERE = ("host", "port", "security", "username", "folder")
"""What says which mailbox it is; another one is read from its beginning."""


def every(caller: Caller) -> list[Mailbox]:
    """All mailboxes by name. Raises Forbidden."""
    users.check_administrator(caller)
    return list(Mailbox.objects.order_by("name", "pk"))


def one(caller: Caller, mailbox_id: int) -> Mailbox:
    """One mailbox. Raises Forbidden, NotFound."""
    users.check_administrator(caller)
    if (found := Mailbox.objects.filter(pk=mailbox_id).first()) is None:
        raise NotFound
    return found


def create(caller: Caller, *, password: str, **values: Any) -> Mailbox:
    """A mailbox that is read from now on, once the server lets us in. Raises Forbidden, Invalid."""
    users.check_administrator(caller)
    if not password:
        raise Invalid({"password": [_("Enter the password of the mailbox.")]})
    if Mailbox.objects.count() >= MOST:
        raise Invalid({"": [_("There are %(max)d mailboxes already. Remove one first.") % {"max": MOST}]})
    made = Mailbox(password=connecting.sealed(password), **values)
    check(made)
    with transaction.atomic():
        made.save(force_insert=True)
        audit.record("mailbox made", caller=caller, subject=made.address)
        fetching.wake_one(made.pk)
    return made


def change(caller: Caller, mailbox_id: int, *, password: str = "", **values: Any) -> Mailbox:
    """Change a mailbox; without a password the old one stays, unless it would go to another server.

    Raises Forbidden, NotFound, Invalid.
    """
    found = one(caller, mailbox_id)
    before = {name: getattr(found, name) for name in values}
    moved = any(before.get(name, getattr(found, name)) != values.get(name, getattr(found, name)) for name in WHERE)
    if not password and any(before.get(name) != values.get(name) for name in ("host", "port", "security")):
        raise Invalid({"password": [_("Enter the password again: it is to go to another server.")]})
    for name, value in values.items():
        setattr(found, name, value)
    if password:
        found.password = connecting.sealed(password)
    if moved or password or (found.active and not before.get("active", True)):
        check(found)
    if moved:
        found.uid_validity, found.last_uid = None, 0
    with transaction.atomic():
        found.error = ""
        found.save(update_fields=[*values, "password", "uid_validity", "last_uid", "error"])
        audit.record("mailbox changed", caller=caller, subject=found.address)
        if found.active:
            fetching.wake_one(found.pk)
    return found


def check(mailbox: Mailbox) -> None:
    """Sign in and look at the folder, as fetching does. Raises Invalid with what the server said."""
    try:
        with connecting.opened(mailbox):
            pass
    except (*connecting.FAULTS, connecting.Unreadable) as error:
        text = _("The mailbox can't be read: %(why)s") % {"why": connecting.told(error)}
        raise Invalid({"": [text]}) from error


def fetch_now(caller: Caller, mailbox_id: int) -> None:
    """Have a mailbox looked into at once. Raises Forbidden, NotFound."""
    fetching.wake_one(one(caller, mailbox_id).pk)


def remove(caller: Caller, mailbox_id: int) -> None:
    """Read a mailbox no more, and forget its password; what came in by it stays. Raises Forbidden, NotFound."""
    found = one(caller, mailbox_id)
    with transaction.atomic():
        found.delete()
        audit.record("mailbox removed", caller=caller, subject=found.address)
