"""What a list shows, as its address says it: view, layout, filter, columns, sort, grouping, search, position."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from rapport.features.views import saving
from rapport.features.views.models import SavedView
from rapport.lib import json
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Forbidden, Invalid, NotFound
from rapport.records.read.following import following
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.registry.fields import FieldSpec

LIST, BOARD, CALENDAR = "list", "board", "calendar"
ALL = "all"
"""`?view=all`: all records, whatever view the list opens with."""
LONGEST = 16_000


@dataclass(frozen=True, kw_only=True)
class ListState:
    """One list as one caller looks at it. What stands in `given` overrides the view."""

    caller: Caller
    obj: RegisteredObject
    views: tuple[SavedView, ...] = ()
    view: SavedView | None = None
    layout: str = LIST
    filter: Mapping[str, Any] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    sort: str = ""
    group: str = ""
    q: str = ""
    cursor: str = ""
    within: int | None = None
    month: str = ""
    view_param: str = ""
    fault: str = ""
    """What is wrong with the address; the rest of the state then is without it."""
    hits: list[int] | None = field(default=None, compare=False)
    """What the search box has found; `finding.hits` looks once."""

    @cached_property
    def layouts(self) -> tuple[str, ...]:
        """The layouts that the object has for this caller."""
        spec, fields = self.obj.spec, self.fields
        found = [LIST]
        if spec.board and spec.board.field in fields:
            found.append(BOARD)
        if spec.calendar in fields:
            found.append(CALENDAR)
        return tuple(found)

    @cached_property
    def fields(self) -> dict[str, FieldSpec]:
        """The fields that the caller may see."""
        return self.caller.visible_fields(self.obj)

    @cached_property
    def path(self) -> str:
        """The address without its query."""
        return address_of("list", self.obj.plural)

    def params(self, **changes: Any) -> dict[str, str]:
        """The query that stands for this state, changed. Says only what the view doesn't."""
        if "view" in changes:
            found = {n: text for n, text in self._now.items() if text}
        else:
            found = dict(self._said)
        base = self._base if "view" not in changes else {}
        for name, value in changes.items():
            text = _plain(value)
            if text != base.get(name, ""):
                found[name] = text
            else:
                found.pop(name, None)
        return found

    @cached_property
    def _said(self) -> dict[str, str]:
        """What the address of this very state says."""
        return {n: text for n, text in self._now.items() if text != self._base.get(n, "")}

    @cached_property
    def _now(self) -> dict[str, str]:
        """The whole state as texts."""
        now = {
            "view": self.view_param, "layout": self.layout, "filter": self.filter, "columns": self.columns,
            "sort": self.sort, "group": self.group, "q": self.q, "within": self.within, "month": self.month,
        }  # fmt: skip
        return {name: _plain(value) for name, value in now.items()}

    def url(self, name: str = "list", **changes: Any) -> str:
        """The address of this state, changed; `name` is another page of the list."""
        path = address_of(name, self.obj.plural)
        query = urlencode(self.params(**changes))
        return f"{path}?{query}" if query else path

    @property
    def dirty(self) -> bool:
        """Whether the list was changed since its view was opened."""
        names = {"layout", "filter", "columns", "sort", "group"}
        return bool(names & self.params().keys())

    @property
    def definition(self) -> saving.Definition:
        """What a saved view would keep of this."""
        return saving.Definition(
            layout=self.layout, filter=self.filter, columns=self.columns, sort=self.sort, group=self.group
        )

    @cached_property
    def _base(self) -> dict[str, str]:
        """The texts that need no word in the address, given the view."""
        if self.view is None:
            return {"layout": LIST, "filter": "", "columns": "", "sort": "", "group": ""}
        return {name: _plain(value) for name, value in _of_view(self.view).items()}


@lru_cache(maxsize=4096)
def address_of(name: str, plural: str) -> str:
    """The address of a page of an object's list; looked up once, as addresses stay while a process runs."""
    return reverse(name, args=[plural])


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return json.dumps(dict(value)) if value else ""
    if isinstance(value, (list, tuple)):
        return ",".join(value)
    return str(value)


def _of_view(view: SavedView) -> dict[str, Any]:
    return {
        "layout": view.layout, "filter": view.filter or {}, "columns": tuple(view.columns), "sort": view.sort,
        "group": view.group,
    }  # fmt: skip


def object_of(request: HttpRequest, plural: str) -> tuple[Caller, RegisteredObject]:
    """Caller and object of a page. Raises NotFound for an unknown one, Forbidden for one that may not be read."""
    caller: Caller = request.caller  # type: ignore[attr-defined]
    obj = catalog.current().by_plural.get(plural)
    if obj is None:
        raise NotFound
    if not caller.may(obj, "read"):
        raise Forbidden
    return caller, obj


def read(request: HttpRequest, plural: str, data: QueryDict | None = None) -> ListState:
    """The state that an address says. Faults of the address end up in `fault`."""
    caller, obj = object_of(request, plural)
    data = request.GET if data is None else data
    views = tuple(saving.views_of(caller, obj.key))
    view, param = _view(caller, obj, views, data)
    if view and view.filter:
        view.filter = dict(following(caller, obj, view.filter))
    values: dict[str, Any] = _of_view(view) if view else {}
    fault = ""
    try:
        values |= _given(caller, obj, data)
    except Invalid as error:
        fault = str(error.message)
    state = ListState(
        caller=caller, obj=obj, views=views, view=view, view_param=param, q=data.get("q", "")[:200].replace("\x00", ""),
        cursor=data.get("cursor", "")[:2000], within=number(data.get("within")), month=_month(data.get("month", "")),
        fault=fault, **values,
    )  # fmt: skip
    return state if state.layout in state.layouts else replace(state, layout=LIST)


def _view(
    caller: Caller, obj: RegisteredObject, views: tuple[SavedView, ...], data: QueryDict
) -> tuple[SavedView | None, str]:
    asked = data.get("view", "")
    if asked == ALL:
        return None, ALL
    if asked:
        view = next((v for v in views if v.pk == number(asked)), None)
        if view is None:
            raise NotFound(_("This view is gone, or it is not shared with you."))
        return view, asked
    if views and not data:
        default = saving.default_of(caller, obj.key)
        view = next((v for v in views if v.pk == default), None)
        return view, str(view.pk) if view else ""
    return None, ""


def _given(caller: Caller, obj: RegisteredObject, data: QueryDict) -> dict[str, Any]:
    """What the address says beyond the view. Raises Invalid."""
    found: dict[str, Any] = {}
    if "filter" in data:
        found["filter"] = following(caller, obj, filter_of(data.get("filter", "")))
    if "columns" in data:
        names = [n for part in data.getlist("columns") for n in part.split(",") if n]
        found["columns"] = tuple(dict.fromkeys(names))[:100]
    for name in ("sort", "group", "layout"):
        if name in data:
            found[name] = data.get(name, "")[:62]
    return found


def filter_of(text: str) -> Mapping[str, Any]:
    """A filter as an address says it. Raises Invalid."""
    if not text:
        return {}
    try:
        found = json.loads(text) if len(text) <= LONGEST else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        message = _("The filter in this address can't be read. Remove it and set it again.")
        raise Invalid({"filter": [message]}, message)
    return found


def number(text: str | None) -> int | None:
    """A key that an address names; None for none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


def _month(text: str) -> str:
    try:
        return dt.datetime.strptime(text, "%Y-%m").strftime("%Y-%m") if text else ""  # noqa: DTZ007
    except ValueError:
        return ""
