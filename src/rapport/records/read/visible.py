"""`visible(caller, object)`: the records that a caller may see, to list, get, count, sum, label."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from rapport.lib.sql import TRUE, Sql, all_of, negation, one_of
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.scope import fixed, live, rights
from rapport.records.errors import Forbidden, Invalid, Merged, NotFound
from rapport.records.filters import FilterCompiler
from rapport.records.filters.compiler import Filter
from rapport.records.merging.finding import apart, successor
from rapport.records.read import aggregating, grouping, paging
from rapport.records.read.aggregating import Measured
from rapport.records.read.grouping import Group
from rapport.records.read.records import RecordView, RowView
from rapport.records.read.select import decode, plan
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.registry.fields import FieldSpec
from rapport.registry.types.dates import DateTimeType

CAP = 1000
SECONDS = 4.0
MOMENT = DateTimeType()


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a list, and the cursor of the next page or None."""

    rows: list[RowView]
    next: str | None
    columns: tuple[FieldSpec, ...]


def visible(caller: Caller, obj: RegisteredObject | str) -> Visible:
    """The records of an object that the caller may see. Raises NotFound for an unknown object."""
    if isinstance(obj, str):
        try:
            obj = catalog.current()[obj]
        except KeyError as error:
            raise NotFound from error
    return Visible(caller, obj)


