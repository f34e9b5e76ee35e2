"""Registers the feature."""

from django.apps import AppConfig


class TimelineConfig(AppConfig):
    """The one timeline of a record, gathered from registered sources."""

    name = "rapport.features.timeline"
    label = "timeline"
