"""The settings pages of playbooks: all of them, and the editor of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from rapport.apps.customers.models import Kind, Lifecycle
from rapport.apps.playbooks import editing, steps
from rapport.apps.playbooks.models import Reply
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid
from rapport.records.read import RowView, visible
from rapport.registry.extensions import Page, Setting
from rapport.surfaces.web import toasts
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.settings.answers import act, crumbs, onward
from rapport.surfaces.web.settings.guard import administrators
from rapport.surfaces.web.shell import page

MOST = 200


@require_http_methods(["GET", "POST"])
def playbooks(request: Request) -> HttpResponse:
    """All playbooks; a POST makes one and goes to its editor."""
    caller = request.caller
    if request.method == "POST":
        try:
            made = write.create(caller, "playbook", {"name": request.POST.get("name", ""), "position": _last(caller)})
        except Invalid as error:
            toasts.tell(request, " ".join(str(t) for texts in error.errors.values() for t in texts), level="error")
            return onward("settings-playbooks")
        return onward("playbook-editor", made)
    columns = ("description", "active", "stages", "kinds", "sources", "lifecycles", "position")
    rows = visible(caller, "playbook").page(columns=columns, sort="position", size=MOST).rows
    counts = {group.value: group.count for group in visible(caller, "playbook_step").groups("playbook")}
    items = [
        {"id": r.id, "name": r.title, "active": r.values.get("active"), "when": _when(r), "steps": counts.get(r.id, 0)}
        for r in rows
    ]
    return page(request, "playbooks/list.html", {"items": items, "crumbs": crumbs((_("Playbooks"), ""))})


def _last(caller: Caller) -> int:
    rows = visible(caller, "playbook").page(columns=("position",), sort="-position", size=1).rows
    return (rows[0].values["position"] if rows else 0) + 1


def _when(row: RowView) -> str:
    """Where a playbook comes up, in a line."""
    kinds = [str(Kind(k).label) for k in row.values.get("kinds") or ()]
    lists = [[text for _key, text in row.labels.get(name) or ()] for name in ("stages", "sources")]
    stages = [str(Lifecycle(v).label) for v in row.values.get("lifecycles") or ()]
    return " · ".join(", ".join(part) for part in (lists[0], kinds, lists[1], stages) if part)


@administrators
@require_http_methods(["GET", "POST"])
def editor(request: Request, playbook_id: int) -> HttpResponse:
    """One playbook with its steps; a POST saves, deletes, or arranges the steps in the form. Raises NotFound."""
    caller = request.caller
    book = visible(caller, "playbook").get(playbook_id)
    if request.method == "GET":
        return _editor(request, book.title, editing.stored(caller, book))
    doing = request.POST.get("act", "save")
    if doing == "delete":
        act(request, lambda: write.delete(caller, "playbook", [playbook_id]), _("The playbook is in the trash."))
        return onward("settings-playbooks")
    sheet = editing.sent(request.POST)
    if doing != "save":
        return _editor(request, book.title, sheet, at=editing.arranged(sheet, doing), unsaved=True)
    try:
        editing.save(caller, playbook_id, sheet)
    except Invalid:
        return _editor(request, book.title, sheet, unsaved=True, status=422)
    toasts.tell(request, _("The playbook is saved."))
    return onward("settings-playbooks")


def _editor(
    request: Request, name: str, sheet: editing.Sheet, *, at: int | None = None, unsaved: bool = False,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    rows = [_row(number, row, focus=number == at) for number, row in enumerate(sheet.rows)]
    context = {
        "name": name,
        "fields": _fields(request.caller, sheet),
        "rows": rows,
        "unsaved": unsaved,
        "crumbs": crumbs((_("Playbooks"), reverse("settings-playbooks")), (name, "")),
    }
    return page(request, "playbooks/editor.html", context, status=status)


def _fields(caller: Caller, sheet: editing.Sheet) -> list[dict[str, Any]]:
    values = sheet.values
    stages = visible(caller, "stage").page(columns=("pipeline", "outcome"), sort="position", size=MOST).rows
    open_ = [r for r in stages if r.values.get("outcome") == "open"]
    open_.sort(key=lambda r: r.labels.get("pipeline") or "")
    sources = visible(caller, "lead_source").page(columns=("name",), sort="position", size=MOST).rows
    made: list[dict[str, Any]] = [
        {"name": "name", "label": _("Name"), "required": True, "attrs": {"maxlength": 150}},
        {"name": "description", "label": _("What it is for"), "attrs": {"maxlength": 300}},
        {
            "name": "stages", "label": _("Deals in these stages"), "widget": "multiselect",
            "choices": [{"value": r.id, "label": f"{r.labels.get('pipeline') or ''}: {r.title}"} for r in open_],
        },
        {
            "name": "kinds", "label": _("Beside what is written down about"), "widget": "multiselect",
            "choices": [{"value": k.value, "label": k.label} for k in Kind],
            "help": _("A playbook for conversations also stands on the pages of open leads."),
        },
        {
            "name": "sources", "label": _("Only for leads of"), "widget": "multiselect",
            "choices": [{"value": r.id, "label": r.title} for r in sources],
        },
        {
            "name": "lifecycles", "label": _("Only for people and companies that are"), "widget": "multiselect",
            "choices": [{"value": c.value, "label": c.label} for c in Lifecycle],
        },
        {"name": "position", "label": _("Place in the order"), "widget": "number", "attrs": {"min": 0}},
        {"name": "active", "label": _("In use"), "widget": "checkbox"},
    ]  # fmt: skip
    for field in made:
        field |= {"id": f"playbook-{field['name']}", "value": values.get(field["name"])}
        field["errors"] = sheet.errors.get(field["name"], [])
    return [field for field in made if field.get("widget") != "multiselect" or field["choices"]]


def _row(number: int, row: editing.Row, *, focus: bool) -> dict[str, Any]:
    base = f"s{number}"

    def control(name: str, **more: Any) -> Mapping[str, Any]:
        known = {"name": f"{base}-{name}", "id": f"{base}-{name}", "value": row.raw.get(name)}
        return {**known, "errors": row.errors.get(name, []), **more}

    replies = [{"value": r.value, "label": r.label} for r in Reply]
    fields = [
        control("name", label=_("Question or point"), required=True, attrs={"maxlength": 200, "autofocus": focus}),
        control("wording", label=_("What to say"), widget="textarea", help=_("Markdown."), attrs={"rows": 3}),
        control("reply", label=_("Answered by"), widget="select", choices=replies, required=True),
        control("options", label=_("Options"), widget="textarea", attrs={"rows": 2},
                help=_("One a line, where one of several is chosen.")),
        control("fills", label=_("The answer also fills"), widget="select", choices=list(steps.fillable())),
        control("must", label=_("Required before the playbook counts as finished"), widget="checkbox"),
    ]  # fmt: skip
    return {"base": base, "id": row.id, "number": number, "title": row.raw.get("name"), "fields": fields}


SETTING = Setting(
    name="playbooks", path="playbooks/", view=playbooks, label=gettext_lazy("Playbooks"), icon="list-check",
    group=gettext_lazy("Data"), order=25,
)  # fmt: skip
EDITOR = Page(name="playbook-editor", path="settings/playbooks/<int:playbook_id>/", view=editor)
