"""Blocking keys, what is still to be compared, and what is done at each door."""

from django.db import migrations, models

# The table is its own index: one entry for each key of a record, nothing beside it.
CREATE = "CREATE TABLE duplicates_key (key bigint NOT NULL, record_id bigint NOT NULL, PRIMARY KEY (key, record_id))"


def make(apps, schema_editor):
    without = " WITHOUT ROWID" if schema_editor.connection.vendor == "sqlite" else ""
    schema_editor.execute(CREATE + without)


def drop(apps, schema_editor):
    schema_editor.execute("DROP TABLE duplicates_key")


class Migration(migrations.Migration):
    dependencies = [("duplicates", "0001_pairs")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(make, drop)],
            state_operations=[
                migrations.CreateModel(
                    name="DuplicateKey",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "key", "record_id", blank=True, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("key", models.BigIntegerField()),
                        ("record_id", models.BigIntegerField()),
                    ],
                    options={"db_table": "duplicates_key"},
                ),
            ],
        ),
        migrations.CreateModel(
            name="KeyState",
            fields=[
                ("object_key", models.CharField(max_length=60, primary_key=True, serialize=False)),
                ("fields", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="NewRecords",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("object_key", models.CharField(max_length=60)),
                ("last_id", models.BigIntegerField()),
                ("keyed_to", models.BigIntegerField()),
                ("compared_to", models.BigIntegerField()),
                ("door", models.CharField(blank=True, max_length=20)),
                ("actor_id", models.BigIntegerField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="DoorPolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("object_key", models.CharField(max_length=60)),
                ("door", models.CharField(max_length=20)),
                ("exact", models.CharField(max_length=10)),
                ("near", models.CharField(max_length=10)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("object_key", "door"), name="duplicate_policy_once"),
                ],
            },
        ),
    ]
