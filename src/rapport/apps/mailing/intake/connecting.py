"""The way to a mail server (IMAP, RFC 3501): opened read-only, with a limit of time and of size."""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError

from rapport.apps.mailing.models import Mailbox, Security
from rapport.lib import sealing

PURPOSE, SECONDS = "mailbox password", 30
FAULTS = (OSError, imaplib.IMAP4.error, ImapToolsError, UnicodeError)
"""What a server, or the way to it, may answer with."""


class Unreadable(Exception):
    """The password was sealed with another secret key of the deployment; it must be entered again."""


def sealed(password: str) -> str:
    """How a password is kept."""
    return sealing.seal(settings.SECRET_KEY, PURPOSE, password)


@contextmanager
def opened(mailbox: Mailbox) -> Iterator[tuple[BaseMailBox, int]]:
    """The mailbox with its folder chosen, and the folder's UIDVALIDITY. Raises one of `FAULTS`, Unreadable."""
    try:
        password = sealing.unseal(settings.SECRET_KEY, PURPOSE, mailbox.password)
    except ValueError as error:
        raise Unreadable from error
    box = _connected(mailbox)
    try:
        box.login(mailbox.username, password, initial_folder=None)
        status = box.folder.status(mailbox.folder, ["UIDVALIDITY"])
        box.folder.set(mailbox.folder, readonly=True)
        yield box, int(status["UIDVALIDITY"])
    finally:
        _leave(box)


def _connected(mailbox: Mailbox) -> BaseMailBox:
    way: dict[str, Any] = {"host": mailbox.host, "port": mailbox.port, "timeout": SECONDS}
    match mailbox.security:
        case Security.TLS:
            return MailBox(**way, ssl_context=ssl.create_default_context())
        case Security.STARTTLS:
            return MailBoxStartTls(**way, ssl_context=ssl.create_default_context())
        case _:
            return MailBoxUnencrypted(**way)


def _leave(box: BaseMailBox) -> None:
    try:
        box.logout()
    except FAULTS:
        return


def told(error: BaseException) -> str:
    """Why a server could not be read, in words."""
    if isinstance(error, Unreadable):
        return _("The password can't be read any more, since the secret key is another one. Enter it again.")
    if isinstance(error, ssl.SSLError):
        return _("The connection is not safe: %(why)s") % {"why": error.reason or error}
    if isinstance(error, TimeoutError):
        return _("The server does not answer.")
    return " ".join(str(error).split())[:400] or type(error).__name__
