"""Addresses of notifications."""

from __future__ import annotations

from django.urls import path

from rapport.surfaces.web.notices import views

urlpatterns = [
    path("notifications/", views.notifications, name="notifications"),
    path("notifications/bell/", views.bell, name="notifications-bell"),
    path("notifications/read/", views.read, name="notifications-read"),
    path("notifications/<int:notification_id>/open/", views.open_one, name="notification-open"),
]
