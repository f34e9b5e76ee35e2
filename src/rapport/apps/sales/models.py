"""Storage of pipelines, stages, deals and the history of their stages."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.records.base import LIVE, Record, SortIndex
from rapport.registry.modelfields import CurrencyField, MoneyField


class Pipeline(Record):
    """A way in which deals are made."""

    name = models.CharField(_("name"), max_length=100)
    position = models.PositiveIntegerField(_("position"), default=10)

    class Meta(Record.Meta):
        verbose_name, verbose_name_plural = _("pipeline"), _("pipelines")

    def __str__(self) -> str:
        return self.name


class Outcome(models.TextChoices):
    """What a stage means for a deal."""

    OPEN = "open", _("Open")
    WON = "won", _("Won")
    LOST = "lost", _("Lost")


class Stage(Record):
    """A step of a pipeline."""

    pipeline = models.ForeignKey(Pipeline, models.CASCADE, verbose_name=_("pipeline"))
    name = models.CharField(_("name"), max_length=100)
    position = models.PositiveIntegerField(_("position"), default=10)
    probability = models.PositiveSmallIntegerField(
        _("probability"), default=10, validators=[MaxValueValidator(100)], help_text=_("In per cent.")
    )
    outcome = models.CharField(_("means"), max_length=4, choices=Outcome, default=Outcome.OPEN)
    outcome_tones = {"won": "green", "lost": "red"}
    rotting_days = models.PositiveIntegerField(
        _("rots after days"), null=True, blank=True, help_text=_("Days in this stage after which a deal is marked.")
    )

    class Meta(Record.Meta):
        verbose_name, verbose_name_plural = _("stage"), _("stages")

    def __str__(self) -> str:
        return self.name


class LostReason(models.TextChoices):
    """Why a deal was lost."""

    PRICE = "price", _("Price")
    BUDGET = "budget", _("No budget")
    COMPETITOR = "competitor", _("A competitor")
    TIMING = "timing", _("Wrong time")
    NEED = "need", _("No need any more")
    PRODUCT = "product", _("Something is missing")
    SILENCE = "silence", _("No answer")
    OTHER = "other", _("Other")


class Deal(Record):
    """A chance to sell."""

    name = models.CharField(_("name"), max_length=200)
    company = models.ForeignKey("customers.Company", models.SET_NULL, null=True, blank=True, verbose_name=_("company"))
    person = models.ForeignKey("customers.Person", models.SET_NULL, null=True, blank=True, verbose_name=_("contact"))
    pipeline = models.ForeignKey(Pipeline, models.PROTECT, verbose_name=_("pipeline"))
    stage = models.ForeignKey(Stage, models.PROTECT, verbose_name=_("stage"))
    amount = MoneyField(_("amount"), null=True, blank=True)
    amount_currency = CurrencyField()
    probability = models.PositiveSmallIntegerField(
        _("probability"), null=True, blank=True, validators=[MaxValueValidator(100)], help_text=_("In per cent.")
    )
    close_on = models.DateField(_("expected close"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=4, choices=Outcome, default=Outcome.OPEN)
    outcome_tones = {"open": "blue", "won": "green", "lost": "red"}
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    stage_since = models.DateTimeField(_("in stage since"), null=True, blank=True)
    lost_reason = models.CharField(_("lost because"), max_length=12, choices=LostReason, blank=True, default="")
    lost_note = models.TextField(_("about the loss"), blank=True, default="")
    description = models.TextField(_("description"), blank=True, default="")
    last_contact_at = models.DateTimeField(_("last contact"), null=True, blank=True)
    next_step_at = models.DateTimeField(_("next step"), null=True, blank=True)

    class Meta(Record.Meta):
        verbose_name, verbose_name_plural = _("deal"), _("deals")
        indexes = (
            *Record.Meta.indexes,
            SortIndex("name", name="deal_name"),
            models.Index(fields=["stage", "amount_currency", "amount"], condition=LIVE, name="deal_stage_sum"),
            models.Index(fields=["stage", "updated_at", "id"], condition=LIVE, name="deal_stage_card"),
            models.Index(fields=["close_on", "id"], condition=LIVE, name="deal_close"),
        )

    def __str__(self) -> str:
        return self.name


class StageChange(models.Model):
    """When a deal came into a stage, with the amount and the expected close of that moment."""

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="+", db_index=False)
    at = models.DateTimeField()
    stage = models.ForeignKey(Stage, models.CASCADE, related_name="+", db_index=False)
    before = models.ForeignKey(Stage, models.CASCADE, null=True, related_name="+", db_index=False)
    amount = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    close_on = models.DateField(null=True)
    actor_id = models.BigIntegerField(null=True)

    class Meta:
        indexes = (models.Index(fields=["deal", "at"], name="stagechange_deal"),)

    def __str__(self) -> str:
        return f"{self.deal_id} {self.stage_id}"
