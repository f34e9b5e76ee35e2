"""Builds the select list of a read: columns, labels by join, computed expressions; and decodes its rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rapport.lib import json
from rapport.lib.sql import Sql
from rapport.records import db, links
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.scope import live
from rapport.records.filters import FilterCompiler
from rapport.records.read.records import RowView, Select, Slot, custom_values, slot
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.registry.fields import FieldSpec
from rapport.registry.types.computed import ComputedType

PEOPLE = {"user": "records_user", "team": "records_team"}
REFERENCES = frozenset({"reference", "file"})


def plan(caller: Caller, obj: RegisteredObject, names: tuple[str, ...]) -> Select:
    """The select of these fields, those only that the caller may see. Kept with the caller where nothing in it ages."""
    key = ("select", obj.key, names, catalog.current().generation)
    if (kept := caller.cache.get(key)) is not None and kept[0] is obj:
        select: Select = kept[1]
        return select
    built = _Builder(caller, obj).build(names)
    if not any(obj.fields[n].type.storage == "computed" for n in names if n in obj.fields):
        caller.cache[key] = (obj, built)
    return built


class _Builder:
    def __init__(self, caller: Caller, obj: RegisteredObject) -> None:
        self.caller, self.obj = caller, obj
        self.compiler = FilterCompiler(caller)
        title = obj.fields[obj.spec.title].column
        self.items = ["t.id", "t.version", f't."{title}"']
        self.params: list[Any] = []
        self.joins: list[Sql] = []
        self.slots: list[Slot] = []

    def build(self, names: Iterable[str]) -> Select:
        visible = self.caller.visible_fields(self.obj)
        fields = [visible[n] for n in dict.fromkeys(names) if n in visible]
        customs = tuple(f for f in fields if f.custom and f.type.storage == "column")
        custom_at = -1
        if customs:
            custom_at = len(self.items)
            self.items.append("t.custom")
        for field in fields:
            if field.column:
                self._stored(field)
            elif isinstance(field.type, ComputedType):
                self._computed(field, field.type)
        return Select(
            columns=Sql(", ".join(self.items), tuple(self.params)),
            joins=Sql(" ".join(j.text for j in self.joins), tuple(v for j in self.joins for v in j.params)),
            slots=tuple(self.slots),
            customs=customs,
            custom_at=custom_at,
            title_at=2,
            externals=tuple(f for f in fields if f.type.storage == "external"),
            custom_references=tuple(f for f in customs if f.type.key in {*REFERENCES, "user"}),
            dialect=self.compiler.env.dialect,
        )

    def _stored(self, field: FieldSpec) -> None:
        start = len(self.items)
        self.items += [f't."{c}"' for c in field.type.columns(field)]
        stop, label = len(self.items), -1
        if field.type.key in PEOPLE:
            label = self._join(field, PEOPLE[field.type.key], "name", None)
        elif field.type.key in REFERENCES:
            target = catalog.current()[field.target]
            label = self._join(field, target.table, target.fields[target.spec.title].column, target)
        self.slots.append(slot(field, start, stop, label))

    def _join(self, field: FieldSpec, table: str, column: str, target: RegisteredObject | None) -> int:
        alias = f"l{len(self.joins)}"
        allowed = live(self.caller, target, "read", alias) if target else Sql("1 = 1")
        self.joins.append(
            Sql(f'LEFT JOIN "{table}" {alias} ON {alias}.id = t."{field.column}" AND {allowed.text}', allowed.params)
        )
        self.items.append(f'{alias}."{column}"')
        return len(self.items) - 1

    def _computed(self, field: FieldSpec, type_: ComputedType) -> None:
        computed = type_.compute(field, "t", self.compiler)
        self.slots.append(slot(field, len(self.items), len(self.items) + 1))
        self.items.append(computed.text)
        self.params += computed.params


def decode(select: Select, rows: Sequence[Sequence[Any]], caller: Caller, obj: RegisteredObject) -> list[RowView]:
    """Rows of the select as views, references of custom and many-references fields labelled in sets."""
    views = []
    places = [(s.field.name, s.field, s.start, s.stop, s.convert) for s in select.slots]
    labelled = [(s.field.name, s.label) for s in select.slots if s.label >= 0]
    for row in rows:
        values = {
            name: row[start] if convert is None else convert(field, row[start:stop])
            for name, field, start, stop, convert in places
        }
        labels: dict[str, Any] = {}
        for name, at in labelled:
            labels[name] = row[at]
            if row[at] is None:
                values[name] = None
        view = RowView(row[0], row[1], row[select.title_at], values, labels)
        if select.custom_at >= 0:
            customs = custom_values(obj, json.column(row[select.custom_at]))
            for field in select.customs:
                values[field.name] = customs[field.name]
        views.append(view)
    if views and (select.externals or select.custom_references):
        _label_sets(select, views, caller, obj)
    return views


def _label_sets(select: Select, views: list[RowView], caller: Caller, obj: RegisteredObject) -> None:
    for field in select.externals:
        targets = links.load(obj.key, field, [v.id for v in views])
        texts = labels_of(caller, field, {t for found in targets.values() for t in found})
        for view in views:
            seen = [(t, texts[t]) for t in targets.get(view.id, ()) if t in texts]
            view.values[field.name] = tuple(t for t, _text in seen)
            view.labels[field.name] = seen
    for field in select.custom_references:
        texts = labels_of(caller, field, {v.values[field.name] for v in views} - {None})
        for view in views:
            label = texts.get(view.values[field.name])
            view.labels[field.name] = label
            view.values[field.name] = view.values[field.name] if label is not None else None


def labels_of(caller: Caller, field: FieldSpec, ids: set[int]) -> dict[int, str]:
    """Titles of the records that a field refers to, those that the caller may see."""
    from rapport.records.read.visible import visible

    if not ids:
        return {}
    if field.type.key in PEOPLE:
        return people(PEOPLE[field.type.key], ids)
    return visible(caller, field.target).labels(ids)


def people(table: str, ids: set[int]) -> dict[int, str]:
    """Names of users or teams; nobody is asked for without keys."""
    if not ids:
        return {}
    part = sorted(ids)
    return dict(db.rows(Sql(f'SELECT id, name FROM "{table}" WHERE id IN ({db.marks(part)})', tuple(part))))
