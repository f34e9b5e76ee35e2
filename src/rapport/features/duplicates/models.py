"""Storage of pairs of records that may be one, and of what is asked of the nightly pass."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Source(models.TextChoices):
    """What found a pair."""

    NIGHTLY = "nightly", _("nightly pass")
    FORM = "form", _("form")
    IMPORT = "import", _("import")
    API = "api", _("API")
    AGENT = "agent", _("agent")
    MAIL = "mail", _("mail")
    EVENT = "event", _("event")
    OTHER = "other", pgettext_lazy("what found a pair", "something else")


class State(models.TextChoices):
    """What was decided of a pair."""

    OPEN = "open", pgettext_lazy("a pair of records", "open")
    MERGED = "merged", _("merged")
    DIFFERENT = "different", _("not the same")


class DuplicatePair(models.Model):
    """Two records of an object, `first_id` < `second_id`, that may be one.

    `score` is the probability that they are, 0 to 1; `reasons` are `suggesting.Reason` in JSON form and hold no value
    of a record. `seen_at` is when it was found last. A pair that was decided as different is suggested by nobody again.
    `merge_id` names the merge (`records.merging`) that made one of them.
    """

    object_key = models.CharField(max_length=60)
    first_id = models.BigIntegerField()
    second_id = models.BigIntegerField()
    score = models.FloatField()
    reasons = models.JSONField(default=list)
    source = models.CharField(max_length=10, choices=Source)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    merge_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["object_key", "first_id", "second_id"], name="duplicate_pair_once"),
        )
        indexes = (
            models.Index(
                fields=["object_key", "-score", "id"], condition=models.Q(state="open"), name="duplicate_pair_open"
            ),
            models.Index(fields=["object_key", "second_id"], name="duplicate_pair_second"),
        )

    def __str__(self) -> str:
        return f"{self.object_key} {self.first_id} {self.second_id} {self.state}"


class PassSetting(models.Model):
    """What the nightly pass does with an object: whether it looks, and from which probability on a pair is queued.

    `passed_at` is when the last pass that came to its end began, `numbers` are what it told.
    """

    object_key = models.CharField(max_length=60, unique=True)
    enabled = models.BooleanField(default=True)
    threshold = models.FloatField()
    passed_at = models.DateTimeField(null=True)
    numbers = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.object_key} {self.threshold}"


class DuplicateKey(models.Model):
    """A live record under a blocking key (`keys`). The migration makes the table by hand: it is its primary key."""

    pk = models.CompositePrimaryKey("key", "record_id")
    key = models.BigIntegerField()
    record_id = models.BigIntegerField()

    class Meta:
        db_table = "duplicates_key"

    def __str__(self) -> str:
        return f"{self.key} {self.record_id}"


class KeyState(models.Model):
    """Of which fields the keys of an object are made, so that a change of definitions is noticed."""

    object_key = models.CharField(max_length=60, primary_key=True)
    fields = models.TextField()

    def __str__(self) -> str:
        return f"{self.object_key}: {self.fields}"


class NewRecords(models.Model):
    """Records that are still to be looked at, by first and last key, as far as `keyed_to` and `compared_to` not yet.

    `door` is where they came in and `actor_id` who made them; without a door they get keys and are not compared.
    """

    object_key = models.CharField(max_length=60)
    last_id = models.BigIntegerField()
    keyed_to = models.BigIntegerField()
    compared_to = models.BigIntegerField()
    door = models.CharField(max_length=20, blank=True)
    actor_id = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.object_key} to {self.last_id} by {self.door}"


class DoorPolicy(models.Model):
    """What is done at a door about a new record that is there already (`exact`), or may be (`near`)."""

    object_key = models.CharField(max_length=60)
    door = models.CharField(max_length=20)
    exact = models.CharField(max_length=10)
    near = models.CharField(max_length=10)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["object_key", "door"], name="duplicate_policy_once"),)

    def __str__(self) -> str:
        return f"{self.object_key} {self.door}: {self.exact}, {self.near}"
