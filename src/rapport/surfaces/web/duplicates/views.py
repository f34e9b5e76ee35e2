"""The review queue: pairs that may be one, a pair side by side, and what is decided of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from rapport.features.duplicates import queue, wording
from rapport.features.duplicates.models import Source
from rapport.features.duplicates.queue import Pair
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Forbidden, Invalid
from rapport.records.merging.choosing import mergeable
from rapport.records.read import RowView, visible
from rapport.records.write.previewing import moving
from rapport.registry.extensions import Page, Tile
from rapport.surfaces.web import cells, toasts
from rapport.surfaces.web.record.answers import see_other
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.shell import page

LEAST = (0.5, 0.8, 0.9, 0.95, 0.99)
"""Probabilities to narrow the list by."""


@require_safe
def listed(request: Request) -> HttpResponse:
    """Open pairs, the likeliest first, of one object; narrowed by what found them and by how likely they are."""
    caller, asked = request.caller, request.GET
    objects = queue.objects(caller)
    obj = next((o for o in objects if o.key == asked.get("object")), None)
    counts = {o.key: queue.count(caller, o) for o in objects}
    obj = obj or next((o for o in objects if counts[o.key]), objects[0] if objects else None)
    source = asked.get("source", "") if asked.get("source") in Source.values else ""
    least = next((value for value in LEAST if str(value) == asked.get("least")), 0.0)
    found = queue.pairs(caller, obj, source=source, least=least) if obj else []
    labels = visible(caller, obj).labels({i for pair in found for i in pair.ids}) if obj else {}
    context = {
        "tabs": [
            {
                "label": capfirst(str(o.label_plural)),
                "url": f"?object={o.key}",
                "active": o is obj,
                "count": counts[o.key],
            }
            for o in objects
        ],
        "pairs": [_line(pair, labels) for pair in found],
        "narrowed": bool(source or least),
        "object": obj.key if obj else "",
        "sources": [{"value": "", "label": _("Whatever found them")}]
        + [{"value": s.value, "label": capfirst(str(s.label))} for s in Source],
        "source": source,
        "likely": [{"value": "", "label": _("However likely")}]
        + [{"value": str(v), "label": _("From %(percent)d %% on") % {"percent": round(v * 100)}} for v in LEAST],
        "least": str(least) if least else "",
        "settings_url": reverse("settings-duplicate-pass") if caller.is_admin else "",
    }
    return page(request, "web/duplicates/list.html", context)


def _line(pair: Pair, labels: Mapping[int, str]) -> dict[str, Any]:
    return {
        "url": reverse("duplicate", args=[pair.id]), "titles": [labels.get(i) or _("(no name)") for i in pair.ids],
        "percent": percent(pair.score), "source": capfirst(str(Source(pair.source).label)),
        "reasons": wording.reasons(pair.obj, pair.reasons)[:4],
    }  # fmt: skip


def percent(score: float) -> int:
    """A probability as a number of per cent that claims no certainty."""
    return min(99, round(score * 100))


@require_safe
def pair(request: Request, pair_id: int) -> HttpResponse:
    """Two records side by side, with what speaks for and against their being one."""
    found = queue.get(request.caller, pair_id)
    return _side_by_side(request, found)


def _side_by_side(request: Request, found: Pair, errors: list[str] | None = None) -> HttpResponse:
    caller, obj = request.caller, found.obj
    seen = caller.visible_fields(obj)
    fields = [f for f in obj.fields.values() if f.name in seen and mergeable(f)]
    rows = {r.id: r for r in visible(caller, obj).page(columns=[f.name for f in fields], ids=found.ids, size=2).rows}
    texts = {f.name: [cells.text_of(f, rows[i]) for i in found.ids] for f in fields}
    related = {i: [(m.obj, m.count) for m in moving(caller, obj, [i])] for i in found.ids}
    survivor = max(found.ids, key=lambda i: (sum(n for _o, n in related[i]), -i))
    following = queue.following(caller, found)
    context = {
        "title": capfirst(_("two %(objects)s that may be one") % {"objects": obj.label_plural}),
        "records": [_head(obj, rows[i], related[i], i == survivor) for i in found.ids],
        "rows": [
            {"label": capfirst(str(f.label)), "texts": texts[f.name], "differs": texts[f.name][0] != texts[f.name][1]}
            for f in fields
            if any(texts[f.name])
        ],
        "percent": percent(found.score),
        "reasons": [
            {"text": wording.said(obj, r), "tone": "green" if r.weight > 0 else "orange"} for r in found.reasons
        ],
        "survivor": survivor,
        "merge_url": reverse("duplicate-merge", args=[found.id]),
        "choose_url": f"{reverse('merge', args=[obj.plural])}?{urlencode({'ids': ','.join(map(str, found.ids))})}",
        "differ_url": reverse("duplicate-differ", args=[found.id]),
        "later_url": reverse("duplicate", args=[following.id]) if following else "",
        "list_url": f"{reverse('duplicates')}?object={obj.key}",
        "errors": errors or [],
    }
    return page(request, "web/duplicates/pair.html", context, status=422 if errors else 200)


def _head(obj: Any, row: RowView, related: list[tuple[Any, int]], stays: bool) -> dict[str, Any]:
    return {
        "id": row.id, "title": row.title or _("(no name)"), "url": cells.record_url(obj.key, row.id), "stays": stays,
        "related": [f"{count} {o.label if count == 1 else o.label_plural}" for o, count in related],
    }  # fmt: skip


def _onward(caller: Caller, decided: Pair) -> HttpResponse:
    """The next pair, or the list where none waits."""
    rest = queue.pairs(caller, decided.obj, after=decided.id, limit=1) or queue.pairs(caller, decided.obj, limit=1)
    return see_other(reverse("duplicate", args=[rest[0].id]) if rest else reverse("duplicates"))


@require_POST
def merge(request: Request, pair_id: int) -> HttpResponse:
    """Make one of both, then show the next pair."""
    given = request.POST.get("survivor", "")
    survivor = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0
    try:
        decided, made = queue.merge(request.caller, pair_id, survivor)
    except (Invalid, Forbidden) as error:
        messages = [str(m) for texts in error.errors.values() for m in texts] if isinstance(error, Invalid) else []
        return _side_by_side(request, queue.get(request.caller, pair_id), messages or [str(error)])
    undo = toasts.undo_of(reverse("unmerge", args=[decided.obj.plural, survivor, made.pk]))
    toasts.tell(request, _("They are one record now."), undo=undo)
    return _onward(request.caller, decided)


@require_POST
def differ(request: Request, pair_id: int) -> HttpResponse:
    """Keep them apart for good, then show the next pair."""
    decided = queue.differ(request.caller, pair_id)
    toasts.tell(
        request, _("They stay two records and are not suggested again."),
        undo=toasts.undo_of(reverse("duplicate-reopen", args=[pair_id])),
    )  # fmt: skip
    return _onward(request.caller, decided)


@require_POST
def reopen(request: Request, pair_id: int) -> HttpResponse:
    """Put a pair back into the queue."""
    queue.reopen(request.caller, pair_id)
    if request.headers.get("HX-Request"):
        return toasts.done(_("The pair waits again."))
    return see_other(reverse("duplicate", args=[pair_id]))


def tile(caller: Caller) -> Mapping[str, Any] | None:
    """The likeliest pairs on the home page; None where none waits."""
    items: list[dict[str, Any]] = []
    for obj in queue.objects(caller):
        found = queue.pairs(caller, obj, limit=3)
        labels = visible(caller, obj).labels({i for p in found for i in p.ids}) if found else {}
        for p in found:
            titles = [labels.get(i) or _("(no name)") for i in p.ids]
            items.append(
                {
                    "title": " · ".join(titles),
                    "url": reverse("duplicate", args=[p.id]),
                    "value": f"{percent(p.score)} %",
                }
            )
    return {"items": items[:4], "more_url": reverse("duplicates")} if items else None


PAGES = (
    Page(
        name="duplicates", path="duplicates/", view=listed, label=gettext_lazy("Possible duplicates"), icon="git-merge"
    ),
    Page(name="duplicate", path="duplicates/<int:pair_id>/", view=pair),
    Page(name="duplicate-merge", path="duplicates/<int:pair_id>/merge/", view=merge),
    Page(name="duplicate-differ", path="duplicates/<int:pair_id>/differ/", view=differ),
    Page(name="duplicate-reopen", path="duplicates/<int:pair_id>/reopen/", view=reopen),
)
TILE = Tile(
    name="duplicates", template="web/home/list.html", context=tile, title=gettext_lazy("Possible duplicates"), order=80
)
