"""Addresses of signing in, set-up, invitations and the profile."""

from __future__ import annotations

from django.urls import path

from rapport.surfaces.web.accounts import views

urlpatterns = [
    path("sign-in/<str:token>/", views.sign_in_link, name="sign_in_link"),
    path("setup/", views.set_up, name="setup"),
    path("join/<str:token>/", views.join, name="join"),
    path("profile/", views.profile, name="profile"),
    path("profile/sign-out-everywhere/", views.sign_out_everywhere, name="sign_out_everywhere"),
]
