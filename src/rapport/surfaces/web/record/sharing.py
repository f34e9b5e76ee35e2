"""The dialog in which a record is shared."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rapport.records.accounts import sharing
from rapport.records.accounts.models import Team
from rapport.records.errors import Forbidden, Invalid
from rapport.surfaces.web import fields, toasts
from rapport.surfaces.web.record.answers import dialog_of, see_other
from rapport.surfaces.web.record.objects import record_of
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.shell import page


@require_http_methods(["GET", "POST"])
def share(request: Request, plural: str, record_id: int) -> HttpResponse:
    """GET: with whom. POST: `user` or `team` and `level` add one, `end` ends one."""
    caller = request.caller
    obj, view = record_of(caller, plural, record_id)
    if "edit" not in view.may:
        raise Forbidden
    fault = ""
    if request.method == "POST":
        try:
            _apply(request, obj.key, record_id)
        except Invalid as error:
            fault = " ".join(str(t) for texts in error.errors.values() for t in texts)
        if not fault and not dialog_of(request):
            toasts.tell(request, _("Saved"))
            return see_other(request.path)
    owner = obj.fields.get("owner")
    context = {
        "obj": obj,
        "record": view,
        "holders": sharing.holders(caller, obj.key, record_id),
        "owner": view.labels.get("owner") if owner else None,
        "team": view.labels.get("team"),
        "teams": [{"value": str(key), "label": name} for key, name in Team.objects.values_list("id", "name")],
        "search_url": fields.search_url(owner) if owner else "",
        "fault": fault,
        "post_url": request.path,
    }
    status = 422 if fault else 200
    if dialog_of(request):
        return render(request, "web/record/share_dialog.html", context, status=status)
    return page(request, "web/record/share.html", context, status=status)


def _apply(request: Request, key: str, record_id: int) -> None:
    sent = request.POST
    if end := _number(sent.get("end", "")):
        sharing.unshare(request.caller, key, record_id, end)
        return
    user, team = _number(sent.get("user", "")), _number(sent.get("team", ""))
    sharing.share(
        request.caller, key, record_id, user_id=user, team_id=None if user else team, level=sent.get("level", "")
    )


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 19 else None
