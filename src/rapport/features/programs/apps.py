"""Registers the feature."""

from django.apps import AppConfig


class ProgramsConfig(AppConfig):
    """What the doors for programs share."""

    name = "rapport.features.programs"
    label = "programs"

    def ready(self) -> None:
        """Register the job that forgets old counts, which are in no archive."""
        from rapport.features.programs import housekeeping
        from rapport.registry import extensions

        counts = {"programs.Usage": "requests of the last minutes"}
        extensions.register(housekeeping.JOB, extensions.ArchiveRule(name="programs", out=counts))
