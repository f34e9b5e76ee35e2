"""Registers the domain."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """People and companies."""

    name = "rapport.apps.customers"
    label = "customers"

    def ready(self) -> None:
        """Register objects and extensions."""
        from rapport.apps.customers import extensions, specs
        from rapport.registry import catalog

        extensions.register()
        catalog.register(*specs.SPECS)
