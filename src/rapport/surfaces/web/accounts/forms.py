"""Forms of set-up, invitation and profile."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from rapport.surfaces.web.settings import choices, forms


class OrganisationFields(forms.Form):
    """What an organisation is told to be."""

    name = forms.text(_("Organisation"), help=_("As your customers know it."))
    country = forms.choice(_("Country"), choices.countries)
    currency = forms.choice(_("Currency"), choices.currency_list)
    zone = forms.choice(_("Time zone"), choices.zones)
    language = forms.choice(_("Language"), choices.languages)


class SetUp(OrganisationFields):
    """The organisation and its first administrator."""

    admin_name = forms.text(_("Your name"), autocomplete="name")
    email = forms.email(_("Your e-mail"), autocomplete="email")
    password = forms.password(_("Password"), help=_("At least 10 characters; a sentence is a good one."))

    @property
    def sections(self) -> list[dict[str, Any]]:
        """The two parts of the page."""
        rows = {row["name"]: row for row in self.rows}
        first, second = list(OrganisationFields.base_fields), ["admin_name", "email", "password"]
        return [
            {"label": _("Your organisation"), "fields": [rows[n] for n in first]},
            {"label": _("You, the first administrator"), "fields": [rows[n] for n in second]},
        ]


class Join(forms.Form):
    """Who was invited becomes a user."""

    name = forms.text(_("Your name"), autocomplete="name")
    password = forms.password(_("Password"), help=_("At least 10 characters; a sentence is a good one."))


class Profile(forms.Form):
    """What users set for themselves."""

    name = forms.text(_("Name"), autocomplete="name")
    title = forms.text(_("Job title"), required=False, most=100)
    language = forms.choice(_("Language"), choices.languages)
    zone = forms.choice(_("Time zone"), choices.zones)
    week_start = forms.choice(_("Weeks begin on"), choices.week_starts)
    currency = forms.choice(_("Amounts are entered in"), choices.own_currencies, required=False)
    theme = forms.choice(_("Theme"), choices.themes)
