"""Storage of playbooks, their steps, and what was answered."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.apps.customers.models import Kind, Lifecycle
from rapport.records.base import LIVE, Record
from rapport.registry.modelfields import ListField


class Playbook(Record):
    """A checklist with wording, for deals in some stages, for some kinds of conversation, or for both.

    Of conversations, `sources` narrows it to leads that came that way, and `lifecycles` to people and companies there.
    """

    name = models.CharField(_("name"), max_length=150)
    description = models.CharField(_("what it is for"), max_length=300, blank=True, default="")
    active = models.BooleanField(_("active"), default=True)
    position = models.PositiveIntegerField(_("position"), default=10)
    kinds = ListField(_("conversations"), choices=Kind.choices)
    lifecycles = ListField(_("life-cycle stages"), choices=Lifecycle.choices)

    class Meta(Record.Meta):
        verbose_name, verbose_name_plural = _("playbook"), _("playbooks")

    def __str__(self) -> str:
        return self.name


class Reply(models.TextChoices):
    """How a step is answered."""

    TEXT = "text", _("Text")
    TICK = "tick", _("Tick")
    CHOICE = "choice", _("One of several")
    NUMBER = "number", _("Number")
    DATE = "date", _("Date")


class PlaybookStep(Record):
    """A question, or a point to make, with what to say."""

    playbook = models.ForeignKey(Playbook, models.CASCADE, verbose_name=_("playbook"))
    name = models.CharField(_("question or point"), max_length=200)
    wording = models.TextField(_("what to say"), blank=True, default="", help_text=_("Markdown."))
    reply = models.CharField(_("answered by"), max_length=6, choices=Reply, default=Reply.TEXT)
    options = models.TextField(_("options"), blank=True, default="", help_text=_("One a line."))
    fills = models.CharField(
        _("fills"), max_length=120, blank=True, default="",
        help_text=_("The field that takes the answer, such as deal.amount."),
    )  # fmt: skip
    must = models.BooleanField(_("required"), default=False)
    position = models.PositiveIntegerField(_("position"), default=10)

    class Meta(Record.Meta):
        verbose_name, verbose_name_plural = _("playbook step"), _("playbook steps")

    def __str__(self) -> str:
        return self.name


class PlaybookAnswer(Record):
    """What was answered to a step, about a deal, a lead, in a conversation; it is called by the question."""

    name = models.CharField(_("question"), max_length=200, blank=True, default="")
    step = models.ForeignKey(PlaybookStep, models.SET_NULL, null=True, blank=True, verbose_name=_("step"))
    deal = models.ForeignKey("sales.Deal", models.CASCADE, null=True, blank=True, verbose_name=_("deal"))
    lead = models.ForeignKey("leads.Lead", models.CASCADE, null=True, blank=True, verbose_name=_("lead"))
    interaction = models.ForeignKey(
        "customers.Interaction", models.CASCADE, null=True, blank=True, verbose_name=_("interaction")
    )
    value = models.TextField(_("answer"), help_text=_("A tick is “yes”, a date 2026-12-31, a number 1234.5."))

    class Meta(Record.Meta):
        verbose_name, verbose_name_plural = _("playbook answer"), _("playbook answers")
        indexes = (
            *Record.Meta.indexes,
            models.Index(fields=["step", "deal"], condition=LIVE, name="playbookanswer_deal_step"),
        )

    def __str__(self) -> str:
        return self.name
