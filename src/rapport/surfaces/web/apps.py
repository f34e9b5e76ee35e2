"""Registers the surface."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Pages."""

    name = "rapport.surfaces.web"
    label = "web"
