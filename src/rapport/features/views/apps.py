"""Registers the feature."""

from django.apps import AppConfig


class ViewsConfig(AppConfig):
    """Saved views of lists: private, of a team, of everyone."""

    name = "rapport.features.views"
    label = "views"
