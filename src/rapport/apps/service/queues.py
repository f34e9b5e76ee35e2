"""The settings pages of queues: all of them in their order, and one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from rapport.apps.service.models import How, Priority
from rapport.apps.service.tickets import UNSOLVED
from rapport.lib import json
from rapport.records import write
from rapport.records.accounts import directory
from rapport.records.accounts.caller import Caller
from rapport.records.errors import NotFound
from rapport.records.models import Team
from rapport.records.read import RowView, visible
from rapport.registry import catalog
from rapport.registry.extensions import Page, Setting
from rapport.surfaces.web import toasts
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.settings import forms
from rapport.surfaces.web.settings.answers import act, crumbs, form_page, onward
from rapport.surfaces.web.settings.guard import administrators
from rapport.surfaces.web.shell import page

MOST = 200
COLUMNS = ("description", "team", "how", "priority", "position", "address", "retired")
NAMES = 6
"""Members that the list names."""


class QueueForm(forms.Form):
    """What a queue is called, who works on it, and how tickets are given out."""

    name = forms.text(gettext_lazy("Name"), most=100)
    description = forms.long(gettext_lazy("Description"))
    address = forms.email(gettext_lazy("Answers come from"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["address"].required = False
        self.fields["address"].help_text = _("An address of your own. Empty: that of whoever answers.")
        team = forms.number(_("Members"), list(Team.objects.values_list("pk", "name")))
        team.help_text = _("Everyone in this team and in the teams below it. Teams have a page of their own.")
        self.fields["team"] = team
        self.fields["how"] = forms.choice(_("New tickets are given to"), How.choices)
        help_text = _("Of tickets that come with normal priority.")
        choices = [("", "–"), *Priority.choices]
        self.fields["priority"] = forms.choice(_("Priority of new tickets"), choices, required=False, help=help_text)


@require_http_methods(["GET", "POST"])
def queues(request: Request) -> HttpResponse:
    """All queues; a POST moves one, retires one or takes it back into use."""
    if request.method == "POST":
        return _change(request)
    caller = request.caller
    rows = _rows(caller)
    names = dict(directory.active_users())
    open_ = {g.value: g.count for g in visible(caller, "ticket").groups("queue", filter=UNSOLVED)}
    items = [_item(row, names, open_.get(row.id, 0)) for row in rows]
    used, retired = ([i for i in items if i["retired"] is kind] for kind in (False, True))
    context = {"queues": used, "retired": retired, "crumbs": crumbs((_("Queues"), ""))}
    return page(request, "service/queues.html", context)


def _rows(caller: Caller) -> list[RowView]:
    return visible(caller, "queue").page(columns=COLUMNS, sort="position", size=MOST).rows


def _item(row: RowView, names: Mapping[int, str], count: int) -> dict[str, Any]:
    values = row.values
    users = [names[key] for key in directory.members(values.get("team")) if key in names]
    more = len(users) - NAMES
    where = {"all": [{"field": "queue", "op": "is", "value": row.id}, UNSOLVED]}
    query = urlencode({"view": "all", "filter": json.dumps(where)})
    priority = values.get("priority")
    return {
        "id": row.id,
        "name": row.title,
        "retired": bool(values.get("retired")),
        "how": How(values.get("how") or How.HAND).label,
        "priority": Priority(priority).label if priority else "",
        "members": ", ".join(users[:NAMES]) + (f" +{more}" if more > 0 else ""),
        "alone": not users and values.get("how") != How.HAND,
        "open": count,
        "open_url": f"{reverse('list', args=[catalog.current()['ticket'].plural])}?{query}",
    }


def _change(request: Request) -> HttpResponse:
    caller, posted = request.caller, request.POST
    key = _key(posted)
    match posted.get("act"):
        case "up" | "down" as way:
            act(request, lambda: _move(caller, key, -1 if way == "up" else 1), _("The order is saved."))
        case "retire":
            act(request, lambda: write.update(caller, "queue", key, {"retired": True}), _retired(caller, key))
        case "use":
            act(
                request, lambda: write.update(caller, "queue", key, {"retired": False}), _("The queue is in use again.")
            )
        case _:
            toasts.tell(request, _("Choose what to do."), level="error")
    return onward("settings-queues")


def _key(posted: QueryDict) -> int:
    text = posted.get("queue", "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise NotFound
    return int(text)


@transaction.atomic
def _move(caller: Caller, key: int, by: int) -> None:
    """One place up or down among those in use. Raises NotFound."""
    keys = [row.id for row in _rows(caller) if not row.values.get("retired")]
    if key not in keys:
        raise NotFound
    at = keys.index(key)
    to = min(max(at + by, 0), len(keys) - 1)
    keys[at], keys[to] = keys[to], keys[at]
    write.update_each(caller, "queue", [(k, {"position": place}) for place, k in enumerate(keys, 1)])


def _retired(caller: Caller, key: int) -> str:
    where = {"all": [{"field": "queue", "op": "is", "value": key}, UNSOLVED]}
    count = visible(caller, "ticket").count(where)
    if not count:
        return _("The queue is retired.")
    text = ngettext(
        "The queue is retired. %(count)d ticket in it is still open.",
        "The queue is retired. %(count)d tickets in it are still open.", count,
    )  # fmt: skip
    return text % {"count": count}


def _steps() -> list[dict[str, str]]:
    return crumbs((_("Queues"), reverse("settings-queues")))


@administrators
@require_http_methods(["GET", "POST"])
def create(request: Request) -> HttpResponse:
    """A new queue, the last of all."""
    caller = request.caller
    form = QueueForm(request.POST or None, initial={"how": How.HAND})
    last = max((row.values.get("position") or 0 for row in _rows(caller)), default=0)
    if form.carried_out(lambda **values: write.create(caller, "queue", {**values, "position": last + 1})):
        toasts.tell(request, _("The queue is made."))
        return onward("settings-queues")
    return form_page(request, form, _("New queue"), _steps(), submit=_("Create"))


@administrators
@require_http_methods(["GET", "POST"])
def queue(request: Request, queue_id: int) -> HttpResponse:
    """One queue. Raises NotFound."""
    caller = request.caller
    found = visible(caller, "queue").get(queue_id)
    form = QueueForm(request.POST or None, initial={name: found.values.get(name) for name in ("name", *COLUMNS)})
    if form.carried_out(lambda **values: write.update(caller, "queue", queue_id, values)):
        toasts.tell(request, _("The queue is saved."))
        return onward("settings-queues")
    return form_page(request, form, found.title, _steps(), submit=_("Save"))


SETTING = Setting(
    name="queues", path="queues/", view=queues, label=gettext_lazy("Queues"), icon="inbox",
    group=gettext_lazy("Data"), order=27,
)  # fmt: skip
PAGES = (
    Page(name="queue-new", path="settings/queues/new/", view=create),
    Page(name="queue-edit", path="settings/queues/<int:queue_id>/", view=queue),
)
