"""Pages of teams."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rapport.records.accounts import teams as actions
from rapport.records.accounts.caller import below
from rapport.records.errors import NotFound
from rapport.records.models import Team
from rapport.surfaces.web import toasts
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.settings import forms
from rapport.surfaces.web.settings.answers import act, crumbs, form_page, onward
from rapport.surfaces.web.settings.guard import administrators
from rapport.surfaces.web.shell import page


class TeamForm(forms.Form):
    """A team and its place in the tree."""

    name = forms.text(gettext_lazy("Name"), most=100)

    def __init__(self, *args: Any, but: tuple[int, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = list(Team.objects.exclude(pk__in=but).values_list("pk", "name"))
        self.fields["parent_id"] = forms.number(_("Part of"), places)


def _steps() -> list[dict[str, str]]:
    return crumbs((_("Teams"), reverse("settings-teams")))


@require_safe
def teams(request: Request) -> HttpResponse:
    """All teams as a tree."""
    counted = Team.objects.annotate(size=Count("members", filter=Q(members__is_active=True)))
    return page(request, "web/settings/teams.html", {"teams": _tree(list(counted)), "crumbs": crumbs((_("Teams"), ""))})


def _tree(found: list[Any]) -> list[dict[str, Any]]:
    """Teams in the order of the tree, each with its depth."""
    children: dict[int | None, list[Any]] = {}
    for item in found:
        children.setdefault(item.parent_id, []).append(item)
    rows: list[dict[str, Any]] = []

    def walk(parent: int | None, depth: int) -> None:
        for item in children.get(parent, ()):
            rows.append({"team": item, "depth": min(depth, 6)})
            walk(item.pk, depth + 1)

    walk(None, 0)
    return rows


@administrators
@require_http_methods(["GET", "POST"])
def create(request: Request) -> HttpResponse:
    """A new team."""
    form = TeamForm(request.POST or None)
    if form.carried_out(lambda **values: actions.create(request.caller, **values)):
        toasts.tell(request, _("The team is made."))
        return onward("settings-teams")
    return form_page(request, form, _("New team"), _steps(), submit=_("Create"))


@administrators
@require_http_methods(["GET", "POST"])
def team(request: Request, team_id: int) -> HttpResponse:
    """Rename or move a team."""
    found = Team.objects.filter(pk=team_id).first()
    if found is None:
        raise NotFound
    initial = {"name": found.name, "parent_id": found.parent_id}
    form = TeamForm(request.POST or None, initial=initial, but=below([found.pk]))
    if form.carried_out(lambda **values: actions.update(request.caller, team_id, **values)):
        toasts.tell(request, _("The team is saved."))
        return onward("settings-teams")
    remove = {
        "url": reverse("settings-team-delete", args=[team_id]),
        "label": _("Delete team"),
        "confirm": _("Delete this team? Its records stay and lose their team."),
    }
    return form_page(request, form, found.name, _steps(), submit=_("Save"), remove=remove)


@administrators
@require_POST
def delete(request: Request, team_id: int) -> HttpResponse:
    """Remove a team."""
    act(request, lambda: actions.delete(request.caller, team_id), _("The team is deleted."))
    return onward("settings-teams")
