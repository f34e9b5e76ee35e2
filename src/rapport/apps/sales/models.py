"""Storage of pipelines, stages, deals and the history of their stages."""

from __future__ import annotations

from django.conf import settings
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

    asks = models.JSONField(
        _("asks for"), null=True, blank=True, help_text=_("Fields that are filled before a deal comes here.")
    )
    tasks = models.JSONField(
        _("tasks"), null=True, blank=True, help_text=_("Done before a deal leaves this stage for a later one.")
    )
    holds = models.JSONField(
        _("also waits for"),
        null=True,
        blank=True,
        help_text=_("What else is finished before a deal leaves this stage."),
    )  # fmt: skip
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("approved by"), help_text=_("Who lets a deal come here."),
    )  # fmt: skip

    class Meta(Record.Meta):
        verbose_name, verbose_name_plural = _("stage"), _("stages")

    def __str__(self) -> str:
        return self.name


class Forecast(models.TextChoices):
    """How sure its owner is that an open deal is won in time."""

    OMITTED = "omitted", _("Left out")
    PIPELINE = "pipeline", _("Pipeline")
    BEST = "best", _("Best case")
    COMMIT = "commit", _("Commit")


class Competitor(Record):
    """Who else sells what we sell."""

    name = models.CharField(_("name"), max_length=150)
    website = models.URLField(_("website"), max_length=300, blank=True, default="")
    company = models.ForeignKey("customers.Company", models.SET_NULL, null=True, blank=True, verbose_name=_("company"))
    strengths = models.TextField(_("strengths"), blank=True, default="")
    weaknesses = models.TextField(_("weaknesses"), blank=True, default="")

    class Meta(Record.Meta):
        verbose_name, verbose_name_plural = _("competitor"), _("competitors")
        indexes = (*Record.Meta.indexes, SortIndex("name", name="competitor_name"))

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
    lost_to = models.ForeignKey(
        Competitor, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("lost to")
    )
    forecast = models.CharField(_("forecast"), max_length=8, choices=Forecast, default=Forecast.PIPELINE)
    forecast_tones = {"best": "teal", "commit": "green"}
    approved = models.ForeignKey(
        Stage, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("approved for")
    )
    partner = models.ForeignKey(
        "customers.Company", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("partner"),
        help_text=_("Who sells it with us."),
    )  # fmt: skip
    description = models.TextField(_("description"), blank=True, default="")
    last_contact_at = models.DateTimeField(_("last contact"), null=True, blank=True)
    next_step_at = models.DateTimeField(_("next step"), null=True, blank=True)

    class Meta(Record.Meta):
        verbose_name, verbose_name_plural = _("deal"), _("deals")
        indexes = (
            *Record.Meta.indexes,
            SortIndex("name", name="deal_name"),
            models.Index(
                fields=["pipeline", "stage", "amount_currency", "amount", "probability"],
                condition=LIVE,
                name="deal_pipeline_sum",
            ),
            models.Index(fields=["stage", "updated_at", "id"], condition=LIVE, name="deal_stage_card"),
            models.Index(fields=["close_on", "id"], condition=LIVE, name="deal_close"),
        )

    def __str__(self) -> str:
        return self.name


class BuyingRole(models.TextChoices):
    """What somebody is in the decision to buy."""

    DECIDES = "decides", _("Decides")
    PAYS = "pays", _("Holds the budget")
    CHAMPION = "champion", _("Champions us")
    ADVISES = "advises", _("Advises")
    USES = "uses", _("Will use it")
    BLOCKS = "blocks", _("Is against it")
    BUYS = "buys", _("Purchasing")


class BuyingGroupMember(Record):
    """Somebody who has a part in the decision about a deal."""

    name = models.CharField(_("name"), max_length=200, blank=True, default="")
    deal = models.ForeignKey(Deal, models.CASCADE, verbose_name=_("deal"))
    person = models.ForeignKey("customers.Person", models.CASCADE, verbose_name=_("person"))
    role = models.CharField(_("role"), max_length=10, choices=BuyingRole, default=BuyingRole.ADVISES)
    role_tones = {"decides": "purple", "pays": "blue", "champion": "green", "blocks": "red"}
    note = models.CharField(_("note"), max_length=300, blank=True, default="")

    class Meta(Record.Meta):
        verbose_name, verbose_name_plural = _("member of the buying group"), _("buying group")

    def __str__(self) -> str:
        return self.name


class DealState(models.Model):
    """What of a deal a forecast counts, from a day (`since`) until another (`until`: not any more; None: still).

    Kept once a day for those that changed, so that any day's forecast can be shown again.
    """

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="+", db_index=False)
    since = models.DateField()
    until = models.DateField(null=True)
    pipeline_id = models.BigIntegerField()
    owner_id = models.BigIntegerField(null=True)
    team_id = models.BigIntegerField(null=True)
    forecast = models.CharField(max_length=8)
    outcome = models.CharField(max_length=4)
    closes = models.DateField(null=True)
    amount = models.BigIntegerField(null=True)
    amount_currency = models.CharField(max_length=3, blank=True)
    probability = models.PositiveSmallIntegerField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=["deal"], condition=models.Q(until=None), name="dealstate_now"),
            models.Index(fields=["closes", "since"], name="dealstate_closes"),
        )

    def __str__(self) -> str:
        return f"{self.deal_id} {self.since}"


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
