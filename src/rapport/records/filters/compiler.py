"""Filters to SQL.

A filter is `{"all": [...]}`, `{"any": [...]}`, `{"not": ...}` or a condition `{"field", "op", "value"}`; an empty
mapping holds for every record. A field may be a path over references (`company.city`): the condition then holds when
there is such a record, the reader may see it, and it satisfies the condition. A relation (`tasks`, what points here)
takes `has`, `has_no`, `at_least`, `at_most` with a filter over the related records that the reader may see.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from rapport.lib.sql import TRUE, Sql, all_of, any_of, negation
from rapport.records import links
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.scope import live
from rapport.records.errors import Invalid
from rapport.registry import catalog, operators
from rapport.registry.catalog import RegisteredObject, Relation
from rapport.registry.fields import FieldError, FieldSpec
from rapport.registry.operators import Operator
from rapport.registry.types.computed import ComputedType
from rapport.registry.types.numbers import MoneyType

DEPTH, CONDITIONS = 8, 100
Filter = Mapping[str, Any]


def combine(*filters: Filter | None) -> Filter:
    """All of the filters that say anything."""
    said = [f for f in filters if f]
    return said[0] if len(said) == 1 else {"all": said} if said else {}


class FilterCompiler:
    """Compiles filters as one caller, at one moment. Raises Invalid for a filter that can't be, naming the fault."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.env = caller.env()
        self.catalog = catalog.current()
        self._aliases = 0
        self._conditions = 0

    def where(self, obj: RegisteredObject, filter_: Filter | None, alias: str = "t", depth: int = 0) -> Sql:
        """The condition on the row called `alias`."""
        if not filter_:
            return TRUE
        if not isinstance(filter_, Mapping) or depth > DEPTH:
            raise _fault(_("A filter is a mapping of at most %(depth)d levels.") % {"depth": DEPTH})
        if "field" in filter_:
            return self._condition(obj, filter_, alias, depth)
        parts = []
        for word, inner in filter_.items():
            if word == "not":
                parts.append(negation(self.where(obj, inner, alias, depth + 1)))
            elif word in {"all", "any"} and isinstance(inner, list):
                group = [self.where(obj, item, alias, depth + 1) for item in inner]
                parts.append(all_of(group) if word == "all" else any_of(group) if group else TRUE)
            else:
                raise _fault(_("A filter has the keys all, any and not, or field, op and value."))
        return all_of(parts)

    def _condition(self, obj: RegisteredObject, condition: Filter, alias: str, depth: int) -> Sql:
        self._conditions += 1
        if self._conditions > CONDITIONS:
            raise _fault(_("Use at most %(max)d conditions.") % {"max": CONDITIONS})
        name, key, value = condition.get("field"), condition.get("op"), condition.get("value")
        if not isinstance(name, str) or not isinstance(key, str) or set(condition) - {"field", "op", "value"}:
            raise _fault(_("A condition has the keys field, op and value."))
        head, _dot, rest = name.partition(".")
        field = obj.fields.get(head)
        if field is not None and self.caller.sees(obj, field):
            if rest:
                return self._path(field, {**condition, "field": rest}, alias, depth)
            return self._leaf(obj, field, key, value, alias)
        relation = self.catalog.relations[obj.key].get(head)
        if relation is not None and not rest and self._readable(relation):
            return self._related(obj, relation, key, value, alias, depth)
        raise _fault(_("There is no field %(name)s here.") % {"name": name}, name)

    def _readable(self, relation: Relation) -> bool:
        target = self.catalog[relation.target]
        return self.caller.sees(target, target.fields[relation.field])

    # -- one field -----------------------------------------------------------------------------------------------

    def _leaf(self, obj: RegisteredObject, field: FieldSpec, key: str, value: Any, alias: str) -> Sql:
        operator = operators.by_key(field.type.operators_for(field), key)
        if operator is None:
            known = ", ".join(o.key for o in field.type.operators_for(field))
            raise _fault(_("%(field)s takes these operators: %(known)s.") % {"field": field.label, "known": known})
        try:
            operand = field.type.operand(field, operator, value, self.env)
        except FieldError as error:
            raise _fault(f"{field.label}: {error.message}", field.name) from error
        if field.type.storage == "external":
            return self._linked(obj, field, operator, operand, alias)
        if isinstance(field.type, ComputedType):
            return self._computed(field, operator, operand, alias)
        expression = field.type.expression(field, alias, self.env.dialect)
        if isinstance(field.type, MoneyType):
            return self._money(field, operator, operand, expression, alias)
        if field.name == "id" or operator.sql is None:
            raise _fault(_("This field can't be filtered."))
        return operator.sql(expression, operand, self.env)

    def _money(self, field: FieldSpec, operator: Operator, operand: Any, expression: str, alias: str) -> Sql:
        if operand is None:
            return operator.sql(expression, None, self.env)
        pair = operand if operator.arity == "two" else (operand,)
        if len({money.currency for money in pair}) > 1:
            raise _fault(_("Give both amounts in one currency."), field.name)
        amounts = tuple(money.amount for money in pair)
        assert isinstance(field.type, MoneyType)
        currency = Sql(f"{field.type.currency_expression(field, alias, self.env.dialect)} = %s", (pair[0].currency,))
        negative = operator.key == "is_not"
        positive = operators.by_key(operators.NUMBER, "is") if negative else operator
        assert positive is not None
        value = amounts if operator.arity == "two" else amounts[0]
        found = all_of([currency, positive.sql(expression, value, self.env)])
        return negation(found) if negative else found

    def _computed(self, field: FieldSpec, operator: Operator, operand: Any, alias: str) -> Sql:
        assert isinstance(field.type, ComputedType)
        inner = self._alias()
        computed = field.type.compute(field, alias, self)
        condition = operator.sql(f"{inner}.value", operand, self.env)
        return Sql(
            f"EXISTS (SELECT 1 FROM (SELECT {computed.text} AS value) {inner} WHERE {condition.text})",
            (*computed.params, *condition.params),
        )

    def _linked(self, obj: RegisteredObject, field: FieldSpec, operator: Operator, operand: Any, alias: str) -> Sql:
        target = self.catalog[field.target]
        link, other = self._alias(), self._alias()
        seen = live(self.caller, target, "read", other)
        source = links.rows(obj.key, field)
        text = (
            f'{alias}.id IN (SELECT {link}.record_id FROM ({source.text}) {link} JOIN "{target.table}" {other} '
            f"ON {other}.id = {link}.target_id WHERE {seen.text}"
        )
        params: tuple[Any, ...] = (*source.params, *seen.params)
        if operand is not None:
            values = operand if isinstance(operand, list) else [operand]
            if not values:
                return negation(TRUE) if operator.key == "has_any" else TRUE
            text += f" AND {link}.target_id IN ({', '.join(['%s'] * len(values))})"
            params += tuple(values)
        found = Sql(f"{text})", params)
        return negation(found) if operator.key in {"has_not", "has_none", "empty"} else found

    # -- over references -----------------------------------------------------------------------------------------

    def _path(self, field: FieldSpec, condition: Filter, alias: str, depth: int) -> Sql:
        target = self.catalog.objects.get(field.target)
        if target is None or field.type.key != "reference":
            raise _fault(_("%(name)s does not lead to other records.") % {"name": field.label})
        inner = self._alias()
        found = all_of([live(self.caller, target, "read", inner), self.where(target, condition, inner, depth + 1)])
        column = field.type.expression(field, alias, self.env.dialect)
        return Sql(f'{column} IN (SELECT {inner}.id FROM "{target.table}" {inner} WHERE {found.text})', found.params)

    def _related(self, obj: RegisteredObject, relation: Relation, key: str, value: Any, alias: str, depth: int) -> Sql:
        where, count = (value or {}), 1
        if key in {"at_least", "at_most"}:
            if not isinstance(value, Mapping) or not isinstance(value.get("count"), int):
                raise _fault(_("Give a count and, if you like, a filter as where."))
            where, count = value.get("where") or {}, value["count"]
        if key not in {"has", "has_no", "at_least", "at_most"} or not 0 <= count <= 1_000_000:
            raise _fault(_("%(name)s takes has, has_no, at_least and at_most.") % {"name": relation.name})
        source = self._related_rows(relation, where, depth)
        if key in {"has", "has_no"}:
            found = Sql(f"{alias}.id IN (SELECT owner_key FROM ({source.text}) {self._alias()})", source.params)
            return negation(found) if key == "has_no" else found
        number = f"SELECT COUNT(*) FROM ({source.text}) {(name := self._alias())} WHERE {name}.owner_key = {alias}.id"
        return Sql(f"({number}) {'>=' if key == 'at_least' else '<='} %s", (*source.params, count))

    def _related_rows(self, relation: Relation, where: Filter, depth: int, measured: str = "NULL") -> Sql:
        """Rows `(owner_key, value)` of the related records that the reader may see."""
        target = self.catalog[relation.target]
        field = target.fields[relation.field]
        inner = self._alias()
        found = all_of([live(self.caller, target, "read", inner), self.where(target, where, inner, depth + 1)])
        value = measured.replace("{alias}", inner)
        if relation.many:
            link, source = self._alias(), links.rows(target.key, field)
            return Sql(
                f'SELECT {link}.target_id AS owner_key, {value} AS value FROM "{target.table}" {inner} JOIN '
                f"({source.text}) {link} ON {link}.record_id = {inner}.id WHERE {found.text}",
                (*source.params, *found.params),
            )
        column = field.type.expression(field, inner, self.env.dialect)
        return Sql(
            f'SELECT {column} AS owner_key, {value} AS value FROM "{target.table}" {inner} '
            f"WHERE {found.text} AND {column} IS NOT NULL",
            found.params,
        )

    # -- computed fields: the protocol of `registry.types.computed.Compiler` ----------------------------------------

    def sibling(self, field: FieldSpec, name: str, alias: str) -> str:
        """SQL of another stored field of the same record."""
        obj = self.catalog[field.options["object"]]
        other = obj.fields[name]
        return other.type.expression(other, alias, self.env.dialect)

    def rolled_up(self, field: FieldSpec, alias: str) -> Sql:
        """The roll-up of the related records that the reader may see."""
        options = field.options
        relation = self.catalog.relations[options["object"]][options["relation"]]
        measure, measured = options.get("measure", "count"), "NULL"
        if measure != "count":
            of = self.catalog[relation.target].fields[options["of"]]
            measured = of.type.expression(of, "{alias}", self.env.dialect)
        source = self._related_rows(relation, options.get("where") or {}, 1, measured)
        function = {
            "count": "COUNT(*)", "sum": "COALESCE(SUM({v}), 0)", "average": "AVG({v})",
            "minimum": "MIN({v})", "maximum": "MAX({v})",
        }[measure]  # fmt: skip
        name = self._alias()
        return Sql(
            f"(SELECT {function.format(v=f'{name}.value')} FROM ({source.text}) {name} "
            f"WHERE {name}.owner_key = {alias}.id)",
            source.params,
        )

    def _alias(self) -> str:
        self._aliases += 1
        return f"f{self._aliases}"


def _fault(message: str, name: str = "filter") -> Invalid:
    return Invalid({name: [message]}, message)
