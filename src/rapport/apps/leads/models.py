"""Storage of leads, their sources, what qualifies them, and the rules by which they are given to people."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.records.base import LIVE, Record, SortIndex
from rapport.registry.modelfields import CurrencyField, MoneyField, PhoneField


class LeadSource(Record):
    """Where leads come from."""

    name = models.CharField(_("name"), max_length=100)
    position = models.PositiveIntegerField(_("position"), default=10)

    class Meta(Record.Meta):
        verbose_name, verbose_name_plural = _("lead source"), _("lead sources")

    def __str__(self) -> str:
        return self.name


class Criterion(Record):
    """An item of the checklist by which a lead is qualified."""

    name = models.CharField(_("name"), max_length=150)
    position = models.PositiveIntegerField(_("position"), default=10)
    must = models.BooleanField(_("is a must"), default=True, help_text=_("Without it no lead is qualified."))

    class Meta(Record.Meta):
        verbose_name, verbose_name_plural = _("criterion"), _("criteria")

    def __str__(self) -> str:
        return self.name


class How(models.TextChoices):
    """Who of several gets the next lead."""

    TURN = "turn", _("In turn")
    LOAD = "load", _("Whoever has the fewest open leads")


class About(models.TextChoices):
    """What of a lead a rule looks at."""

    ANY = "any", _("Every lead")
    SOURCE = "source", _("Source")
    COMPANY = "company_name", _("Company")
    EMAIL = "email", _("E-mail")
    PHONE = "phone", _("Phone")
    JOB = "job", _("Job")
    COUNTRY = "country", _("Country")
    SUBJECT = "subject", _("Subject")


class AssignmentRule(Record):
    """Who gets a lead: the first rule that fits, in the order of positions."""

    name = models.CharField(_("name"), max_length=100)
    position = models.PositiveIntegerField(_("position"), default=10)
    active = models.BooleanField(_("active"), default=True)
    about = models.CharField(_("looks at"), max_length=12, choices=About, default=About.ANY)
    contains = models.CharField(
        _("which contains"), max_length=100, blank=True, default="", help_text=_("Upper and lower case are the same.")
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("gives to")
    )
    among = models.ForeignKey(
        "records.Team", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("or to one of"),
        help_text=_("A member of this team or of a team below it."),
    )  # fmt: skip
    how = models.CharField(_("chosen"), max_length=4, choices=How, default=How.TURN)

    class Meta(Record.Meta):
        verbose_name, verbose_name_plural = _("assignment rule"), _("assignment rules")

    def __str__(self) -> str:
        return self.name


class Status(models.TextChoices):
    """Where a lead stands."""

    NEW = "new", _("New")
    WORKING = "working", _("Working")
    QUALIFIED = "qualified", _("Qualified")
    CONVERTED = "converted", _("Converted")
    DISQUALIFIED = "disqualified", _("Disqualified")


class Reason(models.TextChoices):
    """Why nothing comes of a lead."""

    NO_NEED = "no_need", _("No need")
    NO_BUDGET = "no_budget", _("No budget")
    TIMING = "timing", _("Not now")
    COMPETITOR = "competitor", _("Went to a competitor")
    UNREACHABLE = "unreachable", _("Can't be reached")
    NO_FIT = "no_fit", _("Not a fit")
    DOUBLE = "double", _("Known already")
    SPAM = "spam", _("No real enquiry")
    OTHER = "other", _("Other")


class Lead(Record):
    """A chance that is not one yet: known by what it asks for before anyone is known behind it."""

    name = models.CharField(_("name"), max_length=200, blank=True, default="")
    subject = models.CharField(_("asks for"), max_length=200, blank=True, default="")
    first_name = models.CharField(_("first name"), max_length=100, blank=True, default="")
    last_name = models.CharField(_("last name"), max_length=100, blank=True, default="")
    job = models.CharField(_("job"), max_length=150, blank=True, default="")
    email = models.EmailField(_("e-mail"), blank=True, default="")
    phone = PhoneField(_("phone"))
    company_name = models.CharField(_("company name"), max_length=200, blank=True, default="")
    country = models.CharField(_("country"), max_length=60, blank=True, default="")
    source = models.ForeignKey(
        LeadSource, models.SET_NULL, null=True, blank=True, verbose_name=_("source"), db_index=False
    )
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.NEW)
    status_tones = {
        "new": "blue", "working": "orange", "qualified": "teal", "converted": "green", "disqualified": "red",
    }  # fmt: skip
    reason = models.CharField(_("disqualified because"), max_length=12, choices=Reason, blank=True, default="")
    reason_note = models.CharField(_("more about it"), max_length=300, blank=True, default="")
    amount = MoneyField(_("could be worth"), null=True, blank=True)
    amount_currency = CurrencyField()
    description = models.TextField(_("description"), blank=True, default="")
    person = models.ForeignKey("customers.Person", models.SET_NULL, null=True, blank=True, verbose_name=_("person"))
    company = models.ForeignKey("customers.Company", models.SET_NULL, null=True, blank=True, verbose_name=_("company"))
    deal = models.ForeignKey("sales.Deal", models.SET_NULL, null=True, blank=True, verbose_name=_("deal"))
    assigned_at = models.DateTimeField(_("assigned"), null=True, blank=True)
    responded_at = models.DateTimeField(_("first answer"), null=True, blank=True)
    response_minutes = models.PositiveIntegerField(_("minutes to the first answer"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta(Record.Meta):
        verbose_name, verbose_name_plural = _("lead"), _("leads")
        indexes = (
            *Record.Meta.indexes,
            SortIndex("name", name="lead_name"),
            models.Index(fields=["status", "updated_at", "id"], condition=LIVE, name="lead_status"),
            models.Index(fields=["source", "id"], condition=LIVE, name="lead_source"),
        )

    def __str__(self) -> str:
        return self.name
