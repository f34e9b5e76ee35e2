"""Registers the domain."""

from django.apps import AppConfig


class CollaborationConfig(AppConfig):
    """Tasks and tags."""

    name = "rapport.apps.collaboration"
    label = "collaboration"

    def ready(self) -> None:
        """Register objects and extensions."""
        from rapport.apps.collaboration import extensions, specs
        from rapport.registry import catalog

        extensions.register()
        catalog.register(*specs.SPECS)
