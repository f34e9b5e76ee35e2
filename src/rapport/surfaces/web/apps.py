"""Registers the surface."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Pages."""

    name = "rapport.surfaces.web"
    label = "web"

    def ready(self) -> None:
        """Give templates what shows the value of a field."""
        from django.template import engines

        from rapport.surfaces.web import cells

        engines["jinja2"].env.globals["shown"] = cells.shown  # type: ignore[attr-defined]
