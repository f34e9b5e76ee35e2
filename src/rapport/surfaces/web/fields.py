"""Fields as form controls: a `FieldSpec` and a value as what `ui/form/field.html` takes, and a sent form as raw values.

The raw values are what the write door cleans; `control` shows them again as they were typed when it refuses them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from babel import Locale
from babel.numbers import get_territory_currencies
from django.http import QueryDict
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from rapport.features.files import storing
from rapport.lib import format as formats
from rapport.lib import json
from rapport.lib.money import Money, currencies
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.models import Team
from rapport.records.read import visible
from rapport.records.read.select import labels_of
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.registry.fields import FieldSpec
from rapport.registry.types.contacts import ADDRESS_PARTS, AddressesType, ContactsType
from rapport.surfaces.web import cells
from rapport.surfaces.web.requests import Request

SENT = "fields"
"""Name of the hidden input that lists the fields of a form: what is not listed was not asked for."""
_LISTS = {"multichoice", "references", "participants"}
_POINT = ("value", "label", "shared", *ADDRESS_PARTS)
_KINDS = {"emails": "email", "phones": "phone", "handles": "text", "domains": "text"}


# -- a form that was sent --------------------------------------------------------------------------------------------


def parse(obj: RegisteredObject, sent: QueryDict, names: Iterable[str] | None = None) -> dict[str, Any]:
    """Raw values by field name: of `names`, else of the fields that the form lists, else of those that it holds."""
    if names is None:
        listed = [n for n in sent.get(SENT, "").split(",") if n]
        names = listed or [n for n, f in obj.fields.items() if _is_sent(f, sent)]
    values: dict[str, Any] = {}
    for name in names:
        field = obj.fields.get(name)
        if field is not None and field.type.key == "file" and name not in sent:
            if f"{name}-clear" in sent:
                values[name] = ""
            continue
        values[name] = sent.get(name) if field is None else _raw(field, sent)
    return values


def received(request: Request, obj: RegisteredObject, names: Iterable[str] | None = None) -> dict[str, Any]:
    """Raw values of a posted form; files that came with it are kept and named by key. Raises Invalid, Forbidden."""
    values = parse(obj, request.POST, names)
    for name in request.FILES:
        upload = request.FILES.get(name)
        if upload is not None and name in obj.fields and obj.fields[name].type.key == "file":
            values[name] = storing.store(request.caller, upload)
    return values


def _is_sent(field: FieldSpec, sent: QueryDict) -> bool:
    return field.name in sent or any(key.startswith(f"{field.name}-") for key in sent)


def _raw(field: FieldSpec, sent: QueryDict) -> Any:
    name, type_ = field.name, field.type
    if isinstance(type_, ContactsType):
        return _points(name, sent) if f"{name}-primary" in sent or name not in sent else sent[name]
    if type_.key in _LISTS:
        return [item for item in sent.getlist(name) if item]
    if type_.key == "money":
        return (_typed(sent.get(name, "")), sent.get(f"{name}_currency", ""))
    if type_.key == "decimal":
        return _typed(sent.get(name, ""))
    if type_.key == "address":
        return {part: sent.get(f"{name}-{part}", "") for part in ADDRESS_PARTS}
    return sent.get(name, "")


def _typed(text: str) -> str:
    """A number as the reader writes it, with a point."""
    return formats.read_number(text, get_language() or "en")


def _points(name: str, sent: QueryDict) -> list[dict[str, Any]]:
    """The rows of contact points that were not removed, in their order."""
    numbers = {key[len(name) + 1 :].partition("-")[0] for key in sent if key.startswith(f"{name}-")}
    primary = sent.get(f"{name}-primary", "")
    rows = []
    for number in sorted((n for n in numbers if n.isdecimal() and n.isascii()), key=int):
        base = f"{name}-{number}"
        row = {part: sent[key] for part in _POINT if sent.get(key := f"{base}-{part}")}
        if sent.get(f"{base}-remove") or not row.keys() - {"label", "shared"}:
            continue
        rows.append({**row, "primary": "true"} if number == primary else row)
    return rows


# -- a form to show --------------------------------------------------------------------------------------------------


def controls(
    caller: Caller, obj: RegisteredObject, names: Sequence[str], values: Mapping[str, Any],
    labels: Mapping[str, Any] | None = None, errors: Mapping[str, Sequence[Any]] | None = None, prefix: str = "f-",
) -> list[dict[str, Any]]:  # fmt: skip
    """Controls of those of the fields that the caller may see; `values` are read ones or raw ones."""
    shown = []
    for name in names:
        field = obj.fields[name]
        if caller.sees(obj, field):
            made = control(caller, obj, field, values.get(name), (labels or {}).get(name), prefix)
            made["errors"] = [str(message) for message in (errors or {}).get(name, ())]
            shown.append(made)
    return shown


def control(
    caller: Caller, obj: RegisteredObject, field: FieldSpec, value: Any, label: Any = None, prefix: str = "f-"
) -> dict[str, Any]:
    """One control: name, label, widget, value and what the widget needs. Read-only where the caller may not write."""
    made: dict[str, Any] = {
        "name": field.name,
        "id": f"{prefix}{field.name}",
        "label": capfirst(str(field.label)),
        "widget": field.type.widget,
        "required": field.required,
        "help": str(field.help),
    }
    if not caller.edits(obj, field):
        return made | {"widget": "readonly", "required": False, "value": cells.flat(field, value, label)}
    builder = _BUILDERS.get(field.type.key)
    if builder is None and isinstance(field.type, ContactsType):
        builder = _contacts
    return made | (builder or _plain)(caller, field, value, label)


def sections(fields: Sequence[dict[str, Any]], obj: RegisteredObject) -> list[dict[str, Any]]:
    """Controls in groups: what it is, how to reach it, texts, custom fields, whose it is."""
    groups: dict[str, list[dict[str, Any]]] = {"": [], "contact": [], "texts": [], "more": [], "owner": []}
    for made in fields:
        field = obj.fields[made["name"]]
        if field.custom:
            group = "more"
        elif isinstance(field.type, ContactsType) or field.type.key == "address":
            group = "contact"
        elif field.name in {"owner", "team"}:
            group = "owner"
        else:
            group = "texts" if field.type.key == "longtext" else ""
        groups[group].append(made)
    titles = {"contact": _("Contact"), "texts": _("Notes"), "more": _("More"), "owner": _("Who looks after it")}
    return [{"label": titles.get(key, ""), "fields": items} for key, items in groups.items() if items]


# -- builders, one for each type that needs more than its value --------------------------------------------------------


def _plain(caller: Caller, field: FieldSpec, value: Any, label: Any) -> dict[str, Any]:
    return {"value": "" if value is None else str(value), "attrs": {"maxlength": field.max_length}}


def _number(caller: Caller, field: FieldSpec, value: Any, label: Any) -> dict[str, Any]:
    limits = {"min": field.options.get("min"), "max": field.options.get("max"), "step": 1}
    return {"value": "" if value is None else str(value), "attrs": limits}


def _decimal(caller: Caller, field: FieldSpec, value: Any, label: Any) -> dict[str, Any]:
    return {"value": "" if value is None else _written(value)}


def _written(value: Any) -> str:
    """A number in an input, as the reader writes it."""
    return formats.write_number(value if isinstance(value, Decimal) else str(value), get_language() or "en")


def _date(caller: Caller, field: FieldSpec, value: Any, label: Any) -> dict[str, Any]:
    return {"value": value.isoformat() if isinstance(value, dt.date) else value or ""}


def _datetime(caller: Caller, field: FieldSpec, value: Any, label: Any) -> dict[str, Any]:
    if isinstance(value, dt.datetime):
        value = value.astimezone(ZoneInfo(caller.zone)).strftime("%Y-%m-%dT%H:%M")
    return {"value": value or ""}


def _boolean(caller: Caller, field: FieldSpec, value: Any, label: Any) -> dict[str, Any]:
    raw = str(value).lower() if value is not None else ""
    options = [{"value": "true", "label": _("Yes")}, {"value": "false", "label": _("No")}]
    return {"widget": "select", "value": raw, "choices": options}


def choices_of(field: FieldSpec, chosen: Sequence[str] = ()) -> list[dict[str, Any]]:
    """The options of a field for a control; retired ones only where they are chosen."""
    offered = (c for c in field.choices if not c.retired or c.value in chosen)
    return [{"value": c.value, "label": str(c.label), "tone": c.tone} for c in offered]


def _choice(caller: Caller, field: FieldSpec, value: Any, label: Any) -> dict[str, Any]:
    if isinstance(value, (list, tuple)):
        chosen = [str(item) for item in value]
        return {"value": chosen, "choices": choices_of(field, chosen)}
    return {"value": value or "", "choices": choices_of(field, (str(value),))}


def _money(caller: Caller, field: FieldSpec, value: Any, label: Any) -> dict[str, Any]:
    amount, currency = "", caller.enters_in
    if isinstance(value, Money):
        amount, currency = str(value.major), value.currency
    elif isinstance(value, (list, tuple)) and len(value) == 2:
        amount, currency = str(value[0] or ""), str(value[1] or currency)
    elif value:
        amount, _gap, given = str(value).partition(" ")
        currency = given or currency
    known = currency if currency in currencies() else caller.currency
    codes = dict.fromkeys((caller.enters_in, caller.currency, known, *_in_use()))
    return {"value": {"amount": _written(amount), "currency": currency}, "attrs": {"currencies": list(codes)}}


def _currency(caller: Caller, field: FieldSpec, value: Any, label: Any) -> dict[str, Any]:
    known = (str(value),) if value in currencies() else ()
    codes = dict.fromkeys((caller.enters_in, caller.currency, *known, *_in_use()))
    return {"value": value or "", "choices": [{"value": code, "label": code} for code in codes]}


@lru_cache(maxsize=1)
def _in_use() -> tuple[str, ...]:
    """Currencies that are legal tender somewhere, sorted."""
    lands = (str(land) for land in Locale("en").territories)
    return tuple(sorted({c for land in lands if len(land) == 2 for c in get_territory_currencies(land)}))


def _reference(caller: Caller, field: FieldSpec, value: Any, label: Any) -> dict[str, Any]:
    """A combobox over the records of the target; a raw value is labelled here, if the caller may see what it names."""
    key = _key(value)
    if key is not None and label is None:
        label = labels_of(caller, field, {key}).get(key)
    if label is None:
        key = None
    return {"value": key, "attrs": {"label": label or "", "search_url": search_url(field)}}


def search_url(field: FieldSpec, **narrow: Any) -> str:
    """Where a combobox asks for the records that a field may refer to."""
    if field.type.key == "user":
        return reverse("user_options")
    target = catalog.current()[field.target]
    url = reverse("options", args=[target.plural])
    asked = {**narrow, "choosable": 1} if target.spec.choosable else narrow
    return f"{url}?{urlencode(asked)}" if asked else url


def _references(caller: Caller, field: FieldSpec, value: Any, label: Any) -> dict[str, Any]:
    items = label
    if items is None:
        keys = {key for item in value or () if (key := _key(item)) is not None}
        items = sorted(labels_of(caller, field, keys).items())
    tones = tones_of(caller, field.target, [key for key, _text in items])
    chips = [{"value": key, "label": text, "tone": tones.get(key, "neutral")} for key, text in items]
    return {"widget": "references", "value": chips, "attrs": {"search_url": search_url(field)}}


def tones_of(caller: Caller, key: str, ids: Sequence[int]) -> dict[int, str]:
    """Colours of records of an object that has a field `tone`, by key."""
    target = catalog.current().objects.get(key)
    if not ids or target is None or "tone" not in target.fields:
        return {}
    rows = visible(caller, target).page(columns=("tone",), ids=ids, size=len(ids)).rows
    return {row.id: row.values.get("tone") or "neutral" for row in rows}


def _key(raw: Any) -> int | None:
    try:
        key = int(raw)
    except (TypeError, ValueError):
        return None
    return key if 0 < key < 2**63 else None


def _team(caller: Caller, field: FieldSpec, value: Any, label: Any) -> dict[str, Any]:
    options = [{"value": str(key), "label": name} for key, name in Team.objects.values_list("id", "name")]
    return {"widget": "select", "value": "" if value is None else str(value), "choices": options}


def _file(caller: Caller, field: FieldSpec, value: Any, label: Any) -> dict[str, Any]:
    key = _key(value)
    if key is None:
        return {"value": None}
    name = label or labels_of(caller, field, {key}).get(key) or _("File")
    return {"value": {"name": name, "url": reverse("download", args=[key])}}


def _json(caller: Caller, field: FieldSpec, value: Any, label: Any) -> dict[str, Any]:
    return {"value": value if isinstance(value, str) else "" if value is None else json.dumps(value)}


def _address(caller: Caller, field: FieldSpec, value: Any, label: Any) -> dict[str, Any]:
    return {"value": value if isinstance(value, Mapping) else {"street": value or ""}}


def _contacts(caller: Caller, field: FieldSpec, value: Any, label: Any) -> dict[str, Any]:
    if isinstance(value, str):
        value = [{"value": part.strip()} for part in value.split(";")]
    rows = [dict(row) for row in value or ()]
    if rows and not any(row.get("primary") for row in rows):
        rows[0]["primary"] = True
    type_ = field.type
    assert isinstance(type_, ContactsType)
    labels = [{"value": c.value, "label": str(c.label)} for c in type_.labels]
    made: dict[str, Any] = {"widget": "contacts", "value": rows, "choices": labels}
    made["attrs"] = {"kind": _KINDS.get(type_.key, "text"), "shared": type_.key in {"emails", "phones"}}
    if isinstance(type_, AddressesType):
        made["widget"] = "addresses"
    if type_.key == "domains":
        made["choices"] = []
    return made


_BUILDERS = {
    "number": _number, "decimal": _decimal, "date": _date, "datetime": _datetime, "boolean": _boolean,
    "choice": _choice, "multichoice": _choice, "money": _money, "reference": _reference, "user": _reference,
    "references": _references, "participants": _references, "currency": _currency, "team": _team, "json": _json,
    "address": _address, "file": _file,
}  # fmt: skip
