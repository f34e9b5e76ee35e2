"""What a user has chosen for the pages: small values by key, such as what is hidden."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from rapport.records.accounts.models import User


def read(user_id: int | None) -> dict[str, Any]:
    """The preferences of a user."""
    found = User.objects.filter(pk=user_id or 0).values_list("preferences", flat=True).first()
    return dict(found or {})


def put(user_id: int | None, key: str, value: Any) -> None:
    """Set one preference; None takes it away."""
    with transaction.atomic():
        user = User.objects.select_for_update().filter(pk=user_id or 0).only("preferences").first()
        if user is None:
            return
        kept = {k: v for k, v in user.preferences.items() if k != key}
        user.preferences = kept if value is None else {**kept, key: value}
        user.save(update_fields=["preferences"])
