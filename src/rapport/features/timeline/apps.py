"""Registers the feature."""

from django.apps import AppConfig


class TimelineConfig(AppConfig):
    """The one timeline of a record, gathered from registered sources."""

    name = "rapport.features.timeline"
    label = "timeline"

    def ready(self) -> None:
        """Register the source that every object has."""
        from rapport.features.timeline import changes
        from rapport.registry import extensions

        extensions.register(changes.SOURCE)
