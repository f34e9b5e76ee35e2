"""Registers the feature."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    """One search over everything a person may see, on either database."""

    name = "rapport.features.search"
    label = "search"

    def ready(self) -> None:
        """Register the part of every write, what erasure asks, jobs and the command."""
        from rapport.features.search import indexing, jobs, maintenance
        from rapport.registry import extensions

        extensions.register(
            extensions.Within(name="search", run=indexing.run),
            extensions.PersonalData(name="search", objects=("*",), erase=maintenance.erase),
            jobs.REINDEX,
            jobs.TIDY,
            jobs.COMMAND,
        )
