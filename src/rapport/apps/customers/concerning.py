"""What concerns a person or a company, for timelines and panels of other domains."""

from __future__ import annotations

from rapport.features.timeline.sql import either
from rapport.lib.sql import Sql


def concerning(alias: str, table: str, key: str, record_id: int) -> Sql:
    """The condition that a row with such references concerns a record; a company's are those of its people too."""
    if key != "company":
        return Sql(f"{alias}.{key}_id = %s", (record_id,))
    people = "SELECT id FROM customers_person WHERE company_id = %s"
    own, theirs = Sql("company_id = %s", (record_id,)), Sql(f"person_id IN ({people})", (record_id,))
    return either(alias, table, own, theirs)
