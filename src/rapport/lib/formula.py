"""Formulas over the fields of one record, as SQL.

The grammar is a small part of Python's expressions: numbers, texts in quotes, field names, `+ - * /`, comparisons,
`and or not`, and the functions of `FUNCTIONS`. Anything else is refused when the formula is saved.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rapport.lib.sql import Dialect, Sql

LONGEST = 1000
MOST_NODES = 200


class FormulaError(ValueError):
    """The formula can't be read: `text`, with `values` in its placeholders, says where and why.

    Callers translate the text and those of the values that are kinds.
    """

    def __init__(self, text: str, **values: object) -> None:
        super().__init__(text % values if values else text)
        self.text, self.values = text, values


@dataclass(frozen=True, slots=True)
class Formula:
    """A checked formula: `kind` is number, text, boolean or date; `names` are the fields that it reads."""

    tree: ast.expr
    kind: str
    names: frozenset[str]


FUNCTIONS: dict[str, tuple[tuple[str, ...], str]] = {
    "round": (("number", "number"), "number"),
    "abs": (("number",), "number"),
    "upper": (("text",), "text"),
    "lower": (("text",), "text"),
    "length": (("text",), "number"),
    "days_between": (("date", "date"), "number"),
}
"""Name to kinds of the arguments and of the result; `concat`, `coalesce` and `if_else` take any kinds."""


def parse(text: str, kinds: Mapping[str, str]) -> Formula:
    """Check a formula against the kinds of the fields it may name. Raises FormulaError."""
    if len(text) > LONGEST:
        raise FormulaError("use at most %(max)d characters", max=LONGEST)
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise FormulaError("this is not a formula; write for example amount * 0.19") from error
    nodes = list(ast.walk(tree))
    if len(nodes) > MOST_NODES:
        raise FormulaError("the formula is too long")
    kind = _Checker(kinds).kind(tree)
    names = frozenset(n.id for n in nodes if isinstance(n, ast.Name) and n.id in kinds)
    return Formula(tree, kind, names)


class _Checker:
    def __init__(self, kinds: Mapping[str, str]) -> None:
        self.kinds = kinds

    def kind(self, node: ast.expr) -> str:
        match node:
            case ast.Constant(value=bool()):
                return "boolean"
            case ast.Constant(value=int() | float() as number):
                if abs(number) > 1e15:
                    raise FormulaError("the number is too large")
                return "number"
            case ast.Constant(value=str()):
                return "text"
            case ast.Name(id=name):
                if name not in self.kinds:
                    known = ", ".join(sorted(self.kinds))
                    raise FormulaError("no field %(name)s; choose from: %(known)s", name=name, known=known)
                return self.kinds[name]
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return self.need(inner, "number")
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                return self.need(inner, "boolean")
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div(), right=right):
                self.need(left, "number")
                return self.need(right, "number")
            case ast.BoolOp(values=values):
                for value in values:
                    self.need(value, "boolean")
                return "boolean"
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARE:
                self.need(right, self.kind(left))
                return "boolean"
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                return self.call(name, args)
        raise FormulaError("use numbers, texts, fields, + - * /, comparisons, and, or, not and functions only")

    def need(self, node: ast.expr, kind: str) -> str:
        if (found := self.kind(node)) != kind:
            raise FormulaError(
                "%(part)s is of the kind “%(found)s”, but “%(needed)s” is needed",
                part=ast.unparse(node), found=found, needed=kind,
            )  # fmt: skip
        return kind

    def call(self, name: str, args: list[ast.expr]) -> str:
        if name == "concat" and args:
            for arg in args:
                self.kind(arg)
            return "text"
        if name == "coalesce" and len(args) == 2:
            return self.need(args[1], self.kind(args[0]))
        if name == "if_else" and len(args) == 3:
            self.need(args[0], "boolean")
            return self.need(args[2], self.kind(args[1]))
        if name == "today" and not args:
            return "date"
        if name not in FUNCTIONS or len(args) != len(FUNCTIONS[name][0]):
            known = ", ".join(sorted([*FUNCTIONS, "concat", "coalesce", "if_else", "today"]))
            raise FormulaError(
                "no function %(name)s with %(count)d arguments; there are: %(known)s",
                name=name, count=len(args), known=known,
            )  # fmt: skip
        wanted, result = FUNCTIONS[name]
        for arg, kind in zip(args, wanted, strict=True):
            self.need(arg, kind)
        return result


_COMPARE: dict[type[ast.cmpop], str] = {
    ast.Eq: "=", ast.NotEq: "<>", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip
_ARITHMETIC: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*"}


def to_sql(formula: Formula, field: Callable[[str], str], dialect: Dialect, today: str) -> Sql:
    """The formula as one SQL expression; `field` gives the expression of a field, `today` is an ISO date."""
    params: list[object] = []

    def build(node: ast.expr) -> str:
        match node:
            case ast.Constant(value=bool() as value):
                return "(1 = 1)" if value else "(1 = 0)"
            case ast.Constant(value=str() as value):
                params.append(value)
                return "CAST(%s AS text)"
            case ast.Constant(value=value):
                return repr(value) if isinstance(value, int) else f"CAST({value!r} AS {_number(dialect)})"
            case ast.Name(id=name):
                return field(name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return f"(-{build(operand)})"
            case ast.UnaryOp(operand=operand):
                return f"(NOT {build(operand)})"
            case ast.BinOp(left=left, op=ast.Div(), right=right):
                return f"(CAST({build(left)} AS {_number(dialect)}) / NULLIF({build(right)}, 0))"
            case ast.BinOp(left=left, op=op, right=right):
                return f"({build(left)} {_ARITHMETIC[type(op)]} {build(right)})"
            case ast.BoolOp(op=op, values=values):
                return "(" + (" AND " if isinstance(op, ast.And) else " OR ").join(map(build, values)) + ")"
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return f"({build(left)} {_COMPARE[type(op)]} {build(right)})"
            case ast.Call(func=ast.Name(id=name), args=args):
                return call(name, args)
        raise FormulaError("unreadable formula")

    def call(name: str, args: list[ast.expr]) -> str:
        match name:
            case "concat":
                return "(" + " || ".join(f"COALESCE(CAST({build(a)} AS text), '')" for a in args) + ")"
            case "coalesce":
                return f"COALESCE({build(args[0])}, {build(args[1])})"
            case "if_else":
                return f"(CASE WHEN {build(args[0])} THEN {build(args[1])} ELSE {build(args[2])} END)"
            case "today":
                params.append(today)
                return "CAST(%s AS date)" if dialect.vendor == "postgresql" else "%s"
            case "days_between":
                later, earlier = build(args[1]), build(args[0])
                return f"({dialect.day_number(later)} - {dialect.day_number(earlier)})"
            case "round":
                return f"round(CAST({build(args[0])} AS {_number(dialect)}), CAST({build(args[1])} AS integer))"
        return f"{name}({', '.join(map(build, args))})"

    return Sql(build(formula.tree), tuple(params))


def _number(dialect: Dialect) -> str:
    return "numeric" if dialect.vendor == "postgresql" else "real"
