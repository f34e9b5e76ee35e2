"""`Record`: what every business object's table has."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement, Table
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

LIVE = Q(deleted_at__isnull=True)


class SortIndex(models.Index):
    """An index that lists sorted by a text column can walk: collated as `Dialect.sort_text`, live records only."""

    def __init__(self, column: str = "", *, fields: list[str] | None = None, name: str) -> None:
        super().__init__(fields=fields or [column], name=name)

    def create_sql(
        self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor, using: str = "", **kwargs: Any
    ) -> Statement:
        """The statement of the database at hand; its table follows when SQLite makes the table anew."""
        column = str(model._meta.get_field(self.fields[0]).column)  # type: ignore[union-attr]
        collation = '"und-x-icu"' if schema_editor.connection.vendor == "postgresql" else "NOCASE"
        live = " WHERE deleted_at IS NULL" if any(f.name == "deleted_at" for f in model._meta.get_fields()) else ""
        return Statement(
            f'CREATE INDEX "{self.name}" ON %(table)s ("{column}" COLLATE {collation}, "id"){live}',
            table=Table(model._meta.db_table, schema_editor.quote_name),
        )


class Record(models.Model):
    """Owner, team, stamps, version, custom values, trash. Written by `records.write` only."""

    id = models.BigAutoField(primary_key=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("owner"), db_index=False,
    )  # fmt: skip
    team = models.ForeignKey(
        "records.Team", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("team"), db_index=False
    )
    created_at = models.DateTimeField(_("created"), editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+",
        verbose_name=_("created by"), db_index=False, db_constraint=False,
    )  # fmt: skip
    updated_at = models.DateTimeField(_("updated"), editable=False)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+",
        verbose_name=_("updated by"), db_index=False, db_constraint=False,
    )  # fmt: skip
    version = models.PositiveIntegerField(default=1, editable=False)
    custom = models.JSONField(default=dict, editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True
        indexes: ClassVar[tuple[models.Index, ...]] = (
            models.Index(fields=["updated_at", "id"], condition=LIVE, name="%(class)s_updated"),
            models.Index(fields=["owner", "updated_at", "id"], condition=LIVE, name="%(class)s_owner"),
            models.Index(fields=["team", "updated_at", "id"], condition=LIVE, name="%(class)s_team"),
            models.Index(fields=["deleted_at"], condition=Q(deleted_at__isnull=False), name="%(class)s_trash"),
        )
