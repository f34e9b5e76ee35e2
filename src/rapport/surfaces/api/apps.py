"""Registers the surface."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """REST for programs."""

    name = "rapport.surfaces.api"
    label = "api"

    def ready(self) -> None:
        """Register the page that describes the API, and the job that forgets old answers."""
        from rapport.registry import extensions
        from rapport.surfaces.api import housekeeping
        from rapport.surfaces.api.openapi import page

        kept = extensions.MergeRule(name="api", stays=("api_keptanswer",))
        answers = extensions.ArchiveRule(
            name="api", out={"api.KeptAnswer": "answers of a day, for requests sent again"}
        )
        extensions.register(housekeeping.JOB, page.PAGE, kept, answers)
