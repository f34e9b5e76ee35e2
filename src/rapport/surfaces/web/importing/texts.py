"""What pages of imports say of rows, errors and times."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rapport.records.errors import RecordsError


def sentences(error: RecordsError) -> list[str]:
    """The messages of a refusal."""
    errors = getattr(error, "errors", {})
    return [str(text) for texts in errors.values() for text in texts] or [str(error.message)]


def remaining(seconds: float) -> str:
    """How long something will still take."""
    if seconds < 60:
        return _("less than a minute left")
    minutes = round(seconds / 60)
    if minutes < 90:
        return ngettext("about %(count)d minute left", "about %(count)d minutes left", minutes) % {"count": minutes}
    hours = round(minutes / 60)
    return ngettext("about %(count)d hour left", "about %(count)d hours left", hours) % {"count": hours}
