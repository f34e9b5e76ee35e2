"""The settings pages of kinds of relations: all of them, and one."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from rapport.apps.customers import kinds
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.errors import NotFound
from rapport.records.read import visible
from rapport.registry.extensions import Page, Setting
from rapport.surfaces.web import toasts
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.settings import forms
from rapport.surfaces.web.settings.answers import act, crumbs, form_page, onward
from rapport.surfaces.web.settings.guard import administrators
from rapport.surfaces.web.shell import page


class KindForm(forms.Form):
    """What a kind is called both ways, and whether it draws in organisation charts."""

    name = forms.text(gettext_lazy("In words"), most=80, help=gettext_lazy("Such as “is a mentor of”."))
    inverse = forms.text(
        gettext_lazy("The other way round"), required=False, most=80,
        help=gettext_lazy("Such as “learns from”. Empty: the same words both ways."),
    )  # fmt: skip
    chart = forms.switch(
        gettext_lazy("Draws in the organisation chart"), gettext_lazy("The first person stands below the second one.")
    )


@require_http_methods(["GET", "POST"])
def listed(request: Request) -> HttpResponse:
    """All kinds; a POST retires one or takes it back into use."""
    caller = request.caller
    if request.method == "POST":
        kind = _kind(request.POST.get("kind", ""))
        retired = request.POST.get("act") == "retire"
        done = _("This kind is retired.") if retired else _("This kind is in use again.")
        act(request, lambda: _keep(caller, kind, {"retired": retired}), done)
        return onward("settings-relation-kinds")
    counts = kinds.used()
    items = [
        {
            "code": kind.code,
            "words": str(kind.name),
            "inverse": str(kind.inverse),
            "symmetric": kind.symmetric,
            "chart": kind.chart,
            "retired": kind.retired,
            "used": counts.get(kind.code, 0),
        }
        for kind in kinds.every().values()
    ]
    context = {"items": items, "crumbs": crumbs((_("Kinds of relations"), ""))}
    return page(request, "customers/kinds.html", context)


def _kind(code: str) -> kinds.RelationKind:
    try:
        return kinds.every()[code]
    except KeyError as error:
        raise NotFound from error


def _keep(caller: Caller, kind: kinds.RelationKind, values: dict[str, Any]) -> None:
    """Change a kind; a usual one gets a row that stands in for it. Words that were left as they are stay translated."""
    if kind.row is not None:
        write.update(caller, kinds.KEY, kind.row, _source(kind, values))
        return
    name, inverse = kinds.source(kind.code)
    start = {"name": name, "inverse": inverse, "chart": kind.chart, "instead": kind.code}
    write.create(caller, kinds.KEY, {**start, **_source(kind, values)})


def _source(kind: kinds.RelationKind, values: dict[str, Any]) -> dict[str, Any]:
    """The values; words that were left as the reader was shown them stay as they are kept."""
    words = (values.get("name"), values.get("inverse") or values.get("name"))
    if words != (str(kind.name), str(kind.inverse)):
        return values
    name, inverse = kinds.kept(kind)
    return {**values, "name": name, "inverse": inverse}


def _steps() -> list[dict[str, str]]:
    return crumbs((_("Kinds of relations"), reverse("settings-relation-kinds")))


@administrators
@require_http_methods(["GET", "POST"])
def create(request: Request) -> HttpResponse:
    """An added kind, the last of all."""
    caller = request.caller
    form = KindForm(request.POST or None)
    rows = visible(caller, kinds.KEY).page(columns=("position",), sort="-position", size=1).rows
    last = rows[0].values["position"] if rows else 0
    if form.carried_out(lambda **values: write.create(caller, kinds.KEY, {**values, "position": last + 1})):
        toasts.tell(request, _("The kind is made."))
        return onward("settings-relation-kinds")
    return form_page(request, form, _("New kind of relation"), _steps(), submit=_("Create"))


@administrators
@require_http_methods(["GET", "POST"])
def edit(request: Request, code: str) -> HttpResponse:
    """One kind. Raises NotFound."""
    kind = _kind(code)
    inverse = "" if kind.symmetric else str(kind.inverse)
    form = KindForm(request.POST or None, initial={"name": str(kind.name), "inverse": inverse, "chart": kind.chart})
    if form.carried_out(lambda **values: _keep(request.caller, kind, values)):
        toasts.tell(request, _("The kind is saved."))
        return onward("settings-relation-kinds")
    return form_page(request, form, str(kind.name), _steps(), submit=_("Save"))


SETTING = Setting(
    name="relation-kinds", path="relation-kinds/", view=listed, label=gettext_lazy("Kinds of relations"),
    icon="circles-relation", group=gettext_lazy("Data"), order=28,
)  # fmt: skip
PAGES = (
    Page(name="relation-kind-new", path="settings/relation-kinds/new/", view=create),
    Page(name="relation-kind", path="settings/relation-kinds/<slug:code>/", view=edit),
)
