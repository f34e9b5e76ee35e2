"""Registers the domain."""

from django.apps import AppConfig


class SalesConfig(AppConfig):
    """Pipelines and deals."""

    name = "rapport.apps.sales"
    label = "sales"

    def ready(self) -> None:
        """Register objects."""
        from rapport.apps.sales import extensions, specs
        from rapport.registry import catalog

        extensions.register()
        catalog.register(*specs.SPECS)
