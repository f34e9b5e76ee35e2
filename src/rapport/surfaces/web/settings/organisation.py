"""The organisation's page."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rapport.records.accounts import organisations
from rapport.records.models import Organisation
from rapport.surfaces.web import toasts
from rapport.surfaces.web.accounts.forms import OrganisationFields
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.settings.answers import crumbs, form_page, onward


@require_http_methods(["GET", "POST"])
def organisation(request: Request) -> HttpResponse:
    """Name, country, currency, zone and language."""
    now = Organisation.objects.first() or Organisation()
    form = OrganisationFields(
        request.POST or None, initial={n: getattr(now, n) for n in OrganisationFields.base_fields}
    )
    if form.carried_out(lambda **values: organisations.update(request.caller, **values)):
        toasts.tell(request, _("The organisation is saved."))
        return onward("settings-organisation")
    return form_page(request, form, _("Organisation"), crumbs(), submit=_("Save"))
