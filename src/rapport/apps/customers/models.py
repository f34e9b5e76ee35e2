"""Storage of people, companies, households, relations, identities, interactions and life-cycle history."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rapport.records.base import LIVE, Record, SortIndex
from rapport.registry.modelfields import AddressField, ListField, PhoneField

REQUIRED_NAME = 200


class Lifecycle(models.TextChoices):
    """How far someone has come with us."""

    VISITOR = "visitor", _("Visitor")
    SUBSCRIBER = "subscriber", _("Subscriber")
    LEAD = "lead", _("Lead")
    QUALIFIED = "qualified", _("Qualified")
    CUSTOMER = "customer", _("Customer")
    FORMER = "former", _("Former customer")


LIFECYCLE_TONES = {
    "visitor": "neutral", "subscriber": "teal", "lead": "blue", "qualified": "purple", "customer": "green",
    "former": "orange",
}  # fmt: skip


class Source(models.TextChoices):
    """Where a customer came from first."""

    WEB = "web", _("Website")
    FORM = "form", _("Form")
    REFERRAL = "referral", _("Referral")
    EVENT = "event", _("Event or fair")
    PHONE = "phone", _("Phone")
    MAIL = "mail", _("E-mail")
    SOCIAL = "social", _("Social network")
    ADVERT = "advert", _("Advertisement")
    PARTNER = "partner", _("Partner")
    IMPORT = "import", _("Import")
    OTHER = "other", _("Other")


class Size(models.TextChoices):
    """Number of people at a company."""

    SOLO = "1", "1"
    TINY = "2-10", "2–10"
    SMALL = "11-50", "11–50"
    MEDIUM = "51-200", "51–200"
    LARGE = "201-1000", "201–1000"
    HUGE = "1001+", _("over 1000")


class Industry(models.TextChoices):
    """What a company does."""

    RETAIL = "retail", _("Retail")
    MANUFACTURING = "manufacturing", _("Manufacturing")
    SOFTWARE = "software", _("Software")
    FINANCE = "finance", _("Finance and insurance")
    HEALTH = "health", _("Health care")
    EDUCATION = "education", _("Education")
    LOGISTICS = "logistics", _("Transport and logistics")
    CONSTRUCTION = "construction", _("Construction and property")
    HOSPITALITY = "hospitality", _("Hotels and restaurants")
    ENERGY = "energy", _("Energy and water")
    MEDIA = "media", _("Media and publishing")
    SERVICES = "services", _("Professional services")
    PUBLIC = "public", _("Public sector")
    OTHER = "other", _("Other")


class Company(Record):
    """A customer's company, a supplier, a partner."""

    name = models.CharField(_("name"), max_length=200)
    domains = ListField(_("domains"), kind="domains", help_text=_("Web domains of its mail addresses."))
    website = models.URLField(_("website"), max_length=300, blank=True, default="")
    industry = models.CharField(_("industry"), max_length=20, choices=Industry, blank=True, default="")
    size = models.CharField(_("people"), max_length=10, choices=Size, blank=True, default="")
    parent = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, verbose_name=_("part of"))
    phone = PhoneField(_("phone"))
    address = AddressField(_("address"))
    lifecycle = models.CharField(_("life-cycle stage"), max_length=12, choices=Lifecycle, blank=True, default="lead")
    lifecycle_tones = LIFECYCLE_TONES
    description = models.TextField(_("description"), blank=True, default="")
    last_contact_at = models.DateTimeField(_("last contact"), null=True, blank=True)
    next_step_at = models.DateTimeField(_("next step"), null=True, blank=True)

    class Meta(Record.Meta):
        verbose_name, verbose_name_plural = _("company"), _("companies")
        indexes = (*Record.Meta.indexes, SortIndex("name", name="company_name"))

    def __str__(self) -> str:
        return self.name


