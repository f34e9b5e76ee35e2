"""Pages of users and invitations."""

from __future__ import annotations

import logging
import smtplib
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.mail import send_mail
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rapport.records.accounts import audit, invitations, sign_in_links
from rapport.records.accounts import users as accounts
from rapport.records.accounts.caller import Caller
from rapport.records.errors import NotFound
from rapport.records.models import Invitation, Organisation, Role, Team, User
from rapport.registry.extensions import FirstStep
from rapport.surfaces.web import toasts
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.settings import forms
from rapport.surfaces.web.settings.answers import act, crumbs, form_page, onward
from rapport.surfaces.web.settings.guard import administrators
from rapport.surfaces.web.shell import page

logger = logging.getLogger(__name__)


class Invite(forms.Form):
    """Whom to invite, and as what."""

    email = forms.email(gettext_lazy("E-mail"))
    name = forms.text(gettext_lazy("Name"), required=False)
    is_admin = forms.switch(gettext_lazy("Administrator"), help=gettext_lazy("May do everything, these settings too."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team_id"] = forms.number(_("Team"), list(Team.objects.values_list("pk", "name")))
        self.fields["role_id"] = forms.number(_("Role"), list(Role.objects.values_list("pk", "name")))


class Rights(forms.Form):
    """What a user is called and may."""

    name = forms.text(gettext_lazy("Name"))
    title = forms.text(gettext_lazy("Job title"), required=False, most=100)
    is_admin = forms.switch(gettext_lazy("Administrator"), help=gettext_lazy("May do everything, these settings too."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = gettext_lazy("The most generous role counts. Without a role, what each object declares.")
        teams = gettext_lazy("A member sees what the team and all teams below it see.")
        self.fields["team_ids"] = forms.several(_("Teams"), list(Team.objects.values_list("pk", "name")), teams)
        self.fields["role_ids"] = forms.several(_("Roles"), list(Role.objects.values_list("pk", "name")), roles)


def _steps() -> list[dict[str, str]]:
    return crumbs((_("Users"), reverse("settings-users")))


@require_safe
def users(request: Request) -> HttpResponse:
    """Users, and invitations that wait."""
    found = User.objects.prefetch_related("teams", "roles").order_by("-is_active", "name", "id")
    context = {"users": found, "invitations": invitations.pending(), "crumbs": crumbs((_("Users"), ""))}
    return page(request, "web/settings/users.html", context)


@administrators
@require_http_methods(["GET", "POST"])
def invite(request: Request) -> HttpResponse:
    """Invite somebody by mail; the link is shown once, to be handed over otherwise."""
    form = Invite(request.POST or None)
    if form.carried_out(lambda **values: invitations.invite(request.caller, **values)):
        invitation, token = form.result
        link = f"{settings.BASE_URL}{reverse('join', args=[token])}"
        context = {"link": link, "email": invitation.email, "sent": _send(invitation, link), "crumbs": _steps()}
        return page(request, "web/settings/link.html", {"title": _("Invitation made"), **context})
    return form_page(request, form, _("Invite someone"), _steps(), submit=_("Invite"))


def _invited(caller: Caller) -> bool:
    return Invitation.objects.exists() or User.objects.exclude(pk=caller.user_id or 0).exists()


STEP = FirstStep(
    name="colleagues", icon="user-plus", order=60, label=gettext_lazy("Invite colleagues"),
    text=gettext_lazy("Each gets a link by mail, and sees what their role lets them see."),
    url=lambda: reverse("settings-invite"), done=_invited, offered=lambda caller: caller.is_admin,
)  # fmt: skip


def _send(invitation: Invitation, link: str) -> bool:
    organisation = Organisation.objects.first()
    context = {"link": link, "organisation": organisation, "inviter": invitation.invited_by}
    subject = _("You are invited to Rapport")
    body = render_to_string("web/settings/invitation.txt", context)
    try:
        send_mail(subject, body, None, [invitation.email])
    except (OSError, smtplib.SMTPException):
        logger.warning("the invitation could not be mailed", exc_info=True)
        return False
    return True


@administrators
@require_POST
def withdraw(request: Request, invitation_id: int) -> HttpResponse:
    """Take an invitation back."""
    act(request, lambda: invitations.withdraw(request.caller, invitation_id), _("The invitation is withdrawn."))
    return onward("settings-users")


@administrators
@require_http_methods(["GET", "POST"])
def user(request: Request, user_id: int) -> HttpResponse:
    """One user's name and rights."""
    found = _found(user_id)
    initial = {"name": found.name, "title": found.title, "is_admin": found.is_admin}
    initial |= {"team_ids": [t.pk for t in found.teams.all()], "role_ids": [r.pk for r in found.roles.all()]}
    form = Rights(request.POST or None, initial=initial)

    def save(name: str, title: str, **rights: Any) -> None:
        accounts.set_rights(request.caller, user_id, **rights)
        accounts.rename(request.caller, user_id, name=name, title=title)

    if form.carried_out(save):
        toasts.tell(request, _("%(name)s is saved.") % {"name": found.name})
        return onward("settings-users")
    more = {"template": "web/settings/user.html", "user": found, "mine": found.pk == request.caller.user_id}
    return form_page(request, form, str(found), _steps(), submit=_("Save"), subtitle=found.email, **more)


@administrators
@require_POST
def switch(request: Request, user_id: int) -> HttpResponse:
    """Deactivate an active user, activate another."""
    found = _found(user_id)
    doing = accounts.deactivate if found.is_active else accounts.activate
    done = _("%(name)s can no longer sign in.") if found.is_active else _("%(name)s can sign in again.")
    act(request, lambda: doing(request.caller, user_id), done % {"name": found.name})
    return onward("settings-users")


@administrators
@require_POST
def make_link(request: Request, user_id: int) -> HttpResponse:
    """A single-use link for a user who can't sign in, to be handed over by the administrator."""
    found = _found(user_id)
    if not found.is_active:
        raise NotFound
    token = sign_in_links.create(found)
    address = get_adapter(request).get_client_ip(request)
    audit.record("sign-in link made", caller=request.caller, subject=found.email, address=address)
    link = f"{settings.BASE_URL}{reverse('sign_in_link', args=[token])}"
    context = {"title": _("Sign-in link made"), "link": link, "email": found.email, "minutes": 15, "crumbs": _steps()}
    return page(request, "web/settings/link.html", context)


def _found(user_id: int) -> User:
    found = User.objects.filter(pk=user_id).first()
    if found is None:
        raise NotFound
    return found
