"""The full-text index anew.

PostgreSQL: lexemes carry the number of their object, so that beginnings are collected for one object alone.
SQLite: fewer indexed beginnings, and larger segments, which are written in half the time.
"""

from django.db import migrations

SQLITE = (
    "DROP TABLE search_words",
    "CREATE VIRTUAL TABLE search_words USING fts5(text, content='search_entry', content_rowid='id', "
    "tokenize='ascii', prefix='1 2 3 4', detail='none', columnsize=0)",
    "INSERT INTO search_words (search_words, rank) VALUES ('hashsize', 16777216)",
    "INSERT INTO search_words (search_words, rank) VALUES ('usermerge', 2)",
    "INSERT INTO search_words (search_words) VALUES ('rebuild')",
)
POSTGRESQL = (
    "DROP FUNCTION search_hits(tsquery, bigint[], text[], integer, integer)",
    "DROP INDEX search_entry_words",
    """
    CREATE FUNCTION search_lexemes(id bigint, text text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN array_to_tsvector(
        string_to_array((id >> 42)::text || '.' || replace(text, ' ', ' ' || (id >> 42)::text || '.'), ' ')
    )
    """,
    "CREATE INDEX search_entry_words ON search_entry USING gin (search_lexemes(id, text))",
    # A function, because only there the planner can be kept from reading the whole table, and its plan is kept.
    """
    CREATE FUNCTION search_hits(wanted text[], quota integer, most integer)
    RETURNS TABLE (doc bigint) LANGUAGE plpgsql STABLE
    SET enable_seqscan = off SET enable_indexscan = off SET enable_indexonlyscan = off
    AS $$
    BEGIN
        RETURN QUERY SELECT newest.id FROM unnest(wanted) AS query(text) CROSS JOIN LATERAL (
            SELECT found.id FROM (
                SELECT e.id FROM search_entry e WHERE search_lexemes(e.id, e.text) @@ query.text::tsquery LIMIT most
            ) found ORDER BY found.id DESC LIMIT quota
        ) newest;
    END
    $$
    """,
)


def run(apps, schema_editor):
    for statement in {"sqlite": SQLITE, "postgresql": POSTGRESQL}[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial")]
    operations = [migrations.RunPython(run)]
