"""Addresses of palette, search and choices."""

from __future__ import annotations

from django.urls import path

from rapport.surfaces.web.palette import choices, searching, views

urlpatterns = [
    path("palette/", views.palette, name="palette"),
    path("search/", searching.search_page, name="search"),
    path("users/options/", choices.user_options, name="user_options"),
    path("<slug:plural>/options/", choices.options, name="options"),
]
