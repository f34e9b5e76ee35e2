"""The settings pages of mailboxes: all of them, and one."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from rapport.apps.mailing.intake import mailboxes
from rapport.apps.mailing.models import Mailbox, Security
from rapport.records.errors import NotFound
from rapport.records.models import Team
from rapport.records.read import visible
from rapport.registry.extensions import Page, Setting
from rapport.surfaces.web import toasts
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.settings import forms
from rapport.surfaces.web.settings.answers import act, crumbs, form_page, onward
from rapport.surfaces.web.settings.guard import administrators
from rapport.surfaces.web.shell import page

NAME = "mailboxes"
FIELDS = (
    "name", "address", "host", "security", "port", "username", "folder", "since", "makes_people", "queue_id", "team_id",
    "active",
)  # fmt: skip


class MailboxForm(forms.Form):
    """Where mail lies, and what becomes of it."""

    name = forms.text(gettext_lazy("Name"), most=100, placeholder=gettext_lazy("Support"))
    address = forms.email(gettext_lazy("E-mail address"))
    host = forms.text(gettext_lazy("Server (IMAP)"), most=200, placeholder="imap.example.com")
    security = forms.choice(gettext_lazy("Secured by"), Security.choices)
    port = forms.whole(gettext_lazy("Port"), 1, 65535, initial=993)
    username = forms.text(gettext_lazy("User name"), most=200, autocomplete="off")
    folder = forms.text(gettext_lazy("Folder"), most=200)
    since = forms.day(gettext_lazy("Mail from this day on"))
    makes_people = forms.switch(
        gettext_lazy("Make people of unknown senders"),
        help=gettext_lazy("Off: mail from unknown addresses waits until somebody chooses the person."),
    )

    def __init__(self, *args: Any, queues: Any, kept: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        password = forms.password(_("Password"), _("Empty: it stays as it is.") if kept else "")
        password.required = not kept
        self.fields = {  # beside the user name
            name: field
            for known, found in self.fields.items()
            for name, field in ((known, found), *((("password", password),) if known == "username" else ()))
        }
        self.fields["queue_id"] = forms.number(_("Open tickets in"), queues)
        self.fields["queue_id"].help_text = _("Mail that answers nothing becomes a ticket of this queue.")
        self.fields["team_id"] = forms.number(_("Team"), list(Team.objects.values_list("pk", "name")))
        if kept:
            self.fields["active"] = forms.switch(_("Take mail in"))


@administrators
@require_http_methods(["GET", "POST"])
def every(request: Request) -> HttpResponse:
    """All mailboxes; a POST looks into one at once, tries it out or removes it."""
    if request.method == "POST":
        return _change(request)
    context = {"mailboxes": mailboxes.every(request.caller), "crumbs": crumbs((_("Mailboxes"), ""))}
    return page(request, "mailing/mailboxes.html", context)


def _change(request: Request) -> HttpResponse:
    caller, text = request.caller, request.POST.get("mailbox", "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise NotFound
    key = int(text)
    match request.POST.get("act"):
        case "fetch":
            act(request, lambda: mailboxes.fetch_now(caller, key), _("The mailbox is being looked into."))
        case "check":
            act(request, lambda: mailboxes.check(mailboxes.one(caller, key)), _("The mailbox can be read."))
        case "remove":
            act(request, lambda: mailboxes.remove(caller, key), _("The mailbox is removed. Its mail stays."))
        case _:
            toasts.tell(request, _("Choose what to do."), level="error")
    return onward(f"settings-{NAME}")


def _steps() -> list[dict[str, str]]:
    return crumbs((_("Mailboxes"), reverse(f"settings-{NAME}")))


def _queues(request: Request) -> list[tuple[int, str]]:
    rows = visible(request.caller, "queue").page(columns=("retired",), sort="name", size=200).rows
    return [(row.id, row.title) for row in rows if not row.values.get("retired")]


@administrators
@require_http_methods(["GET", "POST"])
def create(request: Request) -> HttpResponse:
    """A new mailbox, kept once it can be read."""
    initial = {"security": Security.TLS, "folder": "INBOX", "since": timezone.localdate(), "makes_people": True}
    form = MailboxForm(request.POST or None, queues=_queues(request), initial=initial)
    if form.carried_out(lambda **values: mailboxes.create(request.caller, **values)):
        toasts.tell(request, _("The mailbox is kept. Its mail comes in within a minute."))
        return onward(f"settings-{NAME}")
    return form_page(request, form, _("New mailbox"), _steps(), submit=_("Try and keep"))


@administrators
@require_http_methods(["GET", "POST"])
def edit(request: Request, mailbox_id: int) -> HttpResponse:
    """One mailbox. Raises NotFound."""
    found: Mailbox = mailboxes.one(request.caller, mailbox_id)
    initial = {name: getattr(found, name) for name in FIELDS}
    form = MailboxForm(request.POST or None, queues=_queues(request), kept=True, initial=initial)
    if form.carried_out(lambda **values: mailboxes.change(request.caller, mailbox_id, **values)):
        toasts.tell(request, _("The mailbox is saved."))
        return onward(f"settings-{NAME}")
    return form_page(request, form, found.name, _steps(), submit=_("Save"))


SETTING = Setting(
    name=NAME, path="mailboxes/", view=every, label=gettext_lazy("Mailboxes"), icon="mail-opened",
    group=gettext_lazy("Data"), order=28,
)  # fmt: skip
PAGES = (
    Page(name="mailbox-new", path="settings/mailboxes/new/", view=create),
    Page(name="mailbox-edit", path="settings/mailboxes/<int:mailbox_id>/", view=edit),
)
