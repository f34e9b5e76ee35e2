"""Addresses of the calendar."""

from __future__ import annotations

from django.urls import path

from rapport.surfaces.web.calendar import moving, views

urlpatterns = [
    path("calendar/show/", views.choose, name="calendar-choose"),
    path("calendar/new/", views.new, name="calendar-new"),
    path("calendar/move/", moving.move, name="calendar-move"),
]
