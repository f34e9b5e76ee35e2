"""The filter language against a plain Python evaluation, and any input at all, on whichever database runs."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests import factories as f

from rapport.lib import periods
from rapport.records import write
from rapport.records.errors import Invalid, TooSlow
from rapport.records.read import visible

NOW = dt.datetime(2026, 3, 29, 0, 30, tzinfo=dt.UTC)  # the night of a change of clocks in Berlin
ZONE = ZoneInfo("Europe/Berlin")
TEXTS = ["", "a", "A", "äb", "ÄB", "a%b", "a_b", "50%", "Straße", "\\", "'", "ab c", "B"]
NUMBERS = [None, -3, 0, 1, 7, 100]
MONEY = [None, *({"amount": n, "currency": c} for n, c in ((100, "EUR"), (100, "USD"), (0, "EUR"), (99999, "EUR")))]
DAYS = [None, "2026-03-28", "2026-03-29", "2026-03-30", "2025-12-31", "2026-01-01", "2000-02-29"]
MOMENTS = [
    None, "2026-03-28T22:59:59Z", "2026-03-28T23:00:00Z", "2026-03-29T21:59:59Z", "2026-03-29T22:00:00Z",
    "2026-03-29T01:30:00Z", "2026-02-01T00:00:00Z",
]  # fmt: skip

RECORD = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["x", "y", "Z"]),
        "c_text": st.sampled_from(TEXTS),
        "c_number": st.sampled_from(NUMBERS),
        "c_decimal": st.sampled_from([None, "0.10", "-1.25", "7.00"]),
        "c_money": st.sampled_from(MONEY),
        "c_date": st.sampled_from(DAYS),
        "c_moment": st.sampled_from(MOMENTS),
        "c_bool": st.sampled_from([None, True, False]),
        "c_choice": st.sampled_from(["", "a", "b"]),
        "c_choices": st.sampled_from([[], ["a"], ["b"], ["a", "b"]]),
        "industry": st.sampled_from(["", "retail", "media"]),
        "domains": st.sampled_from([[], ["a.example"], ["b.example", "Ä.example"]]),
    }
)


def condition(field: str, *choices: tuple[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.one_of(
        *(st.fixed_dictionaries({"field": st.just(field), "op": st.just(op), "value": value}) for op, value in choices)
    )


def text_ops(field: str, values: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    some = st.sampled_from([v for v in values if v.strip()])
    one = [(op, some) for op in ("is", "is_not", "contains", "not_contains", "starts_with", "ends_with")]
    many = [(op, st.lists(some, max_size=3)) for op in ("in", "not_in")]
    return condition(field, *one, *many, ("empty", st.none()), ("not_empty", st.none()))


def number_ops(field: str, some: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    one = [(op, some) for op in ("is", "is_not", "gt", "gte", "lt", "lte")]
    return condition(
        field, *one, ("between", st.lists(some, min_size=2, max_size=2)), ("empty", st.none()), ("not_empty", st.none())
    )


def date_ops(field: str) -> st.SearchStrategy[dict[str, Any]]:
    day = st.sampled_from([d for d in DAYS if d])
    names = st.sampled_from([*periods.PERIODS, "last_7_days", "next_30_days"])
    return condition(
        field, ("within", names), ("not_within", names), ("on", day), ("before", day), ("after", day),
        ("between", st.lists(day, min_size=2, max_size=2)), ("more_days_ago", st.integers(0, 100)),
        ("more_days_ahead", st.integers(0, 100)), ("empty", st.none()), ("not_empty", st.none()),
    )  # fmt: skip


LEAF = st.one_of(
    text_ops("c_text", TEXTS),
    number_ops("c_number", st.sampled_from([-3, 0, 1, 6.5, 100])),
    number_ops("c_decimal", st.sampled_from(["0.1", "-1.25", 7])),
    number_ops("c_money", st.sampled_from([{"amount": 100, "currency": "EUR"}, {"amount": 5, "currency": "EUR"}])),
    number_ops("c_formula", st.sampled_from([1, 3, 15, -5])),
    date_ops("c_date"),
    date_ops("c_moment"),
    condition("c_bool", ("is", st.booleans()), ("empty", st.none()), ("not_empty", st.none())),
    condition(
        "c_choice", ("is", st.sampled_from("ab")), ("is_not", st.sampled_from("ab")),
        ("in", st.lists(st.sampled_from("ab"))), ("not_in", st.lists(st.sampled_from("ab"))), ("empty", st.none()),
    ),
    condition("industry", ("is", st.just("retail")), ("is_not", st.just("retail")), ("not_empty", st.none())),
    condition(
        "c_choices", ("has", st.sampled_from("ab")), ("has_not", st.sampled_from("ab")),
        ("has_any", st.lists(st.sampled_from("ab"))), ("has_none", st.lists(st.sampled_from("ab"))),
        ("empty", st.none()), ("not_empty", st.none()),
    ),
    condition(
        "domains", ("contains", st.sampled_from(["ä.EX", "b.", "example"])), ("is", st.just("A.example")),
        ("is_not", st.just("a.example")), ("not_contains", st.just("b.")), ("empty", st.none()),
    ),
)  # fmt: skip
FILTER = st.recursive(
    LEAF,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"all": st.lists(inner, max_size=3)}),
        st.fixed_dictionaries({"any": st.lists(inner, max_size=3)}),
        st.fixed_dictionaries({"not": inner}),
        st.fixed_dictionaries({"all": st.lists(inner, max_size=2), "not": inner}),
    ),
    max_leaves=6,
)


# -- the plain meaning of the language -----------------------------------------------------------------------------


def holds(record: dict[str, Any], filter_: dict[str, Any]) -> bool:
    if not filter_:
        return True
    if "field" in filter_:
        return leaf(record, filter_["field"], filter_["op"], filter_["value"])
    for word, inner in filter_.items():
        if word == "all" and not all(holds(record, i) for i in inner):
            return False
        if word == "any" and inner and not any(holds(record, i) for i in inner):
            return False
        if word == "not" and holds(record, inner):
            return False
    return True


def leaf(record: dict[str, Any], field: str, op: str, operand: Any) -> bool:
    value = record["c_number"] if field == "c_formula" else record[field]
    if field == "c_formula" and value is not None:
        value = value * 2 + 1
    negative = {"is_not": "is", "not_contains": "contains", "not_in": "in", "has_not": "has", "has_none": "has_any",
                "not_within": "within", "not_empty": "empty"}  # fmt: skip
    if op in negative:
        return not leaf(record, field, negative[op], operand)
    if op == "empty":
        return value in (None, "", [], ())
    if field in {"c_choices"}:
        return bool(set(value) & set(operand if isinstance(operand, list) else [operand]))
    if field == "domains":
        words = [v.lower() for v in value]
        return operand.lower() in words if op == "is" else any(operand.lower() in w for w in words)
    if value is None or (value == "" and field != "c_text"):
        return False
    if field == "c_text":
        return text_holds(value.lower(), op, operand)
    if field in {"c_date", "c_moment"}:
        return date_holds(value, op, operand)
    if field == "c_money":
        return money_holds(value, op, operand)
    if field == "c_decimal":
        value, operand = float(value), [float(o) for o in operand] if isinstance(operand, list) else float(operand)
    return compare(value, op, operand)


def compare(value: Any, op: str, operand: Any) -> bool:
    match op:
        case "is":
            return bool(value == operand)
        case "in":
            return value in operand
        case "gt":
            return bool(value > operand)
        case "gte":
            return bool(value >= operand)
        case "lt":
            return bool(value < operand)
        case "lte":
            return bool(value <= operand)
        case "between":
            return bool(operand[0] <= value <= operand[1])
    raise AssertionError(op)


def money_holds(value: dict[str, Any], op: str, operand: Any) -> bool:
    wanted = operand if isinstance(operand, list) else [operand]
    if value["currency"] != wanted[0]["currency"]:
        return False
    amounts = [w["amount"] for w in wanted]
    return compare(value["amount"], op, amounts if op == "between" else amounts[0])


def text_holds(value: str, op: str, operand: Any) -> bool:
    if op == "in":
        return value in [o.strip().lower() for o in operand]
    operand = operand.strip().lower()
    tests = {"is": value == operand, "contains": operand in value, "starts_with": value.startswith(operand)}
    return {**tests, "ends_with": value.endswith(operand)}[op]


def date_holds(value: str, op: str, operand: Any) -> bool:
    day = dt.date.fromisoformat(value) if len(value) == 10 else dt.datetime.fromisoformat(value).astimezone(ZONE).date()
    today = NOW.astimezone(ZONE).date()
    match op:
        case "within":
            start, end = periods.days(operand, today)
            return start <= day < end
        case "between":
            return dt.date.fromisoformat(operand[0]) <= day <= dt.date.fromisoformat(operand[1])
        case "more_days_ago":
            return day < today - dt.timedelta(operand)
        case "more_days_ahead":
            return day > today + dt.timedelta(operand)
        case "on":
            return day == dt.date.fromisoformat(operand)
        case "before":
            return day < dt.date.fromisoformat(operand)
    return day > dt.date.fromisoformat(operand)


@pytest.mark.django_db
def test_filters_mean_what_python_means() -> None:
    ann = f.user()
    f.every_custom_field("company")

    @settings(max_examples=40, suppress_health_check=list(HealthCheck))
    @given(records=st.lists(RECORD, min_size=1, max_size=8), filters=st.lists(FILTER, min_size=10, max_size=10))
    def compare_all(records: list[dict[str, Any]], filters: list[dict[str, Any]]) -> None:
        with transaction.atomic(), time_machine.travel(NOW, tick=False):
            made = write.create_many(ann, "company", records)
            assert not made.errors
            for filter_ in filters:
                wanted = [key for key, record in zip(made.ids, records, strict=True) if holds(record, filter_)]
                assert visible(ann, "company").ids(filter_) == wanted, filter_
            transaction.set_rollback(True)

    compare_all()


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(
    ["name", "emails", "company", "company.name", "company.parent.name", "tags", "deals", "deals_people", "tasks",
     "birthday", "created_at", "owner", "team", "custom", "id", "password", "1=1", "lifecycle", "interactions",
     "company.id", "owner.password", ""]
)  # fmt: skip
OPS = st.sampled_from(
    ["is", "is_not", "contains", "in", "between", "within", "on", "has", "has_no", "at_least", "at_most", "gt", "empty",
     "more_days_ago", "drop", "has_any", "starts_with"]
)  # fmt: skip
ANYTHING = st.recursive(
    st.fixed_dictionaries({"field": FIELDS | st.text(max_size=9), "op": OPS, "value": JUNK}) | JUNK,
    lambda inner: (
        st.fixed_dictionaries({"all": st.lists(inner, max_size=3)})
        | st.fixed_dictionaries({"any": inner, "not": inner})
    ),
    max_leaves=5,
)


@pytest.mark.django_db
def test_any_filter_sort_and_cursor_gives_an_answer_or_a_refusal() -> None:
    ann = f.user()
    f.make(ann, "person")

    @settings(max_examples=200, suppress_health_check=list(HealthCheck))
    @given(filter_=ANYTHING, sort=FIELDS | st.text(max_size=12), cursor=st.text(max_size=30))
    def ask(filter_: Any, sort: str, cursor: str) -> None:
        for act in (
            lambda: visible(ann, "person").count(filter_),
            lambda: visible(ann, "person").page(sort=sort, cursor=cursor),
        ):
            try:
                with transaction.atomic():
                    act()
            except (Invalid, TooSlow):
                pass

    ask()


@pytest.mark.django_db
def test_over_relations() -> None:
    ann = f.user()
    berlin = f.make(ann, "company", name="B", address={"city": "Berlin"})
    f.make(ann, "company", name="H", address={"city": "Hamburg"})
    deal = f.make(ann, "deal", company=berlin)
    f.make(ann, "deal")
    in_berlin = {"field": "company.address", "op": "contains", "value": "berlin"}
    assert visible(ann, "deal").ids(in_berlin) == [deal]
    task = f.make(ann, "task", company=berlin)
    no_open_task = {"field": "tasks", "op": "has_no", "value": {"field": "status", "op": "is_not", "value": "done"}}
    assert berlin not in visible(ann, "company").ids(no_open_task)
    write.update(ann, "task", task, {"status": "done"})
    assert berlin in visible(ann, "company").ids(no_open_task)
    two = {"field": "deals", "op": "at_least", "value": {"count": 2}}
    assert visible(ann, "company").ids(two) == []
    f.make(ann, "deal", company=berlin)
    assert visible(ann, "company").ids(two) == [berlin]
    assert visible(ann, "deal").count({"field": "company.tasks", "op": "has", "value": {}}) == 2
