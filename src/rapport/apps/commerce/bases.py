"""The columns that documents share, and those of their lines."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.records.base import Record
from rapport.registry.modelfields import CurrencyCodeField, CurrencyField, MoneyField

PER_CENT = (MinValueValidator(0), MaxValueValidator(100))


class Document(Record):
    """What quotes, orders and invoices have: number, whom, currency, and sums that follow from their lines."""

    number = models.CharField(
        _("number"),
        max_length=40,
        unique=True,
        blank=True,
        default="",
        help_text=_("Given by Rapport when left empty."),
    )
    company = models.ForeignKey("customers.Company", models.SET_NULL, null=True, blank=True, verbose_name=_("company"))
    person = models.ForeignKey("customers.Person", models.SET_NULL, null=True, blank=True, verbose_name=_("contact"))
    deal = models.ForeignKey("sales.Deal", models.SET_NULL, null=True, blank=True, verbose_name=_("deal"))
    currency = CurrencyCodeField(_("currency"))
    net = MoneyField(_("net"), null=True, blank=True)
    net_currency = CurrencyField()
    tax = MoneyField(_("tax"), null=True, blank=True)
    tax_currency = CurrencyField()
    total = MoneyField(_("total"), null=True, blank=True)
    total_currency = CurrencyField()
    note = models.TextField(_("text"), blank=True, default="", help_text=_("Printed below the lines."))
    lines_version = models.PositiveIntegerField(default=0, editable=False)

    class Meta(Record.Meta):
        abstract = True

    def __str__(self) -> str:
        return self.number


class Line(Record):
    """A line of a document. An optional one counts once it is chosen."""

    position = models.PositiveIntegerField(_("position"), null=True, blank=True)
    product = models.ForeignKey("commerce.Product", models.SET_NULL, null=True, blank=True, verbose_name=_("product"))
    description = models.CharField(_("description"), max_length=500)
    quantity = models.DecimalField(
        _("quantity"), max_digits=18, decimal_places=3, null=True, blank=True, default=Decimal(1)
    )
    unit = models.CharField(_("unit"), max_length=20, blank=True, default="")
    price = MoneyField(_("unit price"), null=True, blank=True, help_text=_("Without tax."))
    price_currency = CurrencyField()
    discount = models.DecimalField(
        _("discount"), max_digits=6, decimal_places=3, null=True, blank=True, validators=PER_CENT,
        help_text=_("In per cent."),
    )  # fmt: skip
    tax_rate = models.DecimalField(
        _("tax rate"), max_digits=6, decimal_places=3, null=True, blank=True, validators=PER_CENT,
        help_text=_("In per cent."),
    )  # fmt: skip
    optional = models.BooleanField(_("optional"), null=True, blank=True, default=False)
    chosen = models.BooleanField(_("chosen"), null=True, blank=True, default=False)
    net = MoneyField(_("net"), null=True, blank=True)
    net_currency = CurrencyField()

    class Meta(Record.Meta):
        abstract = True

    def __str__(self) -> str:
        return self.description
