"""The audit log: one line for each security-relevant act."""

from __future__ import annotations

from typing import Any

from rapport.records.accounts.caller import Caller
from rapport.records.accounts.models import AuditEntry


def record(
    act: str, *, caller: Caller | None = None, actor_id: int | None = None, subject: str = "",
    detail: dict[str, Any] | None = None, address: str = "",
) -> None:  # fmt: skip
    """Note an act such as `sign-in`, `sign-in refused`, `refusal`, `export`, `rights`. Never hold a secret in it."""
    AuditEntry.objects.create(
        actor_id=caller.user_id if caller else actor_id,
        act=act[:60],
        subject=subject[:200],
        detail=detail or {},
        address=address[:45],
    )
