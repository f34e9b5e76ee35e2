"""The page on which everyone sees which applications act as them, and ends that."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from rapport.records.accounts import applications
from rapport.registry.extensions import Setting
from rapport.surfaces.web.accounts.scopes import words
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.settings.answers import act, crumbs, onward
from rapport.surfaces.web.shell import page

NAME = "access"


@require_safe
def listed(request: Request) -> HttpResponse:
    """What the caller has allowed, and when it was used last."""
    rows = [{"access": access, "words": words(access.scopes)} for access in applications.of_user(request.caller)]
    context = {"rows": rows, "crumbs": crumbs((_("Applications with access"), ""))}
    return page(request, "web/settings/access.html", context)


@require_POST
def withdraw(request: Request, access_id: int) -> HttpResponse:
    """End what an application may do as the caller."""
    act(request, lambda: applications.withdraw(request.caller, access_id), _("The application has no access any more."))
    return onward(f"settings-{NAME}")


SETTING = Setting(
    name=NAME, path="access/", view=listed, label=gettext_lazy("Applications with access"), icon="plug",
    group=gettext_lazy("Yours"), right="", order=6,
)  # fmt: skip
