"""The filter builder: what an object can be filtered by, and what a filter says in words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from rapport.lib.format import write_number
from rapport.lib.periods import PERIODS
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.models import Team
from rapport.records.read.select import labels_of
from rapport.registry import catalog, operators
from rapport.registry.catalog import RegisteredObject
from rapport.registry.fields import FieldSpec
from rapport.registry.types.numbers import MoneyType
from rapport.surfaces.web.cells import flat
from rapport.surfaces.web.lists import state as states
from rapport.surfaces.web.lists.state import ListState

REFERENCES = frozenset({"reference", "references", "participants"})
ROLLING = ("last_7_days", "last_30_days", "last_90_days", "next_7_days", "next_30_days", "next_90_days")


@require_GET
def editor(request: HttpRequest, plural: str) -> HttpResponse:
    """The editor, loaded when the filter is opened."""
    state = states.read(request, plural)
    hidden = {k: v for k, v in state.params(filter={}).items() if k != "filter"}
    context = {"state": state, "spec": spec(state.caller, state.obj, state.filter), "fields": hidden}
    return render(request, "web/lists/filter.html", context)


# -- what can be filtered ---------------------------------------------------------------------------------------------


def spec(caller: Caller, obj: RegisteredObject, filter_: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The description that the filter builder reads: own fields, fields of references, related records."""
    labels = _labels_in(caller, obj, filter_ or {})
    return {
        "fields": [
            *_fields(caller, obj, labels, ""),
            *_paths(caller, obj, labels),
            *_relations(caller, obj, labels),
        ]
    }


def _fields(caller: Caller, obj: RegisteredObject, labels: Mapping[str, Any], prefix: str) -> list[dict[str, Any]]:
    return [
        _described(caller, f, f"{prefix}{f.name}", capfirst(str(f.label)), labels)
        for f in caller.visible_fields(obj).values()
        if f.type.operators_for(f)
    ]


def _described(caller: Caller, field: FieldSpec, name: str, label: str, labels: Mapping[str, Any]) -> dict[str, Any]:
    kind = field.options.get("result", "number") if field.type.key == "formula" else field.type.key
    known = field.type.operators_for(field)
    made: dict[str, Any] = {
        "name": name,
        "label": label,
        "kind": kind,
        "operators": [{"key": o.key, "label": str(o.label), "arity": o.arity} for o in known],
    }
    if any(o.arity == "period" for o in known):
        made["periods"] = [{"value": p, "label": period_text(p)} for p in (*PERIODS, *ROLLING)]
    if field.choices:
        made["choices"] = [{"value": c.value, "label": str(c.label), "tone": c.tone} for c in field.choices]
    if field.type.key in REFERENCES and field.target in catalog.current().objects:
        made["search_url"] = reverse("options", args=[catalog.current()[field.target].plural])
    elif field.type.key == "user":
        made["search_url"] = f"{reverse('user_options')}?me=1"
    elif field.type.key == "team":
        made["choices"] = [{"value": key, "label": text} for key, text in Team.objects.values_list("pk", "name")]
    if isinstance(field.type, MoneyType):
        made["currencies"] = [caller.currency, *(c for c in ("EUR", "USD", "GBP", "CHF") if c != caller.currency)]
    if name in labels:
        made["labels"] = labels[name]
    return made


