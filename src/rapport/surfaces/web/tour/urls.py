"""Addresses of the tour."""

from __future__ import annotations

from django.urls import path

from rapport.surfaces.web.tour import views

urlpatterns = [
    path("tour/", views.tour, name="tour"),
    path("tour/go/", views.go, name="tour-go"),
    path("tour/card/", views.card, name="tour-card"),
    path("tour/leave/", views.leave, name="tour-leave"),
]
