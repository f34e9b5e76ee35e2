"""Registers the feature."""

from django.apps import AppConfig


class RatesConfig(AppConfig):
    """Exchange rates by day."""

    name = "rapport.features.rates"
    label = "rates"

    def ready(self) -> None:
        """Register the command that reads rates from a file, and the demo data."""
        from rapport.features.rates import commands, demo
        from rapport.registry import extensions

        extensions.register(extensions.Command(name="rates", callback=commands.rates), demo.DEMO)
