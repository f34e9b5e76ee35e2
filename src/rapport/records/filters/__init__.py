"""The one filter language and its compiler: for lists, saved views, roll-ups, rules, the API and agents alike."""

from rapport.records.filters.compiler import FilterCompiler, combine

__all__ = ["FilterCompiler", "combine"]
