"""Addresses of the home page."""

from __future__ import annotations

from django.urls import path

from rapport.surfaces.web.home import views

urlpatterns = [
    path("", views.home, name="home"),
    path("home/changes/", views.changes, name="home_changes"),
    path("first-steps/", views.first_steps, name="first_steps"),
    path("first-steps/hide/", views.hide_first_steps, name="first_steps_hide"),
]
