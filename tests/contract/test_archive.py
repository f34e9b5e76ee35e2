"""Every registered object is in the archive of the organisation, and comes back as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests import factories as f
from tests.contract.conftest import CUSTOM, KEYS, WITHOUT_CREATE
from tests.features.archive.copying import state, there_and_back

from rapport.records import write
from rapport.records.read import visible
from rapport.registry import catalog

pytestmark = pytest.mark.django_db


def test_records_of_all_objects_come_back(tmp_path: Path) -> None:
    f.organisation()
    f.custom_object(CUSTOM, "boats")
    f.every_custom_field(CUSTOM)
    ada = f.admin()
    keys = [key for key in KEYS if key not in WITHOUT_CREATE]
    ids = {key: f.make(ada, key) for key in keys}
    for key in keys:
        gone = f.make(ada, key, **f.different(ada, key))
        write.delete(ada, key, [gone])
    before = state()
    seen = {key: visible(ada, key).get(ids[key]).values for key in keys}
    made = there_and_back(tmp_path / "archive.zip", secrets=True)
    ada = f.caller_of(ada.user_id)
    assert state() == before
    assert {key: visible(ada, key).get(ids[key]).values for key in keys} == seen
    told = {part.object: part.rows for part in made.tables if part.object}
    standard = {obj.key for obj in catalog.current().objects.values() if not obj.custom_object}
    assert told.keys() == standard
    assert all(told[key] >= 2 for key in standard - WITHOUT_CREATE)
