"""The id of the request that this thread or task answers, for logs and audit rows."""

from __future__ import annotations

from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="")
