"""Pages of mail: one's own address and signature; the server, with a test."""

from __future__ import annotations

import smtplib

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from rapport.apps.mailing import drafts, profiles, sending
from rapport.records.errors import Invalid
from rapport.registry.extensions import Setting
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.settings.answers import act, crumbs, onward
from rapport.surfaces.web.shell import page


@require_http_methods(["GET", "POST"])
def own(request: Request) -> HttpResponse:
    """The caller's own address and signature."""
    if request.method == "POST":
        sent = request.POST
        act(
            request,
            lambda: profiles.keep(request.caller, sent.get("address", ""), sent.get("signature", "")),
            _("Your mail settings are saved."),
        )
        return onward("settings-my-mail")
    context = {
        "profile": profiles.of(request.caller),
        "account": request.caller.email,
        "drafts_url": drafts.listed(),
        "crumbs": crumbs((_("My mail"), "")),
    }
    return page(request, "mailing/own.html", context)


@require_http_methods(["GET", "POST"])
def server(request: Request) -> HttpResponse:
    """How Rapport sends mail; a POST sends a test to the caller."""
    if request.method == "POST":
        act(request, lambda: _test(request), _("The test was sent to %(address)s.") % {"address": request.caller.email})
        return onward("settings-mail")
    context = {
        "files": sending.writes_files(),
        "folder": getattr(settings, "EMAIL_FILE_PATH", ""),
        "host": f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}",
        "secure": "STARTTLS" if settings.EMAIL_USE_TLS else "TLS" if settings.EMAIL_USE_SSL else "",
        "sender": settings.DEFAULT_FROM_EMAIL,
        "address": request.caller.email,
        "crumbs": crumbs((_("Mail server"), "")),
    }
    return page(request, "mailing/server.html", context)


def _test(request: Request) -> None:
    try:
        sending.test(request.caller)
    except (OSError, smtplib.SMTPException) as error:
        text = _("The mail server did not take it: %(why)s") % {"why": sending.told(error)}
        raise Invalid({"": [text]}) from error


OWN = Setting(
    name="my-mail", path="my-mail/", view=own, label=gettext_lazy("My mail"), icon="mail",
    group=gettext_lazy("Yours"), right="", order=2,
)  # fmt: skip
SERVER = Setting(
    name="mail", path="mail/", view=server, label=gettext_lazy("Mail server"), icon="send",
    group=gettext_lazy("System"), order=43,
)  # fmt: skip
