"""Registers the feature."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    """One search over everything a person may see, on either database."""

    name = "rapport.features.search"
    label = "search"

    def ready(self) -> None:
        """Register the part of every write, what erasure asks, jobs and the command."""
        from django.core.checks import register

        from rapport.features.search import checks, indexing, jobs, maintenance
        from rapport.registry import extensions

        register(checks.check_objects)
        extensions.register(
            extensions.Within(name=indexing.NAME, run=indexing.run, prepare=indexing.prepare),
            extensions.PersonalData(name="search", objects=("*",), erase=maintenance.erase),
            extensions.ArchiveRule(
                name="search",
                out={
                    f"search.{name}": "made anew of the records" for name in ("SearchEntry", "SearchKey", "SearchState")
                },
                remake=maintenance.fill,
            ),
            jobs.REINDEX,
            jobs.FOLLOW,
            jobs.TIDY,
            jobs.SCRUB,
            jobs.COMMAND,
        )
