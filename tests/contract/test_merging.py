"""Every object that can be merged, at each door; who lacks a right changes nothing, compared by the database."""

from __future__ import annotations

from typing import Any

import pytest
from tests import factories as f
from tests.contract.conftest import World
from tests.database import snapshot
from tests.surfaces.api.conftest import program

from rapport.features.programs import limits
from rapport.records import write
from rapport.records.errors import NotFound, RecordsError
from rapport.records.read import visible

KEPT_BY_THE_DOOR = ("programs_usage", "records_apitoken")


@pytest.fixture(autouse=True)
def fresh_counts() -> None:
    """Each test counts anew."""
    limits.forget()


@pytest.fixture
def pair(world: World) -> tuple[int, int]:
    """Two records, full of values."""
    if not world.obj.spec.merges:
        pytest.skip("stands for itself")
    first = world.make(**f.different(world.admin, world.key))
    fields = [
        x for x in world.obj.form_fields
        if x.editable and not x.required and x.type.key in {"text", "longtext", "number", "date", "choice", "url"}
        and not x.unique and x.name not in world.obj.spec.required_if
    ]  # fmt: skip
    more: dict[str, Any] = {x.name: f.sample(world.admin, world.obj, x) for x in fields}
    try:
        second = world.make(**more)
    except RecordsError:  # values that do not fit each other
        second = world.make(**f.different(world.admin, world.key))
    return first, second


def test_merge_and_back_through_rest(world: World, pair: tuple[int, int]) -> None:
    ada, plural, (first, second) = program(world.admin), world.obj.plural, pair
    values = [visible(world.admin, world.key).get(i).values for i in pair]
    before = snapshot(*KEPT_BY_THE_DOOR)
    tried = ada.post(f"{plural}/{first}/merge", {"others": [second], "dry_run": True})
    assert (tried["dry_run"], tried["merge"], tried["merged"]) == (True, None, [second])
    assert snapshot(*KEPT_BY_THE_DOOR) == before
    made = ada.post(f"{plural}/{first}/merge", {"others": [second]})
    assert made["fields"].keys() == tried["fields"].keys()
    gone = ada.ask("GET", f"{plural}/{second}")
    assert (gone.status_code, gone.data["merged_into"]) == (410, first)
    assert second not in [item["id"] for item in ada.get(f"{plural}/trash")["items"]]
    assert [m["merged"] for m in ada.get(f"{plural}/{first}/merges")["items"]] == [[second]]
    assert ada.get(f"{plural}/{second}/history")["items"][0]["action"] == "merged"
    back = ada.post(f"{plural}/{first}/unmerge", {"merge": made["merge"]})
    assert (back["unmerged"], back["kept"]) == ([second], [])
    now = [visible(world.admin, world.key).get(i).values for i in pair]
    for was, found in zip(values, now, strict=True):
        assert {n: v for n, v in found.items() if not n.startswith("updated")} == {
            n: v for n, v in was.items() if not n.startswith("updated")
        }


def test_who_may_nothing_merges_nothing_v8_2(world: World, pair: tuple[int, int]) -> None:
    """ASVS 8.2: rights are checked for each record of the act."""
    (first, second), plural = pair, world.obj.plural
    everything = dict.fromkeys(("create", "read", "edit", "delete"), "all")
    roles = [{**everything, "delete": "none"}, {**everything, "edit": "none"}, {**everything, "read": "none"}]
    callers = [world.nobody, *(f.user("Half", rights={"*": role, world.key: role}) for role in roles)]
    held = [c for c in callers if _may_less(c, world, pair)]
    made = write.merge(world.admin, world.key, first, [world.make(**f.different(world.admin, world.key))]).pk
    programs = [program(c) for c in held]
    before = snapshot(*KEPT_BY_THE_DOOR)
    for stranger in programs:
        refused = stranger.ask("POST", f"{plural}/{first}/merge", {"others": [second]})
        assert refused.status_code in {403, 404}, refused.content
        refused = stranger.ask("POST", f"{plural}/{first}/unmerge", {"merge": made})
        assert refused.status_code in {403, 404}, refused.content
    assert snapshot(*KEPT_BY_THE_DOOR) == before


def _may_less(caller: Any, world: World, pair: tuple[int, int]) -> bool:
    """Whether a caller lacks one of the rights; objects below a parent take theirs from it."""
    found = visible(caller, world.key)
    return any(found.allowed(pair, action) != set(pair) for action in ("read", "edit", "delete"))


def test_a_stranger_does_not_learn_where_it_went(world: World, pair: tuple[int, int]) -> None:
    first, second = pair
    write.merge(world.admin, world.key, first, [second])
    with pytest.raises(NotFound) as refused:
        visible(world.nobody, world.key).get(second)
    assert refused.value.status == 404