class Person(Record):
    """Someone: prospect, customer or former customer."""

    name = models.CharField(_("name"), max_length=REQUIRED_NAME, blank=True, default="")
    salutation = models.CharField(_("salutation"), max_length=30, blank=True, default="")
    first_name = models.CharField(_("first name"), max_length=100, blank=True, default="")
    last_name = models.CharField(_("last name"), max_length=100, blank=True, default="")
    job = models.CharField(_("job"), max_length=150, blank=True, default="")
    company = models.ForeignKey(Company, models.SET_NULL, null=True, blank=True, verbose_name=_("company"))
    emails = ListField(_("e-mails"), kind="emails")
    phones = ListField(_("phones"), kind="phones")
    addresses = ListField(_("addresses"), kind="addresses")
    handles = ListField(_("handles"), kind="handles")
    birthday = models.DateField(_("birthday"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True, default="")
    zone = models.CharField(_("time zone"), max_length=60, blank=True, default="")
    source = models.CharField(_("source"), max_length=12, choices=Source, blank=True, default="")
    preferences = models.TextField(_("preferences"), blank=True, default="", help_text=_("How and when to reach them."))
    likes = models.TextField(_("likes"), blank=True, default="")
    dislikes = models.TextField(_("dislikes"), blank=True, default="")
    lifecycle = models.CharField(_("life-cycle stage"), max_length=12, choices=Lifecycle, default=Lifecycle.LEAD)
    lifecycle_tones = LIFECYCLE_TONES
    last_contact_at = models.DateTimeField(_("last contact"), null=True, blank=True)
    next_step_at = models.DateTimeField(_("next step"), null=True, blank=True)

    class Meta(Record.Meta):
        verbose_name, verbose_name_plural = _("person"), _("people")
        indexes = (
            *Record.Meta.indexes,
            SortIndex("name", name="person_name"),
            models.Index(fields=["created_at", "id"], condition=LIVE, name="person_created"),
        )

    def __str__(self) -> str:
        return self.name


class Employment(Record):
    """A person at a company: role, from, to."""

    person = models.ForeignKey(Person, models.CASCADE, verbose_name=_("person"))
    company = models.ForeignKey(Company, models.CASCADE, verbose_name=_("company"))
    role = models.CharField(_("role"), max_length=150, blank=True, default="")
    started_on = models.DateField(_("from"), null=True, blank=True)
    ended_on = models.DateField(_("until"), null=True, blank=True)

    class Meta(Record.Meta):
        verbose_name, verbose_name_plural = _("employment"), _("employments")

    def __str__(self) -> str:
        return self.role


class Identity(models.Model):
    """What tells who someone is: kind and normalised value, unique among live people. Events point here.

    Every person has one of kind `self`, so that there is something to point at before a mail address is known. Without
    a person it is of somebody who is not known yet, such as a visitor.
    """

    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=10)
    value = models.CharField(max_length=320)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["kind", "value"], name="identity_once"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class LifecycleChange(models.Model):
    """When a person or a company reached a life-cycle stage."""

    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="+", db_index=False)
    company = models.ForeignKey(Company, models.CASCADE, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()
    stage = models.CharField(max_length=12)
    before = models.CharField(max_length=12, blank=True)
    actor_id = models.BigIntegerField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=["person", "at"], name="lifecyclechange_person"),
            models.Index(
                fields=["company", "at"],
                condition=models.Q(company__isnull=False),
                name="lifecyclechange_company",
            ),
        )

    def __str__(self) -> str:
        return self.stage


class Kind(models.TextChoices):
    """What kind of contact it was."""

    CALL = "call", _("Call")
    MAIL = "mail", _("E-mail")
    MEETING = "meeting", _("Meeting")
    PRESENTATION = "presentation", _("Presentation")
    NOTE = "note", _("Note")
    CHAT = "chat", _("Chat")
    MESSAGE = "message", _("Message")
    VISIT = "visit", _("Web visit")
    MATERIAL = "material", _("Material sent")


class Direction(models.TextChoices):
    """From whom to whom."""

    IN = "in", _("incoming")
    OUT = "out", _("outgoing")


class Outcome(models.TextChoices):
    """How it went."""

    REACHED = "reached", _("Reached")
    VOICEMAIL = "voicemail", _("Left a message")
    NO_ANSWER = "no_answer", _("No answer")
    INTERESTED = "interested", _("Interested")
    NOT_INTERESTED = "not_interested", _("Not interested")
    FOLLOW_UP = "follow_up", _("Wants a follow-up")
    CANCELLED = "cancelled", _("Cancelled")