def _paths(caller: Caller, obj: RegisteredObject, labels: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Fields of the records that a reference leads to, one level."""
    for field in caller.visible_fields(obj).values():
        target = catalog.current().objects.get(field.target)
        if field.type.key != "reference" or target is None or not caller.may(target, "read"):
            continue
        group = capfirst(str(field.label))
        for made in _fields(caller, target, labels, f"{field.name}."):
            if not made["name"].endswith((".created_by", ".updated_by", ".team")):
                yield {**made, "group": group, "label": f"{group}: {made['label']}"}


def _relations(caller: Caller, obj: RegisteredObject, labels: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What points at the object: has some, has none, at least, at most, with conditions of their own."""
    for name, relation in catalog.current().relations[obj.key].items():
        target = catalog.current()[relation.target]
        through = target.fields[relation.field]
        if not caller.may(target, "read") or not caller.sees(target, through):
            continue
        label = capfirst(str(target.label_plural))
        if name != target.plural.replace("-", "_"):
            label = f"{label} ({through.label})"
        yield {
            "name": name,
            "label": label,
            "group": _("Related records"),
            "kind": "relation",
            "operators": [{"key": k, "label": str(t), "arity": a} for k, t, a in relation_operators()],
            "fields": _fields(caller, target, labels.get(name) or {}, ""),
        }


def relation_operators() -> Sequence[tuple[str, str, str]]:
    """Operators over related records: key, label, arity."""
    return (
        ("has", _("has some"), "filter"),
        ("has_no", _("has none"), "filter"),
        ("at_least", _("at least"), "count"),
        ("at_most", _("at most"), "count"),
    )


def period_text(period: str) -> str:
    """A named period in words."""
    rolling = re.fullmatch(r"(last|next)_(\d+)_days", period)
    if rolling:
        count = int(rolling[2])
        if rolling[1] == "last":
            return ngettext("the last %(count)d day", "the last %(count)d days", count) % {"count": count}
        return ngettext("the next %(count)d day", "the next %(count)d days", count) % {"count": count}
    return {
        "today": _("today"), "yesterday": _("yesterday"), "tomorrow": _("tomorrow"),
        "this_week": _("this week"), "last_week": _("last week"), "next_week": _("next week"),
        "this_month": _("this month"), "last_month": _("last month"), "next_month": _("next month"),
        "this_quarter": _("this quarter"), "last_quarter": _("last quarter"), "next_quarter": _("next quarter"),
        "this_year": _("this year"), "last_year": _("last year"), "next_year": _("next year"),
    }.get(period, period)  # fmt: skip


# -- what references in a filter are called ---------------------------------------------------------------------------


def _labels_in(caller: Caller, obj: RegisteredObject, filter_: Any) -> dict[str, Any]:
    """Labels of the records that a filter names: field path to key to label; by relation, such a mapping again."""
    wanted: dict[str, set[int]] = {}
    nested: dict[str, list[Any]] = {}
    for condition in conditions(filter_):
        name, value = condition.get("field"), condition.get("value")
        if not isinstance(name, str):
            continue
        if name in catalog.current().relations[obj.key]:
            nested.setdefault(name, []).append(value)
        elif (field := field_at(caller, obj, name)) and field.type.key in {*REFERENCES, "user", "team"}:
            items = value if isinstance(value, list) else [value]
            wanted.setdefault(name, set()).update(i for i in map(_key, items) if i)
    found: dict[str, Any] = {}
    for name, ids in wanted.items():
        field = field_at(caller, obj, name)
        assert field is not None
        found[name] = {str(k): v for k, v in labels_of(caller, field, ids).items()} | {"me": _("me")}
    for name, values in nested.items():
        target = catalog.current()[catalog.current().relations[obj.key][name].target]
        inner = [v.get("where", v) if isinstance(v, Mapping) else v for v in values]
        found[name] = _labels_in(caller, target, {"all": inner})
    return found


def _key(raw: Any) -> int | None:
    text = str(raw)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def conditions(filter_: Any, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """The conditions of a filter, however nested; those within related records are not entered."""
    if not isinstance(filter_, Mapping) or depth > 10:
        return
    if "field" in filter_:
        yield filter_
        return
    for inner in filter_.values():
        for item in inner if isinstance(inner, list) else [inner]:
            yield from conditions(item, depth + 1)


def field_at(caller: Caller, obj: RegisteredObject, path: str) -> FieldSpec | None:
    """The field that a path such as `company.city` names, if the caller may see it."""
    head, _dot, rest = path.partition(".")
    field = obj.fields.get(head)
    if field is None or not caller.sees(obj, field):
        return None
    if not rest:
        return field
    target = catalog.current().objects.get(field.target)
    return field_at(caller, target, rest) if target else None


# -- a filter in words ------------------------------------------------------------------------------------------------


def chips(state: ListState) -> list[dict[str, Any]]:
    """Each part of the filter in words, with the address of the list without it."""
    labels = _labels_in(state.caller, state.obj, state.filter)
    parts = _parts(state.filter)
    made = []
    for position, part in enumerate(parts):
        rest = [p for i, p in enumerate(parts) if i != position]
        left: Any = rest[0] if len(rest) == 1 and "field" in rest[0] else {"all": rest} if rest else {}
        made.append({"label": words(state.caller, state.obj, part, labels), "remove_url": state.url(filter=left)})
    return made


def _parts(filter_: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    inner = filter_.get("all")
    if set(filter_) == {"all"} and isinstance(inner, list):
        return [p for p in inner if isinstance(p, Mapping)]
    return [filter_] if filter_ else []


def words(
    caller: Caller, obj: RegisteredObject, filter_: Any, labels: Mapping[str, Any] | None = None, depth: int = 0
) -> str:
    """A filter in words, as good as it can be said; never raises, whatever the filter holds."""
    labels = _labels_in(caller, obj, filter_) if labels is None else labels
    if not isinstance(filter_, Mapping) or depth > 8:
        return "…"
    if "field" in filter_:
        return _condition_words(caller, obj, filter_, labels, depth)
    both, either = _(" and "), _(" or ")
    said = []
    for word, inner in filter_.items():
        if word == "not":
            said.append(_("not (%(filter)s)") % {"filter": words(caller, obj, inner, labels, depth + 1)})
        elif isinstance(inner, list):
            glue = both if word == "all" else either
            said.append(glue.join(words(caller, obj, item, labels, depth + 1) for item in inner))
    return both.join(said) or "…"


def _condition_words(
    caller: Caller, obj: RegisteredObject, condition: Mapping[str, Any], labels: Mapping[str, Any], depth: int
) -> str:
    name, key, value = str(condition.get("field")), condition.get("op"), condition.get("value")
    relation = catalog.current().relations[obj.key].get(name)
    if relation is not None and name not in obj.fields:
        return _relation_words(caller, relation.target, str(key), value, labels.get(name) or {}, depth)
    field = field_at(caller, obj, name)
    operator = operators.by_key(field.type.operators_for(field), str(key)) if field else None
    if field is None or operator is None:
        return f"{name} {key}"
    said = _value_words(field, operator.arity, value, labels.get(name) or {})
    label = str(field.label)
    if "." in name and (head := obj.fields.get(name.partition(".")[0])):
        label = f"{head.label}: {label}"
    return f"{capfirst(label)} {operator.label} {said}".strip()


def _relation_words(caller: Caller, key: str, op: str, value: Any, labels: Mapping[str, Any], depth: int) -> str:
    target = catalog.current()[key]
    where, count = value, ""
    if isinstance(value, Mapping) and "count" in value:
        where, count = value.get("where"), f" {value['count']}"
    text = {k: t for k, t, _a in relation_operators()}.get(op, op)
    inner = f" ({words(caller, target, where, labels, depth + 1)})" if where else ""
    return f"{capfirst(str(target.label_plural))} {text}{count}{inner}"


def _value_words(field: FieldSpec, arity: str, value: Any, labels: Mapping[str, Any]) -> str:
    if arity == "none":
        return ""
    if arity == "period":
        return period_text(str(value))
    if arity == "days":
        return str(value)
    items = value if isinstance(value, list) else [value]
    said = [_item_words(field, item, labels) for item in items[:4]] + (["…"] if len(items) > 4 else [])
    return _(" and ").join(said) if arity == "two" else ", ".join(said)


def _item_words(field: FieldSpec, item: Any, labels: Mapping[str, Any]) -> str:
    if str(item) in labels:
        return str(labels[str(item)])
    if field.choices:
        choice = field.choice(str(item))
        return str(choice.label) if choice else str(item)
    if field.type.key == "boolean":
        return flat(field, str(item).lower() == "true") if item is not None else ""
    if isinstance(item, Mapping) and isinstance(item.get("currency"), str):
        return f"{write_number(str(item.get('amount')), get_language() or 'en')} {item['currency']}"
    return _plain_words(field, item) or str(item)[:60]


def _plain_words(field: FieldSpec, item: Any) -> str:
    """A day or a number as the reader writes it; empty for what is none."""
    try:
        if field.type.key == "date":
            return flat(field, date.fromisoformat(str(item)))
        return flat(field, Decimal(str(item))) if field.type.key in {"number", "decimal"} else ""
    except (ValueError, ArithmeticError):
        return ""
