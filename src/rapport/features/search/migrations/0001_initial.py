"""Tables, full-text index and triggers, as each database needs them."""

from django.db import migrations, models

SQLITE = (
    "CREATE TABLE search_entry (id integer PRIMARY KEY, text text NOT NULL)",
    "CREATE TABLE search_key (key text NOT NULL, word text NOT NULL, PRIMARY KEY (key, word)) WITHOUT ROWID",
    # Tokens come ready made; `ascii` splits them at the spaces only. Nobody asks where in a text a token stands.
    "CREATE VIRTUAL TABLE search_words USING fts5(text, content='search_entry', content_rowid='id', "
    "tokenize='ascii', prefix='1 2 3 4 5 6', detail='none', columnsize=0)",
    "CREATE TRIGGER search_entry_delete AFTER DELETE ON search_entry BEGIN "
    "INSERT INTO search_words (search_words, rowid, text) VALUES ('delete', old.id, old.text); END",
)
SQLITE_BACK = ("DROP TABLE search_words", "DROP TABLE search_entry", "DROP TABLE search_key")

POSTGRESQL = (
    "CREATE TABLE search_entry (id bigint PRIMARY KEY, text text NOT NULL)",
    'CREATE INDEX search_entry_words ON search_entry USING gin (array_to_tsvector(string_to_array(text, \' \')))',
    # Not unique: two transactions that learn the same words must not wait for each other.
    'CREATE TABLE search_key (key text COLLATE "C" NOT NULL, word text COLLATE "C" NOT NULL)',
    "CREATE INDEX search_key_key ON search_key (key, word)",
    # A function, because only there the planner can be kept from reading the whole table.
    """
    CREATE FUNCTION search_hits(wanted tsquery, numbers bigint[], shapes text[], quota integer, most integer)
    RETURNS TABLE (id bigint, total bigint) LANGUAGE sql STABLE
    SET enable_seqscan = off SET enable_indexscan = off SET enable_indexonlyscan = off
    AS $$
        SELECT placed.id, placed.total FROM (
            SELECT found.id, count(*) OVER () AS total,
                row_number() OVER (PARTITION BY found.id >> 42 ORDER BY found.id DESC) AS place
            FROM (
                SELECT e.id FROM search_entry e
                WHERE array_to_tsvector(string_to_array(e.text, ' ')) @@ wanted
                  AND (numbers IS NULL OR (e.id >> 42) = ANY (numbers))
                  AND (shapes IS NULL OR (' ' || e.text || ' ') ~ ALL (shapes))
                LIMIT most
            ) found
        ) placed WHERE placed.place <= quota ORDER BY placed.id DESC
    $$
    """,
)
POSTGRESQL_BACK = (
    "DROP FUNCTION search_hits(tsquery, bigint[], text[], integer, integer)",
    "DROP TABLE search_entry",
    "DROP TABLE search_key",
)


def run(statements):
    def step(apps, schema_editor):
        for statement in statements[schema_editor.connection.vendor]:
            schema_editor.execute(statement)

    return step


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunPython(
                    run({"sqlite": SQLITE, "postgresql": POSTGRESQL}),
                    run({"sqlite": SQLITE_BACK, "postgresql": POSTGRESQL_BACK}),
                )
            ],
            state_operations=[
                migrations.CreateModel(
                    name="SearchEntry",
                    fields=[
                        ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                        ("text", models.TextField()),
                    ],
                    options={"db_table": "search_entry"},
                ),
                migrations.CreateModel(
                    name="SearchKey",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "key", "word", blank=True, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("key", models.TextField()),
                        ("word", models.TextField()),
                    ],
                    options={"db_table": "search_key"},
                ),
            ],
        ),
        migrations.CreateModel(
            name="SearchState",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("fields", models.TextField()),
            ],
            options={"db_table": "search_state"},
        ),
    ]
