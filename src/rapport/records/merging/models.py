"""Rows of merges: which records became one, and where each pointer came from."""

from __future__ import annotations

from django.db import models

from rapport.registry.fields import FieldSpec


class Merge(models.Model):
    """Several records that became one. `diff`: field of the survivor to [before, after] in JSON form.

    `version` is the survivor's right after it; `others` are the keys of the records that were merged into it. An
    emptied one holds no values any more and can't be taken back, since somebody in it was erased.
    """

    object_key = models.CharField(max_length=60)
    survivor_id = models.BigIntegerField()
    version = models.PositiveIntegerField()
    at = models.DateTimeField()
    actor = models.ForeignKey("records.User", models.DO_NOTHING, null=True, db_constraint=False, db_index=False)
    door = models.CharField(max_length=20)
    others = models.JSONField(default=list)
    diff = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True)
    emptied = models.BooleanField(default=False)

    class Meta:
        indexes = (models.Index(fields=["object_key", "survivor_id", "version"], name="merge_survivor"),)

    def __str__(self) -> str:
        return f"{self.object_key} {self.others} into {self.survivor_id}"


class MergedRecord(models.Model):
    """A record that stands in another one for as long as a merge holds; `survivor_id` is empty for one in none.

    Besides the merged records themselves these are rows beside them that say nothing more, or that would lead from
    the survivor to itself. They keep their values, are in no list and in no trash.
    """

    merge = models.ForeignKey(Merge, models.CASCADE, related_name="+")
    object_key = models.CharField(max_length=60)
    record_id = models.BigIntegerField()
    survivor_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["object_key", "record_id"], name="merged_once"),)
        indexes = (models.Index(fields=["object_key", "survivor_id"], name="merged_survivor"),)

    def __str__(self) -> str:
        return f"{self.object_key} {self.record_id} in {self.survivor_id}"


class MergeMove(models.Model):
    """A pointer that a merge moved: the row `row_id` of `place` pointed to `was` and points to `now`.

    A row that the survivor has already is kept in `aside`, as Django's serializer writes it.
    """

    merge = models.ForeignKey(Merge, models.CASCADE, related_name="+", db_index=False)
    place = models.CharField(max_length=150)
    row_id = models.BigIntegerField()
    was = models.BigIntegerField(null=True)
    now = models.BigIntegerField(null=True)
    aside = models.JSONField(null=True)

    class Meta:
        indexes = (models.Index(fields=["merge", "place", "row_id"], name="merge_move"),)

    def __str__(self) -> str:
        return f"{self.place} {self.row_id}"


def lost_by(field: FieldSpec) -> str:
    """The `place` of links that a survivor itself lost by a merge: `row_id` led from it to `was`."""
    return f"lost {field.name}"
