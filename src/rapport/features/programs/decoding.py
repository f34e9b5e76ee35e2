"""What a program sent as a value of a declared type."""

from __future__ import annotations

from typing import Any

import msgspec
from django.utils.translation import gettext as _

from rapport.features.programs.problems import Problem

_decoders: dict[type, msgspec.json.Decoder[Any]] = {}


def decoded(raw: bytes, kind: type) -> Any:
    """JSON as a value of the type. Raises Problem."""
    decoder = _decoders.get(kind)
    if decoder is None:
        decoder = _decoders[kind] = msgspec.json.Decoder(kind)
    try:
        found = decoder.decode(raw)
    except msgspec.ValidationError as error:
        raise _unfit(error) from error
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Problem(
            400, "malformed", _("The content is not JSON: %(fault)s.") % {"fault": str(error)[:200]}
        ) from error
    if b"\\u0000" in raw and _has_null(msgspec.to_builtins(found)):
        raise _null()
    return found


def converted(value: Any, kind: type) -> Any:
    """What was JSON as a value of the type. Raises Problem."""
    if _has_null(value):
        raise _null()
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise _unfit(error) from error


def _unfit(error: msgspec.ValidationError) -> Problem:
    text, _gap, place = str(error).partition(" - at `$")
    said = {"field": place.strip("`.").replace("...", "*"), "detail": text}
    return Problem(422, "invalid", _("The JSON does not have the form that is expected here."), errors=[said])


def _null() -> Problem:
    return Problem(422, "invalid", _("Take the null characters out of the texts."))


def _has_null(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(_has_null(k) or _has_null(v) for k, v in value.items())
    return isinstance(value, (list, tuple)) and any(map(_has_null, value))
