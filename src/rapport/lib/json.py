"""JSON as stored and sent: compact, keys in the order given, moments in UTC with `Z`."""

from __future__ import annotations

from typing import Any

import msgspec

_encoder = msgspec.json.Encoder(decimal_format="string")
_decoder = msgspec.json.Decoder()


def dumps(value: Any) -> str:
    """Compact JSON text. Raises TypeError for what JSON can't say."""
    return _encoder.encode(value).decode()


def loads(text: str | bytes) -> Any:
    """Raises ValueError for what is not JSON."""
    try:
        return _decoder.decode(text)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise ValueError(str(error)) from error


def column(value: Any) -> Any:
    """A JSON column as read from either database: text on SQLite, already decoded on PostgreSQL."""
    return loads(value) if isinstance(value, (str, bytes)) else value
