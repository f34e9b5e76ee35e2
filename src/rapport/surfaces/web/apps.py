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
        from rapport.surfaces.web.calendar import views as calendar
        from rapport.surfaces.web.duplicates import views as pairs
        from rapport.surfaces.web.notices import choosing, pushing
        from rapport.surfaces.web.settings import access, agents, archive, duplicates, tokens, users, webhooks
        from rapport.surfaces.web.settings.pages import SETTINGS
        from rapport.surfaces.web.tour import stops

        engines["jinja2"].env.globals["shown"] = cells.shown  # type: ignore[attr-defined]
        extensions.register(
            calendar.PAGE,
            *pushing.PAGES,
            choosing.SETTING,
            tokens.SETTING,
            access.SETTING,
            agents.SETTING,
            webhooks.SETTING,
            archive.SETTING,
            *SETTINGS,
            duplicates.SETTING,
            *pairs.PAGES,
            pairs.TILE,
            users.STEP,
            *stops.STOPS,
            stops.STEP,
        )
        auditing.connect()
        pushing.connect()
