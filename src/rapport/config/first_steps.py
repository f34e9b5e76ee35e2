"""The way in after a start: the set-up page while nobody can sign in, else a sign-in link."""

from __future__ import annotations

from django.urls import reverse

from rapport.records.accounts import sign_in_links
from rapport.records.models import User


def entrance() -> dict[str, str]:
    """`{"setup": path}` while there is no user, else `{"path": …, "who": …}` for the first administrator."""
    if not User.objects.exists():
        return {"setup": reverse("setup")}
    user = User.objects.filter(is_active=True, is_admin=True).order_by("id").first()
    if user is None:
        return {}
    return {"path": reverse("sign_in_link", args=[sign_in_links.create(user)]), "who": user.email}
