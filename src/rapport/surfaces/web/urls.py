"""Addresses of the pages. Fixed ones first; then `<plural>/…` of every object, standard and custom."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("rapport.surfaces.web.home.urls")),
    path("", include("rapport.surfaces.web.accounts.urls")),
    path("", include("rapport.surfaces.web.palette.urls")),
    path("", include("rapport.surfaces.web.settings.top")),
    path("settings/", include("rapport.surfaces.web.settings.urls")),
    path("", include("rapport.surfaces.web.record.urls")),
    path("", include("rapport.surfaces.web.lists.urls")),
]
