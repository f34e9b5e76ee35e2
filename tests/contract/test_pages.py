"""Every object through the pages: lists in each layout, record page, forms, history, trash, search, palette, rights."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests import factories as f
from tests.contract.conftest import World
from tests.database import snapshot

from rapport.records import write
from rapport.records.read import visible


def layouts(world: World) -> list[str]:
    found = ["list"]
    if world.obj.spec.board:
        found.append("board")
    if world.obj.spec.calendar:
        found.append("calendar")
    return found


def title_of(world: World, record: int) -> str:
    return visible(world.admin, world.key).get(record).title


def test_lists_in_every_layout(world: World) -> None:
    url = reverse("list", args=[world.obj.plural])
    for layout in layouts(world):
        empty = world.client.get(url, {"layout": layout})
        assert empty.status_code == 200, layout
    record = world.make()
    title = title_of(world, record)
    answer = world.client.get(url)
    assert answer.status_code == 200
    assert title in answer.content.decode()
    for layout in layouts(world):
        assert world.client.get(url, {"layout": layout}).status_code == 200, layout


def test_record_page_forms_and_history(world: World) -> None:
    record = world.make()
    for name in ("record", "edit", "history"):
        answer = world.client.get(reverse(name, args=[world.obj.plural, record]))
        assert answer.status_code == 200, name
    for name in ("create", "quick"):
        assert world.client.get(reverse(name, args=[world.obj.plural])).status_code == 200, name
    for field in world.obj.fields.values():
        if world.admin.edits(world.obj, field):
            url = reverse("inline", args=[world.obj.plural, record, field.name])
            assert world.client.get(url, headers={"HX-Request": "true"}).status_code == 200, field.name


def test_trash_and_restore_by_page(world: World) -> None:
    record = world.make()
    title = title_of(world, record)
    answer = world.client.post(reverse("delete", args=[world.obj.plural, record]))
    assert answer.status_code in {302, 303, 200, 204}
    assert visible(world.admin, world.key).allowed([record]) == set()
    assert title in world.client.get(reverse("trash"), {"object": world.key}).content.decode()
    world.client.post(reverse("restore", args=[world.obj.plural, record]))
    assert visible(world.admin, world.key).allowed([record]) == {record}


def test_search_and_palette_find_it(world: World) -> None:
    if not world.obj.spec.search:
        pytest.skip("the object is not searched")
    record = world.make()
    title = title_of(world, record)
    for name in ("search", "palette"):
        answer = world.client.get(reverse(name), {"q": title})
        assert answer.status_code == 200
        assert reverse("record", args=[world.obj.plural, record]) in answer.content.decode(), name
        hidden = world.stranger.get(reverse(name), {"q": title}).content.decode()
        assert reverse("record", args=[world.obj.plural, record]) not in hidden, name


def test_who_may_nothing_gets_nothing(world: World) -> None:
    record = world.make()
    title = title_of(world, record)
    plural = world.obj.plural
    before = snapshot()
    for name in ("record", "edit", "history"):
        assert world.stranger.get(reverse(name, args=[plural, record])).status_code in {403, 404}, name
    for layout in layouts(world):
        answer = world.stranger.get(reverse("list", args=[plural]), {"layout": layout})
        assert answer.status_code in {200, 403, 404}
        assert title not in answer.content.decode()
    posts: list[tuple[str, list[Any], dict[str, Any]]] = [
        ("create", [plural], {"name": "x", "last_name": "x", "subject": "x"}),
        ("edit", [plural, record], {"name": "x"}),
        ("delete", [plural, record], {}),
        ("restore", [plural, record], {}),
        ("move", [plural], {"id": record, "to": "x"}),
        ("bulk", [plural], {"ids": record, "action": "delete"}),
    ]
    for name, args, data in posts:
        status = world.stranger.post(reverse(name, args=args), data).status_code
        assert status in {400, 403, 404, 409, 422}, (name, status)
    assert snapshot() == before


def test_forms_answer_any_input(world: World) -> None:
    record = world.make()
    for junk in ("\x00", "💥" * 400, "-1", "null", "[]", "{}", "9" * 40, "1e400", "' OR 1=1 --", "<script>"):
        data = {field.name: junk for field in world.obj.fields.values()}
        data |= {f"{name}-0-value": junk for name in data}
        for url in (reverse("create", args=[world.obj.plural]), reverse("edit", args=[world.obj.plural, record])):
            assert world.client.post(url, data).status_code < 500, junk
        query = {"filter": junk, "sort": junk, "columns": junk, "cursor": junk, "group": junk, "view": junk, "q": junk,
                 "month": junk, "within": junk}  # fmt: skip
        for layout in layouts(world):
            assert (
                world.client.get(reverse("list", args=[world.obj.plural]), {**query, "layout": layout}).status_code
                < 500
            )


def test_queries_do_not_grow_with_rows(world: World) -> None:
    url = reverse("list", args=[world.obj.plural])

    def queries(**query: str) -> int:
        world.client.get(url, query)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert world.client.get(url, query).status_code == 200
        return len(captured)

    shared = f.required(world.admin, world.key)
    write.create(world.admin, world.key, shared)
    few = {layout: queries(layout=layout) for layout in layouts(world)}
    rows = [{**shared, **f.different(world.admin, world.key)} for _n in range(25)]
    assert not write.create_many(world.admin, world.key, rows).errors
    for layout, count in few.items():
        assert queries(layout=layout) <= count + 2, layout
