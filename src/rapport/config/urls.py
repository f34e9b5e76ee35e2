"""Addresses: the pages at the root, sign-in of django-allauth under `accounts/`."""

from __future__ import annotations

from django.urls import include, path

from rapport.config.checks import CHECKS
from rapport.registry.extensions import register

register(*CHECKS)  # for the page that shows what doctor looks at
urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("", include("rapport.surfaces.web.urls")),
]
handler400 = "rapport.config.errors.bad_request"
handler403 = "rapport.config.errors.forbidden"
handler404 = "rapport.config.errors.not_found"
handler500 = "rapport.config.errors.failed"
