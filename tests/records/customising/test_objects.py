"""Custom objects: made, used, renamed, removed, restored, deleted."""

from __future__ import annotations

import pytest
from tests import factories as f

from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.customising import actions, sync
from rapport.records.customising.definitions import FieldDefinition, ObjectDefinition
from rapport.records.customising.models import CustomObject, CustomRecord
from rapport.records.errors import Forbidden, Invalid
from rapport.records.history.models import Link
from rapport.records.read import visible
from rapport.registry import catalog


def project(admin: Caller) -> CustomObject:
    row = actions.add_object(admin, ObjectDefinition(label="Project", label_plural="Projects"))
    sync.refresh()
    return row


def test_an_object_is_usable_at_once_and_renamed_without_loss(admin: Caller) -> None:
    row = project(admin)
    assert (row.key, row.plural) == ("project", "projects")
    choices = [{"label": "Open"}, {"label": "Done"}]
    actions.add_field(admin, "project", "choice", FieldDefinition(label="Status", choices=choices))
    actions.add_field(admin, "project", "date", FieldDefinition(label="Due"))
    sync.refresh()
    record = write.create(admin, "project", {"name": "Bridge", "status": "open", "due": "2026-12-01"})
    wanted = ObjectDefinition(
        label="Job", label_plural="Jobs", board="status", calendar="due", columns=("name", "status"), search=("name",)
    )
    actions.update_object(admin, "project", wanted)
    sync.refresh()
    obj = catalog.current()["project"]
    assert (obj.label_plural, obj.plural, obj.spec.calendar) == ("Jobs", "projects", "due")
    assert obj.spec.board is not None
    assert [(g.value, g.count) for g in visible(admin, "project").groups("status")] == [("open", 1)]
    assert visible(admin, "project").get(record).title == "Bridge"


def test_access_of_an_object(admin: Caller) -> None:
    project(admin)
    record = write.create(admin, "project", {"name": "Bridge"})
    closed = ObjectDefinition(label="Project", label_plural="Projects", access={"read": "own", "create": "none"})
    actions.update_object(admin, "project", closed)
    sync.refresh()
    ann = f.user()
    assert visible(ann, "project").allowed([record]) == set()
    with pytest.raises(Forbidden):
        write.create(ann, "project", {"name": "Mine"})


@pytest.mark.parametrize(
    ("plural", "address"),
    [("Settings", "settings-list"), ("Trash", "trash-list"), ("Jobs", "jobs-list"), ("People", "people-2")],
)
def test_addresses_of_pages_and_objects_are_not_taken(admin: Caller, plural: str, address: str) -> None:
    row = actions.add_object(admin, ObjectDefinition(label="Thing", label_plural=plural))
    assert row.plural == address


def test_keys_are_taken_once(admin: Caller) -> None:
    project(admin)
    with pytest.raises(Invalid):
        actions.add_object(admin, ObjectDefinition(label="Other", label_plural="Others"), key="project")
    with pytest.raises(Invalid):
        actions.add_object(admin, ObjectDefinition(label="Other", label_plural="Others"), key="person")
    with pytest.raises(Invalid):
        actions.add_object(admin, ObjectDefinition(label=" ", label_plural="Others"))
    assert actions.add_object(admin, ObjectDefinition(label="Project", label_plural="Projects")).key == "project_2"


def test_a_removed_object_keeps_its_records_until_it_is_deleted(admin: Caller) -> None:
    row = project(admin)
    actions.add_field(admin, "project", "references", FieldDefinition(label="People"), target="person")
    sync.refresh()
    person = f.make(admin, "person")
    record = write.create(admin, "project", {"name": "Bridge", "people": [person]})
    actions.remove_object(admin, "project")
    sync.refresh()
    assert "project" not in catalog.current().objects
    actions.restore_object(admin, "project")
    sync.refresh()
    assert visible(admin, "project").get(record).values["people"] == (person,)
    actions.remove_object(admin, "project")
    actions.delete_object(admin, "project")
    assert not CustomObject.objects.filter(pk=row.pk).exists()
    assert not CustomRecord.objects.exists()
    assert not Link.objects.filter(object_key="project").exists()


def test_an_object_that_fields_refer_to_is_not_removed(admin: Caller) -> None:
    project(admin)
    actions.add_field(admin, "person", "reference", FieldDefinition(label="Main project"), target="project")
    with pytest.raises(Invalid) as refused:
        actions.remove_object(admin, "project")
    assert "Main project" in str(refused.value.message)
    assert CustomObject.objects.get().removed_at is None
