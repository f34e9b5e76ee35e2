"""Storage of exchange rates."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ExchangeRate(models.Model):
    """What one unit of a currency was worth in another (`base`) from a day on, until the next day with a rate."""

    base = models.CharField(_("in"), max_length=3)
    currency = models.CharField(_("currency"), max_length=3)
    day = models.DateField(_("from"))
    rate = models.DecimalField(_("rate"), max_digits=24, decimal_places=12)
    origin = models.CharField(max_length=10, default="")
    """How it came: `hand`, `file`, `demo`."""

    class Meta:
        constraints = (models.UniqueConstraint(fields=["base", "currency", "day"], name="rate_of_day"),)

    def __str__(self) -> str:
        return f"{self.currency} {self.day} {self.rate} {self.base}"