class Visible:
    """Everything reads through this. It holds no rows; each method is one or two statements."""

    def __init__(self, caller: Caller, obj: RegisteredObject) -> None:
        self.caller, self.obj = caller, obj

    @property
    def fields(self) -> dict[str, FieldSpec]:
        """The fields that the caller may see."""
        return self.caller.visible_fields(self.obj)

    def where(self, filter_: Filter | None = None, action: str = "read", alias: str = "t") -> Sql:
        """Rights, trash and filter as one condition. Raises Invalid."""
        compiled = FilterCompiler(self.caller).where(self.obj, filter_, alias) if filter_ else TRUE
        return all_of([live(self.caller, self.obj, action, alias), compiled])

    def page(
        self, *, columns: Sequence[str] = (), filter: Filter | None = None, sort: str = "", cursor: str = "",
        size: int = 50, ids: Sequence[int] | None = None,
    ) -> Page:  # fmt: skip
        """One page in the order of `sort` (a field, `-` before it for descending), ties by key, empty values last.

        Raises Invalid for a filter, sort or cursor that can't be, TooSlow beyond the time limit.
        """
        seen = self.fields
        names = tuple(n for n in (columns or self.obj.column_names) if n in seen)
        select = plan(self.caller, self.obj, names)
        order = paging.order(self.caller, self.obj, sort)
        where, reach = self.where(filter), paging.SOME
        if ids is not None:
            where, reach = all_of([where, one_of("t.id", ids)]), paging.CHOSEN
        elif not filter:
            reach = paging.ALL if rights(self.caller, self.obj, "read", "t") == TRUE else paging.HELD
        rows, following = paging.fetch(
            self.caller, self.obj, select, where, order, reach=reach, cursor=cursor, size=size, limit=SECONDS
        )
        views = decode(select, rows, self.caller, self.obj)
        return Page(views, following, tuple(self.obj.fields[n] for n in names))

    def get(self, record_id: int, *, trashed: bool = False, merged: bool = False) -> RecordView:
        """A whole record: a live one, one in the trash, or one that stands in another by a merge.

        Raises NotFound for one that is not there or may not be seen, and Merged that names the record in which it
        stands by now.
        """
        select = plan(self.caller, self.obj, tuple(self.obj.fields))
        away = apart(self.obj.key)
        where = [fixed(self.obj, "t"), rights(self.caller, self.obj, "read", "t")]
        where += [negation(away)] if merged else [away] if trashed else []
        scope = all_of(where)
        edit = rights(self.caller, self.obj, "edit", "t")
        delete = rights(self.caller, self.obj, "delete", "t")
        state = "NOT NULL" if trashed or merged else "NULL"
        statement = Sql(
            f"SELECT {select.columns.text}, t.deleted_at, CASE WHEN {edit.text} THEN 1 ELSE 0 END, "
            f"CASE WHEN {delete.text} THEN 1 ELSE 0 END "
            f'FROM "{self.obj.table}" t {select.joins.text} '
            f"WHERE t.id = %s AND t.deleted_at IS {state} AND {scope.text}",
            (*select.columns.params, *edit.params, *delete.params, *select.joins.params, record_id, *scope.params),
        )
        row = db.row(statement) if 0 < record_id < 2**63 else None
        if row is None:
            raise self._missing(record_id)
        view = decode(select, [row], self.caller, self.obj)[0]
        may = frozenset(a for a, allowed in (("edit", row[-2]), ("delete", row[-1])) if allowed and not merged)
        return RecordView(view.id, view.version, view.title, view.values, view.labels, may, row[-3], self.obj)

    def some(self, ids: Sequence[int], columns: Sequence[str], action: str = "read") -> list[RowView]:
        """Those of a few live records on which the caller may do `action`, with these fields, in no order."""
        select = plan(self.caller, self.obj, tuple(n for n in columns if n in self.fields))
        where, found = live(self.caller, self.obj, action, "t"), []
        for part in db.chunks(ids):
            text = (
                f'SELECT {select.columns.text} FROM "{self.obj.table}" t {select.joins.text} '
                f"WHERE t.id IN ({db.marks(part)}) AND {where.text}"
            )
            found += db.rows(Sql(text, (*select.columns.params, *select.joins.params, *part, *where.params)))
        return decode(select, found, self.caller, self.obj)

    def _missing(self, record_id: int) -> NotFound:
        """What is said of a record that is not there: where it went, to whoever may see it and the one it is in."""
        survivor = successor(self.obj.key, record_id) if 0 < record_id < 2**63 else None
        if survivor is None or survivor not in self.allowed([survivor]):
            return NotFound()
        scope = all_of([fixed(self.obj, "t"), rights(self.caller, self.obj, "read", "t")])
        text = f'SELECT 1 FROM "{self.obj.table}" t WHERE t.id = %s AND {scope.text}'
        seen = db.row(Sql(text, (record_id, *scope.params)))
        return Merged(self.obj.key, survivor) if seen else NotFound()

    def trash(self, *, before: int | None = None, size: int = 50) -> list[tuple[int, str, Any]]:
        """Deleted records that the caller could delete, newest key first: key, title, when."""
        title = self.obj.fields[self.obj.spec.title].column
        where = all_of(
            [
                Sql("t.deleted_at IS NOT NULL"),
                apart(self.obj.key),
                fixed(self.obj, "t"),
                rights(self.caller, self.obj, "delete", "t"),
                Sql("t.id < %s", (before,)) if before else TRUE,
            ]
        )
        found = db.rows(
            Sql(
                f'SELECT t.id, t."{title}", t.deleted_at FROM "{self.obj.table}" t WHERE {where.text} '
                f"ORDER BY t.deleted_at DESC, t.id DESC LIMIT {int(size)}",
                where.params,
            )
        )
        return [(key, text, MOMENT.from_json(at)) for key, text, at in found]

    def labels(self, ids: Iterable[int], *, trashed: bool = False) -> dict[int, str]:
        """Titles by key, of those that the caller may see; with `trashed`, of those in the trash too."""
        title = self.obj.fields[self.obj.spec.title].column
        found: dict[int, str] = {}
        where = live(self.caller, self.obj, "read", "t")
        if trashed:
            where = all_of([fixed(self.obj, "t"), rights(self.caller, self.obj, "read", "t")])
        for part in db.chunks(sorted(set(ids))):
            statement = Sql(
                f'SELECT t.id, t."{title}" FROM "{self.obj.table}" t WHERE t.id IN ({db.marks(part)}) AND {where.text}',
                (*part, *where.params),
            )
            found.update(db.rows(statement))
        return found

    def allowed(self, ids: Iterable[int], action: str = "read") -> set[int]:
        """Those of the keys on whose records the caller may do `action`."""
        found: set[int] = set()
        where = live(self.caller, self.obj, action, "t")
        for part in db.chunks(sorted(set(ids))):
            text = f'SELECT t.id FROM "{self.obj.table}" t WHERE t.id IN ({db.marks(part)}) AND {where.text}'
            found.update(r[0] for r in db.rows(Sql(text, (*part, *where.params))))
        return found

    def count(self, filter: Filter | None = None, cap: int | None = CAP) -> int:
        """How many there are; counting stops at `cap`, so `cap` itself means "at least". Raises TooSlow."""
        where = self.where(filter)
        inner = f'SELECT 1 FROM "{self.obj.table}" t WHERE {where.text}' + (f" LIMIT {int(cap)}" if cap else "")
        with db.time_limit(SECONDS):
            found = db.row(Sql(f"SELECT COUNT(*) FROM ({inner}) c", where.params))
        return int(found[0]) if found else 0

    def ids(self, filter: Filter | None = None, *, action: str = "read", limit: int = 10_000) -> list[int]:
        """Keys of the records that match, ascending."""
        where = self.where(filter, action)
        text = f'SELECT t.id FROM "{self.obj.table}" t WHERE {where.text} ORDER BY t.id LIMIT {int(limit)}'
        with db.time_limit(SECONDS * 2):
            return [r[0] for r in db.rows(Sql(text, where.params))]

    def groups(
        self, by: str = "", *, total: str = "", weight: str = "", part: Sql | None = None, filter: Filter | None = None
    ) -> list[Group]:
        """Counts, and sums of `total` per currency, by the values of a field; without `by` of all records together.

        `weight` is a field of per cent by which amounts are weighted as well; `part` divides sums further by an
        expression on the row `t`. Raises Invalid, TooSlow.
        """
        if not self.caller.may(self.obj, "read"):
            raise Forbidden
        fields = self.fields
        if (by and (by not in fields or not fields[by].type.groupable)) or (total and total not in fields):
            raise Invalid({"group": [_("Choose a field with options, a reference or a user to group by.")]})
        statement = grouping.statement(
            self.obj.table, self.where(filter), self.caller.env(), fields, by=by, total=total,
            weight=weight if weight in fields else "", part=part,
        )  # fmt: skip
        with db.time_limit(SECONDS):
            return grouping.grouped(db.rows(statement))

    def aggregate(self, measure: str, *, of: str = "", by: str = "", filter: Filter | None = None) -> list[Measured]:
        """A measure of `aggregating.MEASURES`, of the field `of`, over all records or by the values of a field.

        `by` may be a date with `:month` behind it. The largest groups come first, a thousand at most. Raises Invalid,
        TooSlow.
        """
        statement, field = aggregating.statement(
            self.caller, self.obj, self.where(filter), measure=measure, of=of, by=by
        )
        with db.time_limit(SECONDS):
            rows = db.rows(statement)
        return aggregating.measured(rows, field, self.obj.fields.get(by))
