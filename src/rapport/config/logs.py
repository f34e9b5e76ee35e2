"""Logs: one JSON object a line, with the id of the request that a line belongs to."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

import msgspec

from rapport.lib.requests import request_id

# What a line may carry beside its message (`extra=`); anything else stays out, so that no record leaks by accident.
EXTRAS = ("method", "path", "status", "ms", "user", "job", "event", "count")
_encoder = msgspec.json.Encoder(enc_hook=str)


class JsonFormatter(logging.Formatter):
    """`{"time", "level", "logger", "message", "request_id"?, …EXTRAS, "exception"?}`, times in UTC."""

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if current := request_id.get():
            line["request_id"] = current
        for name in EXTRAS:
            if (value := getattr(record, name, None)) is not None:
                line[name] = value
        if record.exc_info and record.exc_info[0]:
            line["exception"] = self.formatException(record.exc_info)
        return _encoder.encode(line).decode()
