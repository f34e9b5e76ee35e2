"""Addresses of the pages: fixed ones, registered ones, then `<plural>/…` of every object, standard and custom."""

from __future__ import annotations

from django.urls import include, path

from rapport.registry import extensions
from rapport.registry.extensions import Page

urlpatterns = [
    path("", include("rapport.surfaces.web.home.urls")),
    path("", include("rapport.surfaces.web.calendar.urls")),
    path("", include("rapport.surfaces.web.accounts.urls")),
    path("", include("rapport.surfaces.web.oauth.urls")),
    path("", include("rapport.surfaces.web.notices.urls")),
    path("", include("rapport.surfaces.web.palette.urls")),
    path("", include("rapport.surfaces.web.tour.urls")),
    path("", include("rapport.surfaces.web.settings.top")),
    path("settings/", include("rapport.surfaces.web.settings.urls")),
    *(path(page.path, page.view, name=page.name) for page in extensions.all_of(Page)),
    path("", include("rapport.surfaces.web.importing.urls")),
    path("", include("rapport.surfaces.web.record.urls")),
    path("", include("rapport.surfaces.web.lists.urls")),
]
