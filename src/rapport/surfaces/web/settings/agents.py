"""What agents did: pieces of work, each with its changes, and taking one back as a whole."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from rapport.features.programs import works
from rapport.features.programs.works import Change, Piece
from rapport.records.history.reading import FieldChange
from rapport.registry import catalog
from rapport.registry.extensions import Setting
from rapport.surfaces.web import cells, toasts
from rapport.surfaces.web.record.past import NOTES
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.settings.answers import crumbs, onward
from rapport.surfaces.web.shell import page

NAME = "agents"
SIZE = 50


@require_safe
def agents(request: Request) -> HttpResponse:
    """Pieces of work: the caller's own, of everyone for administrators; older ones after `?before=`."""
    found = works.recent(request.caller, before=_number(request, "before") or None, size=SIZE + 1)
    more = len(found) > SIZE
    url = reverse(f"settings-{NAME}")
    context = {
        "pieces": [{"piece": piece, "name": _name(piece)} for piece in found[:SIZE]],
        "everyone": request.caller.is_admin,
        "address": f"{settings.BASE_URL}/mcp",
        "next_url": f"{url}?before={found[SIZE - 1].work.pk}" if more else "",
        "crumbs": crumbs((_("Agents"), "")),
    }
    return page(request, "web/settings/agents.html", context)


@require_safe
def piece(request: Request, work_id: int) -> HttpResponse:
    """What one piece of work changed, as far as the reader may see it, in order."""
    found = works.get(request.caller, work_id)
    batch = found.work.batch
    changes, following = works.changes(request.caller, batch, after=_number(request, "after"), size=SIZE)
    if found.work.reverted_at:
        changes = works.after_revert(batch, changes)
    url = reverse("settings-agent", args=[work_id])
    context = {
        "piece": found,
        "name": _name(found),
        "changes": [_shown(change) for change in changes],
        "next_url": f"{url}?after={following}" if following else "",
        "crumbs": crumbs((_("Agents"), reverse(f"settings-{NAME}")), (_name(found), "")),
    }
    return page(request, "web/settings/agent.html", context)


@require_POST
def revert(request: Request, work_id: int) -> HttpResponse:
    """Take a piece of work back."""
    done = works.revert(request.caller, work_id)
    if done.result is None:
        toasts.tell(request, _("It is being taken back in the background."), level="info")
    elif done.result.kept:
        said = {"n": done.result.count, "kept": done.result.kept}
        text = _("%(n)s acts taken back, %(kept)s left as they are: they are marked below.") % said
        toasts.tell(request, text, level="warning")
    else:
        toasts.tell(request, _("%(n)s acts taken back.") % {"n": done.result.count})
    return onward("settings-agent", work_id)


def _number(request: Request, name: str) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _name(found: Piece) -> str:
    return found.work.group or found.work.client or _("Unnamed client")


def _shown(change: Change) -> dict[str, Any]:
    obj, act = catalog.current()[change.object_key], change.act
    kept = ", ".join(capfirst(str(c.field.label)) for c in change.kept)
    return {
        "title": change.title,
        "object": capfirst(str(obj.label)),
        "icon": obj.spec.icon,
        "url": cells.record_url(change.object_key, change.record_id),
        "note": NOTES.get(act.action, act.action),
        "when": act.at,
        "left": change.left,
        "kept": kept,
        "fields": [_field(c) for c in act.fields],
    }


def _field(change: FieldChange) -> dict[str, Any]:
    return {
        "label": capfirst(str(change.field.label)),
        "before": cells.flat(change.field, change.before, change.before_label),
        "after": cells.flat(change.field, change.after, change.after_label),
    }


SETTING = Setting(
    name=NAME, path="agents/", view=agents, label=gettext_lazy("Agents"), icon="robot", group=gettext_lazy("Yours"),
    right="", order=7,
)  # fmt: skip
