"""The page of the nightly pass: whether it looks, from which likelihood on a pair is queued, and what that costs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from rapport.features.duplicates import trade
from rapport.features.duplicates.nightly import passing
from rapport.registry.extensions import Setting
from rapport.surfaces.web import toasts
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.settings.answers import act, crumbs, onward
from rapport.surfaces.web.shell import page

NAME = "duplicate-pass"


@require_http_methods(["GET", "POST"])
def nightly(request: Request) -> HttpResponse:
    """The thresholds with their trade-off; a POST keeps one, or has the pass run now."""
    if request.method == "POST":
        return _change(request)
    context = {
        "objects": [_shown(obj) for obj in passing.objects()],
        "measured": trade.MEASURED,
        "lines": [
            (name, _line((m[0], m[at]) for m in trade.MEASURED), _line((m[0], m[at + 1]) for m in trade.MEASURED))
            for name, at in zip(trade.SETS, (1, 3), strict=True)
        ],
        "running": passing.running() is not None,
        "crumbs": crumbs((_("Nightly search for duplicates"), "")),
    }
    return page(request, "web/settings/duplicates.html", context)


def _shown(obj: Any) -> dict[str, Any]:
    chosen = passing.setting(obj.key)
    points = trade.curve(obj.key)
    return {
        "key": obj.key, "label": capfirst(str(obj.label_plural)), "setting": chosen,
        "percent": round(chosen.threshold * 100), "points": points, "decided": points[-1].right + points[-1].wrong,
        "line": _line((p.threshold, p.precision) for p in points),
        "recall": _line((p.threshold, p.recall) for p in points),
    }  # fmt: skip


def _line(points: Iterable[tuple[float, float | None]]) -> str:
    """Points of a line in a field of 300 by 100."""
    return " ".join(f"{x * 300:.0f},{100 - y * 100:.0f}" for x, y in points if y is not None)


def _change(request: Request) -> HttpResponse:
    caller, posted = request.caller, request.POST
    if posted.get("act") == "run":
        started = passing.start(caller.user_id, caller.is_admin)
        toasts.tell(request, _("The pass begins.") if started else _("The pass is on its way already."))
    else:
        key, enabled = posted.get("object", ""), bool(posted.get("enabled"))
        act(request, lambda: passing.choose(key, posted.get("percent", ""), enabled), _("Kept."))
    return onward(f"settings-{NAME}")


SETTING = Setting(
    name=NAME, path="duplicate-pass/", view=nightly, label=gettext_lazy("Nightly search for duplicates"),
    icon="git-merge", group=gettext_lazy("Data"), order=29,
)  # fmt: skip
