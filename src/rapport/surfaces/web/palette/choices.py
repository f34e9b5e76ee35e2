"""What a combobox offers: records of an object, users; and making a record that is not there yet."""

from __future__ import annotations

from collections.abc import Set
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rapport.features.search.finding import search
from rapport.lib.sql import Sql, all_of, like_pattern
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.errors import NotFound
from rapport.records.read import RowView, visible
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.surfaces.web import cells
from rapport.surfaces.web.requests import Request

FEW = 8
LONGEST = 200


@require_http_methods(["GET"])
def options(request: Request, plural: str) -> HttpResponse:
    """Records that answer `?q=`; other parameters narrow by references of the object (`?pipeline=3`).

    With `?choosable=1` only those that new records may refer to.
    """
    caller = request.caller
    obj = catalog.current().by_plural.get(plural)
    if obj is None or not caller.may(obj, "read"):
        raise NotFound
    text = request.GET.get("q", "").strip()[:LONGEST]
    narrow = _narrow(caller, obj, request)
    known = {condition["field"] for condition in narrow}
    if obj.spec.choosable and request.GET.get("choosable"):
        narrow.append(dict(obj.spec.choosable))
    items = [_item(obj, row, known) for row in _rows(caller, obj, text, narrow)]
    create = None
    exact = any(str(item["label"]).lower() == text.lower() for item in items)
    if text and not exact and caller.may(obj, "create"):
        create = {"url": _create_url(obj, text), "label": _("Create “%(text)s”") % {"text": text}}
    return render(request, "ui/form/options.html", {"items": items, "create": create})


def _narrow(caller: Caller, obj: RegisteredObject, request: Request) -> list[dict[str, Any]]:
    """Conditions of the parameters that name references of the object."""
    seen = caller.visible_fields(obj)
    return [
        {"field": name, "op": "is", "value": value}
        for name in request.GET.keys() & seen.keys()
        if seen[name].type.key == "reference" and (value := request.GET.get(name, "")).isdecimal()
    ]


def _rows(caller: Caller, obj: RegisteredObject, text: str, narrow: list[dict[str, Any]]) -> list[RowView]:
    """The few records to offer: found by the search, else by title; without a text in the object's own order."""
    door = visible(caller, obj)
    columns = (*obj.spec.subtitle, *(("tone",) if "tone" in obj.fields else ()))
    if not text:
        return door.page(columns=columns, filter={"all": narrow} if narrow else None, size=FEW).rows
    if obj.spec.search and not narrow:
        ids = [hit.id for hit in search(caller, text, [obj.key], FEW)]
        rows = {row.id: row for row in door.page(columns=columns, ids=ids, size=FEW).rows} if ids else {}
        return [rows[key] for key in ids if key in rows]
    titled = {"field": obj.spec.title, "op": "contains", "value": text}
    if not caller.sees(obj, obj.fields[obj.spec.title]):
        return []
    return door.page(columns=columns, filter={"all": [titled, *narrow]}, size=FEW).rows


def _item(obj: RegisteredObject, row: RowView, known: Set[str]) -> dict[str, Any]:
    """An option, with what tells it from others; what is `known` of all of them does not."""
    names = (n for n in obj.spec.subtitle if n not in known)
    facts = (cells.flat(obj.fields[n], row.values.get(n), row.labels.get(n)) for n in names)
    hint = " · ".join(fact for fact in facts if fact)
    return {
        "value": row.id,
        "label": row.title or str(obj.label),
        "hint": hint,
        "icon": obj.spec.icon,
        "tone": row.values.get("tone"),
    }


def _create_url(obj: RegisteredObject, text: str) -> str:
    """The quick form with what was typed as the title, or as the first text that makes the title."""
    field = obj.fields[obj.spec.title]
    if not field.editable:
        texts = (obj.fields[n] for n in obj.spec.quick if obj.fields[n].type.key == "text")
        field = next(texts, field)
    return f"{reverse('quick', args=[obj.plural])}?{urlencode({field.name: text, 'pick': 1})}"


@require_http_methods(["GET"])
def user_options(request: Request) -> HttpResponse:
    """Active users whose name or address holds `?q=`; the caller first."""
    text = request.GET.get("q", "").strip()[:LONGEST].lower()
    pattern = like_pattern(text, before=True, after=True)
    dialect = db.dialect()
    found = Sql(
        f"{dialect.fold('name')} LIKE %s ESCAPE '\\' OR {dialect.fold('email')} LIKE %s ESCAPE '\\'", (pattern, pattern)
    )
    where = all_of([Sql("is_active"), found])
    rows = db.rows(
        Sql(
            f"SELECT id, name, email FROM records_user WHERE {where.text} "
            f"ORDER BY CASE WHEN id = %s THEN 0 ELSE 1 END, name, id LIMIT {FEW}",
            (*where.params, request.caller.user_id),
        )
    )
    items = [{"value": key, "label": name or email, "hint": email, "icon": "user"} for key, name, email in rows]
    return render(request, "ui/form/options.html", {"items": items, "create": None})
