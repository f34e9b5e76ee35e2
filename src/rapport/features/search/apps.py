"""Registers the feature."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    """One search over everything a person may see, on either database."""

    name = "rapport.features.search"
    label = "search"