class Interaction(Record):
    """One contact with customers: a call, a mail, a meeting, a note."""

    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.NOTE)
    kind_tones = {
        "call": "green", "mail": "blue", "meeting": "teal", "presentation": "purple", "note": "yellow",
        "chat": "pink", "message": "pink", "visit": "neutral", "material": "orange",
    }  # fmt: skip
    at = models.DateTimeField(_("when"), blank=True, help_text=_("Empty: now."))
    subject = models.CharField(_("subject"), max_length=250)
    body = models.TextField(_("text"), blank=True, default="")
    direction = models.CharField(_("direction"), max_length=3, choices=Direction, blank=True, default="")
    minutes = models.PositiveIntegerField(_("minutes"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=15, choices=Outcome, blank=True, default="")
    company = models.ForeignKey(Company, models.SET_NULL, null=True, blank=True, verbose_name=_("company"))
    deal = models.ForeignKey("sales.Deal", models.SET_NULL, null=True, blank=True, verbose_name=_("deal"))

    class Meta(Record.Meta):
        verbose_name, verbose_name_plural = _("interaction"), _("interactions")
        indexes = (
            *Record.Meta.indexes,
            models.Index(
                fields=["company", "at", "id"], condition=models.Q(company__isnull=False), name="interaction_of_company"
            ),
            models.Index(
                fields=["deal", "at", "id"], condition=models.Q(deal__isnull=False), name="interaction_of_deal"
            ),
            models.Index(fields=["at", "id"], condition=LIVE, name="interaction_at"),
        )

    def __str__(self) -> str:
        return self.subject


class Participant(models.Model):
    """Who took part, by identity, so that merging people rewrites no history."""

    interaction = models.ForeignKey(Interaction, models.CASCADE, related_name="+")
    identity = models.ForeignKey(Identity, models.CASCADE, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["interaction", "identity"], name="participant_once"),)
        indexes = (models.Index(fields=["identity", "at", "interaction"], name="participant_stream"),)

    def __str__(self) -> str:
        return f"{self.interaction_id} {self.identity_id}"


class Household(Record):
    """People who live together."""

    name = models.CharField(_("name"), max_length=150)
    address = AddressField(_("address"))
    phone = PhoneField(_("phone"))
    description = models.TextField(_("description"), blank=True, default="")

    class Meta(Record.Meta):
        verbose_name, verbose_name_plural = _("household"), _("households")
        indexes = (*Record.Meta.indexes, SortIndex("name", name="household_name"))

    def __str__(self) -> str:
        return self.name


class Tie(models.TextChoices):
    """What one person is to another, read from the first to the second."""

    SPOUSE = "spouse", _("is married to")
    PARENT = "parent", _("is a parent of")
    REPORTS = "reports", _("reports to")
    REFERRED = "referred", _("was referred by")
    OTHER = "other", _("something else")


BACKWARDS = {
    Tie.SPOUSE: _("is married to"), Tie.PARENT: _("is a child of"),
    Tie.REPORTS: pgettext_lazy("a person another", "leads"), Tie.REFERRED: _("referred"),
}  # fmt: skip
"""The same read from the second person to the first."""


class RelationKind(Record):
    """A kind of relation between people that an administrator made, or that stands in for one of the usual ones."""

    name = models.CharField(_("in words"), max_length=80, help_text=_("Such as “is a mentor of”."))
    inverse = models.CharField(
        _("the other way round"), max_length=80, blank=True, default="",
        help_text=_("Such as “learns from”. Empty: the same words both ways."),
    )  # fmt: skip
    chart = models.BooleanField(
        _("in the organisation chart"), default=False, help_text=_("The first person stands below the second one.")
    )
    retired = models.BooleanField(
        _("retired"), default=False, help_text=_("Offered no more; relations of this kind stay.")
    )
    instead = models.CharField(
        _("instead of"), max_length=8, blank=True, default="", choices=[(t.value, t.label) for t in Tie][:-1]
    )
    code = models.CharField(_("code"), max_length=20, blank=True, default="")
    position = models.PositiveIntegerField(_("position"), default=10)

    class Meta(Record.Meta):
        verbose_name, verbose_name_plural = _("kind of relation"), _("kinds of relations")

    def __str__(self) -> str:
        return self.name


class PersonRelation(Record):
    """What a person is to another one; both directions have a name."""

    person = models.ForeignKey(Person, models.CASCADE, verbose_name=_("who"))
    kind = models.CharField(_("relation"), max_length=20, choices=Tie, default=Tie.OTHER)
    name = models.CharField(
        _("in words"), max_length=80, blank=True, default="", help_text=_("Such as “is the architect of”.")
    )
    other = models.ForeignKey(Person, models.CASCADE, related_name="+", verbose_name=_("whom"))
    inverse = models.CharField(
        _("the other way round"), max_length=80, blank=True, default="", help_text=_("Such as “builds with”.")
    )

    class Meta(Record.Meta):
        verbose_name, verbose_name_plural = _("relation"), _("relations")

    def __str__(self) -> str:
        return self.name
