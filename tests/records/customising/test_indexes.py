"""The indexed switch: the planner uses the index for sorting and for equality, on both databases."""

from __future__ import annotations

import pytest
from django.db import connection
from tests.records.customising.conftest import NEEDS, Add

from rapport.lib.sql import Sql
from rapport.records import db, write
from rapport.records.accounts.caller import Caller
from rapport.records.customising import actions, indexes, sync
from rapport.records.customising.definitions import FieldDefinition, ObjectDefinition, custom_types
from rapport.records.read import paging, visible
from rapport.registry import catalog
from rapport.registry.fields import FieldSpec

INDEXED = [
    key for key, t in custom_types().items() if indexes.can_index(FieldSpec(name="x", type=t, label="", custom=True))
]


def index_names() -> set[str]:
    if connection.vendor == "sqlite":
        return {r[0] for r in db.rows(Sql("SELECT name FROM sqlite_master WHERE type = 'index'"))}
    return {r[0] for r in db.rows(Sql("SELECT indexname FROM pg_indexes"))}


def explained(statement: Sql) -> str:
    word = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
    if connection.vendor == "postgresql":
        db.execute(Sql("SET LOCAL enable_seqscan = off"))
        db.execute(Sql("SET LOCAL enable_sort = off"))
    return "\n".join(str(row) for row in db.rows(Sql(word + statement.text, statement.params)))


def plan_of_sort(admin: Caller, key: str, field: str) -> str:
    obj = catalog.current()[key]
    order = paging.order(admin, obj, field)
    where = visible(admin, key).where()
    return explained(
        Sql(
            f'SELECT t.id FROM "{obj.table}" t WHERE {where.text} AND {order.filled.text} '
            f"ORDER BY {order.expression.text}, t.id LIMIT 50",
            (*where.params, *order.filled.params, *order.expression.params),
        )
    )


@pytest.mark.parametrize("type_", INDEXED)
def test_the_switch_makes_and_drops_the_index(admin: Caller, add: Add, type_: str) -> None:
    row = add(type_, "Rank", indexed=True)
    assert row.indexed
    assert "custom_person_rank" in index_names()
    if catalog.current()["person"].fields["rank"].type.sortable:
        visible(admin, "person").page(sort="rank", filter={"field": "name", "op": "not_empty"})
        assert "custom_person_rank" in plan_of_sort(admin, "person", "rank")
    wanted = FieldDefinition(label="Rank", **NEEDS.get(type_, {}))
    if type_ == "choice":
        wanted = FieldDefinition(label="Rank", choices=row.choices)
    actions.update_field(admin, row.pk, wanted)
    assert not {n for n in index_names() if n.startswith("custom_person_rank")}


def test_equality_of_texts_uses_the_index(admin: Caller, add: Add) -> None:
    add("text", "Rank", indexed=True)
    write.create_many(admin, "person", [{"last_name": f"N{i}", "rank": f"r{i}"} for i in range(50)])
    where = visible(admin, "person").where({"field": "rank", "op": "is", "value": "R7"})
    if connection.vendor == "postgresql":
        db.execute(Sql("ANALYZE customers_person"))  # else it takes any index for a table that it knows nothing of
    plan = explained(Sql(f"SELECT t.id FROM customers_person t WHERE {where.text}", where.params))
    assert "custom_person_rank" in plan
    assert visible(admin, "person").count({"field": "rank", "op": "is", "value": "R7"}) == 1


def test_records_of_a_custom_object_are_sorted_by_their_index(admin: Caller) -> None:
    actions.add_object(admin, ObjectDefinition(label="Boat", label_plural="Boats"))
    sync.refresh()
    actions.add_field(admin, "boat", "number", FieldDefinition(label="Length", indexed=True))
    sync.refresh()
    write.create_many(admin, "boat", [{"name": f"B{i}", "length": i} for i in range(50)])
    assert "custom_boat_length" in plan_of_sort(admin, "boat", "length")
    assert [r.values["length"] for r in visible(admin, "boat").page(sort="-length", size=2).rows] == [49, 48]


def test_a_removed_field_has_no_index_until_it_is_back(admin: Caller, add: Add) -> None:
    row = add("number", "Rank", indexed=True)
    actions.remove_field(admin, row.pk)
    assert "custom_person_rank" not in index_names()
    actions.restore_field(admin, row.pk)
    assert "custom_person_rank" in index_names()


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_too(admin: Caller, add: Add) -> None:
    row = add("text", "Rank", indexed=True)
    assert "custom_person_rank" in index_names()
    actions.remove_field(admin, row.pk)
    actions.delete_field(admin, row.pk)
    assert "custom_person_rank" not in index_names()


def test_indexes_that_are_gone_are_made_again(admin: Caller, add: Add) -> None:
    add("text", "Rank", indexed=True)
    add("datetime", "Seen", indexed=True)
    add("text", "Nick")
    before = index_names()
    assert indexes.repair() == []
    indexes.drop("person", "rank")
    assert index_names() < before
    assert indexes.repair() == ["custom_person_rank"]
    assert index_names() == before


@pytest.mark.skipif(connection.vendor != "postgresql", reason="a list of SQLite is told which index to use")
@pytest.mark.parametrize("type_", ["text", "number"])
def test_one_of_many_is_looked_up_and_not_met_by_chance(admin: Caller, add: Add, type_: str) -> None:
    """A value that few records have must not be searched for along the index of the default sort."""
    write.create(admin, "person", {"last_name": "N"})
    columns = ", ".join(c for c in _columns("customers_person") if c not in {"id", "custom"})
    db.execute(
        Sql(
            f"INSERT INTO customers_person ({columns}, custom) SELECT {columns}, jsonb_build_object('rank', n) "
            "FROM customers_person, generate_series(1, 20000) n"
        )
    )
    db.execute(Sql("SET CONSTRAINTS ALL IMMEDIATE"))
    add(type_, "Rank", indexed=True)
    where = visible(admin, "person").where({"field": "rank", "op": "is", "value": "77"})
    text = f"SELECT t.id FROM customers_person t WHERE {where.text} ORDER BY t.updated_at DESC, t.id DESC LIMIT 51"
    plan = "\n".join(str(row) for row in db.rows(Sql(f"EXPLAIN {text}", where.params)))
    assert "custom_person_rank" in plan
    assert "person_updated" not in plan
    assert "rows=1 " in plan, "it expects one record"
    indexes.drop("person", "rank")
    assert not db.rows(Sql("SELECT 1 FROM pg_statistic_ext WHERE stxname LIKE 'custom_person_rank%%'"))


def _columns(table: str) -> list[str]:
    return [
        r[0] for r in db.rows(Sql("SELECT column_name FROM information_schema.columns WHERE table_name = %s", (table,)))
    ]
