"""Registers the surface."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Pages."""

    name = "rapport.surfaces.web"
    label = "web"

    def ready(self) -> None:
        """Give templates what shows the value of a field, register the settings, note sign-ins."""
        from django.template import engines

        from rapport.registry import extensions
        from rapport.surfaces.web import cells
        from rapport.surfaces.web.accounts import auditing
        from rapport.surfaces.web.notices import choosing
        from rapport.surfaces.web.settings import users
        from rapport.surfaces.web.settings.pages import SETTINGS

        engines["jinja2"].env.globals["shown"] = cells.shown  # type: ignore[attr-defined]
        extensions.register(choosing.SETTING, *SETTINGS, users.STEP)
        auditing.connect()
