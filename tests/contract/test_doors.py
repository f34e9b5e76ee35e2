"""Every object through the two doors: write, read, change log, trash, rights, import."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests import factories as f
from tests.contract.conftest import World
from tests.database import snapshot

from rapport.records import write
from rapport.records.errors import Conflict, Forbidden, Invalid, NotFound
from rapport.records.models import Change
from rapport.records.read import visible
from rapport.registry.fields import FieldSpec

REFUSALS = (NotFound, Forbidden, Invalid)
KEPT = {("enrollment", "sequence"), ("enrollment", "person")}
"""Fields of an object that nobody changes once its record is made."""


def settable(world: World) -> list[FieldSpec]:
    return [
        field
        for field in world.obj.fields.values()
        if world.admin.edits(world.obj, field) and field.type.key not in {"team", "file"}
        and field.name not in {"owner", "pipeline", "stage", "repeat", "object_key", "record_id"}
        and (world.key, field.name) not in KEPT
    ]  # fmt: skip


def test_every_field_is_written_read_and_logged(world: World) -> None:
    record = world.make()
    env = world.admin.env()
    for field in settable(world):
        raw = f.sample(world.admin, world.obj, field)
        version = visible(world.admin, world.key).get(record).version
        write.update(world.admin, world.key, record, {field.name: raw}, version=version)
        found = visible(world.admin, world.key).get(record).values[field.name]
        assert found == field.type.clean(field, raw, env), field.name
    changes = Change.objects.filter(object_key=world.key, record_id=record).order_by("id")
    assert changes[0].action == "create"
    logged = {name for change in changes for name in change.diff}
    assert {field.name for field in settable(world)} <= logged


def test_json_and_csv_forms_of_every_field_round_trip(world: World) -> None:
    env = world.admin.env()
    for field in settable(world):
        value = field.type.clean(field, f.sample(world.admin, world.obj, field), env)
        assert field.type.from_json(field.type.to_json(value)) == value, field.name
        if field.type.storage == "column":
            text = field.type.to_text(field, value)
            if field.type.key not in {"reference", "user", "address", "addresses", "json"}:
                again = field.type.from_text(field, text, env)
                assert field.type.to_text(field, again) == text, field.name


def test_conflicts_are_per_field(world: World) -> None:
    text = next((x for x in settable(world) if x.type.key == "text"), None)
    if text is None:
        pytest.skip("no text field")
    record = world.make()
    write.update(world.admin, world.key, record, {text.name: "first"}, version=1)
    before = snapshot()
    with pytest.raises(Conflict):
        write.update(world.admin, world.key, record, {text.name: "second"}, version=1)
    assert snapshot() == before


def test_filters_sorts_and_counts_take_every_field(world: World) -> None:
    world.make()
    view = visible(world.admin, world.key)
    for field in world.obj.fields.values():
        for operator in field.type.operators_for(field):
            if operator.arity == "none":
                view.count({"field": field.name, "op": operator.key})
        if field.type.sortable:
            for sign in ("", "-"):
                assert len(view.page(sort=f"{sign}{field.name}", columns=(field.name,)).rows) >= 1
        if field.type.groupable:
            assert sum(g.count for g in view.groups(field.name)) == view.count()


def test_who_may_nothing_sees_and_changes_nothing(world: World) -> None:
    record, key = world.make(), world.key
    view = visible(world.nobody, key)
    assert view.page().rows == []
    assert (view.count(), view.ids(), view.labels([record]), view.allowed([record])) == (0, [], {}, set())
    before = snapshot()
    acts: list[Any] = [
        lambda: view.get(record),
        lambda: write.update(world.nobody, key, record, {}),
        lambda: write.update_many(world.nobody, key, [record], {}),
        lambda: write.delete(world.nobody, key, [record]),
        lambda: write.restore(world.nobody, key, [record]),
        lambda: write.erase(world.nobody, key, [record]),
        lambda: write.create(world.nobody, key, f.required(world.admin, key)),
    ]
    for act in acts[:-1]:
        with pytest.raises(REFUSALS):
            act()
    assert snapshot() == before
    values = f.required(world.admin, key)
    before = snapshot()
    with pytest.raises(REFUSALS):
        write.create(world.nobody, key, values)
    assert snapshot() == before


def test_trash_restore_and_erase(world: World) -> None:
    record = world.make()
    seen = visible(world.admin, world.key).get(record).values
    write.delete(world.admin, world.key, [record])
    assert visible(world.admin, world.key).allowed([record]) == set()
    write.restore(world.admin, world.key, [record])
    assert visible(world.admin, world.key).get(record).values == seen
    write.erase(world.admin, world.key, [record])
    with pytest.raises(NotFound):
        visible(world.admin, world.key).get(record, trashed=True)
    assert all(not c.diff for c in Change.objects.filter(object_key=world.key, record_id=record))


def test_import(world: World, tmp_path: Path) -> None:
    from rapport.features.transfer import importing

    title = world.obj.fields[world.obj.spec.title]
    source = title if title.editable else world.obj.fields.get("last_name")
    given = {**f.required(world.admin, world.key), **({source.name: "Imported one"} if source else {})}
    before = visible(world.admin, world.key).count()
    cells = {
        name: world.obj.fields[name].type.to_text(
            world.obj.fields[name], world.obj.fields[name].type.clean(world.obj.fields[name], raw, world.admin.env())
        )
        for name, raw in given.items()
    }
    path = tmp_path / "rows.csv"
    path.write_text(",".join(cells) + "\n" + ",".join(f'"{c}"' for c in cells.values()) + "\n", encoding="utf-8")
    importing.import_file(world.admin, world.key, path)
    assert visible(world.admin, world.key).count() == before + 1
    rows = visible(world.admin, world.key).page(columns=(title.name,), size=200).rows
    assert source is None or "Imported one" in [row.title for row in rows]
