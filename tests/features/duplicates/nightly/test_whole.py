"""The process itself, over people that were imported: it finds who is one, and tells why."""

from __future__ import annotations

import json
from itertools import combinations, islice
from pathlib import Path

import pytest
from tests import factories

from rapport.apps.customers.models import Person
from rapport.features.duplicates.models import DuplicatePair
from rapport.features.duplicates.nightly import child, passing
from rapport.features.transfer import importing, mapping
from rapport.records.jobs.worker import drain

ROOT = Path(__file__).parents[4]


@pytest.mark.django_db
def test_people_that_are_one_are_found(tmp_path: Path) -> None:
    """The first half of a set whose duplicates are known; `make bench` has the whole one, and its aims."""
    ada = factories.admin()
    path = tmp_path / "half.csv"
    with (ROOT / "tests" / "data" / "fake_1000.csv").open(encoding="utf-8") as file:
        path.write_text("".join(islice(file, 501)), encoding="utf-8")
    wanted = mapping.from_json(json.loads((ROOT / "examples" / "fake_1000.json").read_text()))
    assert importing.import_file(ada, "person", path, wanted).created == 500
    assert passing.start(ada.user_id, ada.is_admin)
    drain()

    clusters: dict[str, list[int]] = {}
    for row in Person.objects.order_by("pk"):
        clusters.setdefault(row.custom["source_cluster"], []).append(row.pk)
    true = {pair for ids in clusters.values() for pair in combinations(ids, 2)}
    kept = DuplicatePair.objects.filter(object_key="person", score__gte=passing.THRESHOLD)
    found = set(kept.values_list("first_id", "second_id"))
    assert len(found & true) / len(found) >= 0.98
    assert len(found & true) / len(true) >= 0.7
    reasons = {(what, how) for what, how, _weight in kept.latest("score").reasons}
    assert reasons & {("emails", "same"), ("birthday", "same"), ("first_name", "same"), ("last_name", "same")}


@pytest.mark.once
def test_a_process_that_breaks_is_told_with_its_last_words() -> None:
    with pytest.raises(child.Failed, match="Error"):
        list(child.linked({"x": "given"}, 0.5, [[["no number", 1]], [["again"]]], lambda: None))


@pytest.mark.once
def test_no_records_no_pairs() -> None:
    *_rest, last = child.linked({"last_name": "family"}, 0.5, [], lambda: None)
    assert last == {"done": 0, "records": 0, "candidates": 0}
