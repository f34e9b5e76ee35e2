"""What points at a record: the newest few of each object, a link to all of them, and a way to add one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from django.urls import reverse
from django.utils.text import capfirst

from rapport.lib import json
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.read import RecordView, RowView, visible
from rapport.registry import catalog, extensions
from rapport.registry.catalog import RegisteredObject, Relation
from rapport.surfaces.web import cells

FEW = 5


def related(caller: Caller, obj: RegisteredObject, view: RecordView) -> list[dict[str, Any]]:
    """A list for each relation that the caller may see; objects that the timeline or a panel shows are left to them."""
    told = {key for source in extensions.all_of(extensions.TimelineSource) for key in source.covers}
    told |= {k for p in extensions.all_of(extensions.Panel) if obj.key in p.objects for k in p.covers}
    relations = [r for r in catalog.current().relations[obj.key].values() if r.target not in told and _seen(caller, r)]
    filled = _filled(caller, relations, view.id)
    found = [_list(caller, relation, view, some=some) for relation, some in zip(relations, filled, strict=True)]
    return sorted(found, key=lambda r: (not r["items"], r["order"]))


def _seen(caller: Caller, relation: Relation) -> bool:
    target = catalog.current()[relation.target]
    return caller.may(target, "read") and caller.sees(target, target.fields[relation.field])


def _where(relation: Relation, record_id: int) -> dict[str, Any]:
    return {"field": relation.field, "op": "has" if relation.many else "is", "value": record_id}


def _filled(caller: Caller, relations: Sequence[Relation], record_id: int) -> list[bool]:
    """Whether anything that the caller may see points at the record, by relation: one statement for all of them."""
    parts = []
    for relation in relations:
        target = visible(caller, relation.target)
        where = target.where(_where(relation, record_id))
        parts.append(Sql(f'EXISTS (SELECT 1 FROM "{target.obj.table}" t WHERE {where.text})', where.params))
    if not parts:
        return []
    statement = Sql(f"SELECT {', '.join(p.text for p in parts)}", tuple(v for p in parts for v in p.params))
    return [bool(value) for value in db.rows(statement)[0]]


def _list(caller: Caller, relation: Relation, view: RecordView, *, some: bool) -> dict[str, Any]:
    target = catalog.current()[relation.target]
    where = _where(relation, view.id)
    columns = tuple(n for n in _facts(target, relation.field) if caller.sees(target, target.fields[n]))
    found = visible(caller, target)
    rows = found.page(columns=columns, filter=where, sort="-updated_at", size=FEW + 1).rows if some else []
    listed = reverse("list", args=[target.plural])
    title = capfirst(str(target.label_plural))
    if relation.name != target.plural.replace("-", "_"):
        title = f"{title} ({target.fields[relation.field].label})"
    return {
        "name": relation.name,
        "title": title,
        "order": target.spec.navigation or 999,
        "items": [_item(target, row, columns) for row in rows[:FEW]],
        "more_url": f"{listed}?filter={quote(json.dumps(where))}" if len(rows) > FEW else None,
        "create_url": _create_url(caller, target, {relation.field: view.id}),
        "label": str(target.label),
    }


def _create_url(caller: Caller, target: RegisteredObject, values: Mapping[str, Any]) -> str | None:
    if not caller.may(target, "create"):
        return None
    return f"{reverse('quick', args=[target.plural])}?{urlencode(values)}"


def _facts(target: RegisteredObject, without: str) -> tuple[str, ...]:
    """Up to three fields that tell most of a record in a line."""
    board = target.spec.board
    names = (board.field, *((board.total,) if board.total else ()), *board.card) if board else ()
    wanted = dict.fromkeys((*names, *target.spec.subtitle, *target.column_names))
    kinds = {"choice", "money", "reference", "date", "datetime", "text"}
    return tuple(
        n for n in wanted if n not in {without, target.spec.title, "owner"} and target.fields[n].type.key in kinds
    )[:4]


def _item(target: RegisteredObject, row: RowView, columns: tuple[str, ...]) -> dict[str, Any]:
    item: dict[str, Any] = {
        "title": row.title or str(target.label),
        "url": cells.record_url(target.key, row.id),
        "icon": target.spec.icon,
    }
    texts = []
    for name in columns:
        field, value = target.fields[name], row.values.get(name)
        if field.type.is_empty(value):
            continue
        text = cells.flat(field, value, row.labels.get(name))
        choice = field.choice(value) if field.type.key == "choice" else None
        if field.type.key == "money" and "value" not in item:
            item["value"] = text
        elif choice and choice.tone != "neutral" and "badge" not in item:
            item["badge"] = {"text": choice.label, "tone": choice.tone}
        else:
            texts.append(text)
    item["subtitle"] = " · ".join(texts[:2])
    return item
