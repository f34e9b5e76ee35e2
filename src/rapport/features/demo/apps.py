"""Registers the feature."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """The demo organisation."""

    name = "rapport.features.demo"
    label = "demo"

    def ready(self) -> None:
        """Register the command."""
        from rapport.features.demo.commands import demo
        from rapport.registry import extensions

        extensions.register(extensions.Command(name="demo", callback=demo))
