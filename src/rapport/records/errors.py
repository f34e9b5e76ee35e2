"""What the two doors refuse, each with what the user can do. Surfaces turn them into answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _


class RecordsError(Exception):
    """Base of all; `message` is for people."""

    status = 400
    message: Any = _("That did not work.")

    def __init__(self, message: Any = None) -> None:
        self.message = message or self.message
        super().__init__(self.message)


class NotFound(RecordsError):
    """It does not exist, or not for this caller: the two can't be told apart."""

    status = 404
    message = _("There is nothing here. It may have been deleted, or you may not be allowed to see it.")


class Merged(NotFound):
    """It stands in another record by a merge; `survivor` is that record's key."""

    status = 410
    message = _("This has been merged into another record.")

    def __init__(self, object_key: str, survivor: int) -> None:
        super().__init__()
        self.object_key, self.survivor = object_key, survivor


class Forbidden(RecordsError):
    """The caller sees the record but may not do this to it."""

    status = 403
    message = _("You may not do this. Ask the owner of the record or an administrator.")


class Invalid(RecordsError):
    """Input that was refused. `errors`: field name (or `""` for the whole) to messages."""

    status = 422
    message = _("Some entries need your attention.")

    def __init__(self, errors: Mapping[str, list[Any]], message: Any = None) -> None:
        super().__init__(message)
        self.errors = dict(errors)

    def __str__(self) -> str:
        return "; ".join(f"{name or '-'}: {' '.join(map(str, texts))}" for name, texts in self.errors.items())


class Conflict(RecordsError):
    """Somebody changed the same fields since they were read. `fields`: name to (their value, your value)."""

    status = 409
    message = _("Someone else changed this in the meantime. Look at both values and save again.")

    def __init__(self, fields: Mapping[str, tuple[Any, Any]], version: int) -> None:
        super().__init__()
        self.fields = dict(fields)
        self.version = version


class Outdated(RecordsError):
    """The definition of the object has changed since this write began, so that it checked too little."""

    status = 409
    message = _("The fields have just been changed. Save once more.")


class TooSlow(RecordsError):
    """The question took longer than its time limit."""

    status = 400
    message = _("This takes too long on so many records. Narrow the filter, or sort by a field that is indexed.")
