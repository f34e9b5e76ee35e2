"""Storage of products, prices, quotes, orders, invoices and payments."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.apps.commerce.bases import PER_CENT, Document, Line
from rapport.records.base import LIVE, Record, SortIndex
from rapport.registry.modelfields import CurrencyCodeField, CurrencyField, MoneyField


class Product(Record):
    """What is sold."""

    name = models.CharField(_("name"), max_length=200)
    code = models.CharField(
        _("code"),
        max_length=60,
        unique=True,
        blank=True,
        default="",
        help_text=_("Article number; given by Rapport when left empty."),
    )
    description = models.TextField(_("description"), blank=True, default="")
    unit = models.CharField(_("unit"), max_length=20, blank=True, default="", help_text=_("Such as piece, hour, kg."))
    category = models.CharField(_("category"), max_length=60, blank=True, default="")
    active = models.BooleanField(_("on sale"), null=True, blank=True, default=True)
    tax_rate = models.DecimalField(
        _("tax rate"), max_digits=6, decimal_places=3, null=True, blank=True, validators=PER_CENT,
        help_text=_("In per cent."),
    )  # fmt: skip
    cost = MoneyField(_("cost"), null=True, blank=True, help_text=_("What one costs us."))
    cost_currency = CurrencyField()

    class Meta(Record.Meta):
        verbose_name, verbose_name_plural = _("product"), _("products")
        indexes = (*Record.Meta.indexes, SortIndex("name", name="product_name"))

    def __str__(self) -> str:
        return self.name


class PriceList(Record):
    """Prices in one currency for a time."""

    name = models.CharField(_("name"), max_length=100)
    currency = CurrencyCodeField(_("currency"))
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid until"), null=True, blank=True)
    is_default = models.BooleanField(
        _("default"), null=True, blank=True, default=False, help_text=_("Used where none is chosen, for its currency.")
    )

    class Meta(Record.Meta):
        verbose_name, verbose_name_plural = _("price list"), _("price lists")

    def __str__(self) -> str:
        return self.name


class Price(Record):
    """The price of a product on a list, from a quantity on."""

    name = models.CharField(_("name"), max_length=200, blank=True, default="")
    price_list = models.ForeignKey(PriceList, models.CASCADE, verbose_name=_("price list"))
    product = models.ForeignKey(Product, models.CASCADE, verbose_name=_("product"))
    from_quantity = models.DecimalField(
        _("from quantity"), max_digits=18, decimal_places=3, default=Decimal(0), validators=(MinValueValidator(0),)
    )
    amount = MoneyField(_("price"))
    amount_currency = CurrencyField()

    class Meta(Record.Meta):
        verbose_name, verbose_name_plural = _("price"), _("prices")

    def __str__(self) -> str:
        return self.name


class QuoteStatus(models.TextChoices):
    """How far a quote has come."""

    DRAFT = "draft", _("Draft")
    SENT = "sent", _("Sent")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    EXPIRED = "expired", _("Expired")


class Quote(Document):
    """An offer with a price and an end."""

    status = models.CharField(_("status"), max_length=8, choices=QuoteStatus, default=QuoteStatus.DRAFT)
    status_tones = {"sent": "blue", "accepted": "green", "declined": "red", "expired": "orange"}
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    price_list = models.ForeignKey(PriceList, models.SET_NULL, null=True, blank=True, verbose_name=_("price list"))
    revision = models.PositiveIntegerField(_("version"), default=1)
    replaces = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("new version of")
    )
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answered_by = models.CharField(_("answered by"), max_length=150, blank=True, default="")
    evidence = models.JSONField(_("proof of the answer"), null=True, blank=True)

    class Meta(Document.Meta):
        verbose_name, verbose_name_plural = _("quote"), _("quotes")
        indexes = (
            *Record.Meta.indexes,
            models.Index(fields=["status", "updated_at", "id"], condition=LIVE, name="quote_status_card"),
        )


class OrderStatus(models.TextChoices):
    """How far an order has come."""

    NEW = "new", _("New")
    CONFIRMED = "confirmed", _("Confirmed")
    FULFILLED = "fulfilled", _("Delivered")
    CANCELLED = "cancelled", _("Cancelled")


class Every(models.TextChoices):
    """How often an order comes again."""

    WEEK = "week", _("Every week")
    MONTH = "month", _("Every month")
    QUARTER = "quarter", _("Every quarter")
    YEAR = "year", _("Every year")


class Order(Document):
    """What was ordered. One that came without lines, from a shop or a file, has its `amount` instead."""

    status = models.CharField(_("status"), max_length=9, choices=OrderStatus, default=OrderStatus.NEW)
    status_tones = {"new": "blue", "confirmed": "purple", "fulfilled": "green", "cancelled": "red"}
    ordered_on = models.DateField(_("ordered"), null=True, blank=True)
    quote = models.ForeignKey(Quote, models.SET_NULL, null=True, blank=True, verbose_name=_("quote"))
    price_list = models.ForeignKey(PriceList, models.SET_NULL, null=True, blank=True, verbose_name=_("price list"))
    amount = MoneyField(
        _("amount without lines"), null=True, blank=True, help_text=_("The total of an order that has no lines.")
    )
    amount_currency = CurrencyField()
    every = models.CharField(_("comes again"), max_length=7, choices=Every, blank=True, default="")
    next_on = models.DateField(_("next order"), null=True, blank=True)
    source = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("made from")
    )

    class Meta(Document.Meta):
        verbose_name, verbose_name_plural = _("order"), _("orders")
        indexes = (
            *Record.Meta.indexes,
            models.Index(fields=["ordered_on", "id"], condition=LIVE, name="order_day"),
            models.Index(fields=["status", "updated_at", "id"], condition=LIVE, name="order_status_card"),
            models.Index(fields=["next_on"], condition=LIVE & models.Q(next_on__isnull=False), name="order_next"),
        )


class InvoiceStatus(models.TextChoices):
    """What is owed of an invoice. All but the first follow from payments and credit notes."""

    DRAFT = "draft", _("Draft")
    OPEN = "open", _("Open")
    PARTLY = "partly", _("Partly paid")
    PAID = "paid", _("Paid")
    CANCELLED = "cancelled", _("Cancelled")


class InvoiceKind(models.TextChoices):
    """Invoices ask for money, credit notes give it back."""

    INVOICE = "invoice", _("Invoice")
    CREDIT = "credit", _("Credit note")


class Invoice(Document):
    """What is to be paid; a credit note is one with its signs turned."""

    kind = models.CharField(_("kind"), max_length=7, choices=InvoiceKind, default=InvoiceKind.INVOICE)
    kind_tones = {"credit": "orange"}
    status = models.CharField(_("status"), max_length=9, choices=InvoiceStatus, default=InvoiceStatus.DRAFT)
    status_tones = {"open": "blue", "partly": "orange", "paid": "green", "cancelled": "red"}
    order = models.ForeignKey(Order, models.SET_NULL, null=True, blank=True, verbose_name=_("order"))
    credits = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("cancels")
    )
    issued_on = models.DateField(_("issued"), null=True, blank=True)
    due_on = models.DateField(_("due"), null=True, blank=True)
    paid = MoneyField(_("paid"), null=True, blank=True)
    paid_currency = CurrencyField()

    class Meta(Document.Meta):
        verbose_name, verbose_name_plural = _("invoice"), _("invoices")
        indexes = (
            *Record.Meta.indexes,
            models.Index(fields=["due_on", "id"], condition=LIVE, name="invoice_due"),
            models.Index(fields=["status", "updated_at", "id"], condition=LIVE, name="invoice_status_card"),
        )


class Method(models.TextChoices):
    """How money comes."""

    TRANSFER = "transfer", _("Bank transfer")
    CARD = "card", _("Card")
    DEBIT = "debit", _("Direct debit")
    CASH = "cash", _("Cash")
    OTHER = "other", _("Other")


class Payment(Record):
    """Money received for an invoice; negative when it was paid back."""

    reference = models.CharField(
        _("reference"), max_length=200, blank=True, default="", help_text=_("As on the bank statement.")
    )
    invoice = models.ForeignKey(Invoice, models.CASCADE, verbose_name=_("invoice"))
    paid_on = models.DateField(_("paid"), null=True, blank=True)
    amount = MoneyField(_("amount"), null=True, blank=True, help_text=_("Left empty: what is still open."))
    amount_currency = CurrencyField()
    method = models.CharField(_("method"), max_length=8, choices=Method, default=Method.TRANSFER)

    class Meta(Record.Meta):
        verbose_name, verbose_name_plural = _("payment"), _("payments")

    def __str__(self) -> str:
        return self.reference


class QuoteLine(Line):
    """A line of a quote."""

    quote = models.ForeignKey(Quote, models.CASCADE, verbose_name=_("quote"))

    class Meta(Line.Meta):
        verbose_name, verbose_name_plural = _("quote line"), _("quote lines")


class OrderLine(Line):
    """A line of an order."""

    order = models.ForeignKey(Order, models.CASCADE, verbose_name=_("order"))

    class Meta(Line.Meta):
        verbose_name, verbose_name_plural = _("order line"), _("order lines")


class InvoiceLine(Line):
    """A line of an invoice."""

    invoice = models.ForeignKey(Invoice, models.CASCADE, verbose_name=_("invoice"))

    class Meta(Line.Meta):
        verbose_name, verbose_name_plural = _("invoice line"), _("invoice lines")


class DealLine(Line):
    """A product that a deal is about."""

    deal = models.ForeignKey("sales.Deal", models.CASCADE, verbose_name=_("deal"))

    class Meta(Line.Meta):
        verbose_name, verbose_name_plural = _("deal line"), _("deal lines")


class QuoteLink(models.Model):
    """The secret address under which a quote may be answered without signing in."""

    token = models.CharField(max_length=64, primary_key=True)
    quote = models.OneToOneField(Quote, models.CASCADE, related_name="+")
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.quote_id}"


class Letterhead(models.Model):
    """What stands on every document; one row at most, `key` being "own"."""

    key = models.CharField(max_length=10, primary_key=True)
    name = models.CharField(max_length=150, blank=True, default="")
    address = models.TextField(blank=True, default="")
    contact = models.TextField(blank=True, default="")
    bank = models.TextField(blank=True, default="")
    tax_id = models.CharField(max_length=60, blank=True, default="")
    footer = models.TextField(blank=True, default="")
    logo = models.BinaryField(null=True)
    logo_type = models.CharField(max_length=20, blank=True, default="")

    def __str__(self) -> str:
        return self.name
