"""Custom fields: made, renamed, ordered, removed, restored, deleted, and what refuses."""

from __future__ import annotations

from typing import Any

import pytest
from tests import factories as f
from tests.database import snapshot
from tests.records.customising.conftest import TYPES, Add

from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.models import AuditEntry
from rapport.records.customising import actions, preview, sync
from rapport.records.customising.definitions import FieldDefinition
from rapport.records.customising.models import CustomField
from rapport.records.errors import Forbidden, Invalid, NotFound
from rapport.records.jobs import housekeeping
from rapport.records.read import visible
from rapport.registry import catalog
from rapport.registry.operators import by_key


def value_of(admin: Caller, row: CustomField) -> Any:
    field = catalog.current()["person"].fields[row.key]
    if field.type.key == "reference":
        return f.make(admin, "company")
    if field.type.key == "references":
        return [f.make(admin, "company")]
    return f.sample(admin, catalog.current()["person"], field)


@pytest.mark.parametrize("type_", TYPES)
def test_a_field_of_every_type_is_usable_at_once(admin: Caller, add: Add, type_: str) -> None:
    row = add(type_)
    obj = catalog.current()["person"]
    field = obj.fields[row.key]
    values: dict[str, Any] = {"last_name": "Noor"}
    if field.editable and type_ != "file":
        values[row.key] = value_of(admin, row)
    person = write.create(admin, "person", values)
    seen = visible(admin, "person")
    stored = seen.get(person).values[row.key]
    assert seen.page(columns=("name", row.key)).rows[0].values[row.key] == stored
    if field.editable and type_ != "file":
        assert not field.type.is_empty(stored)
        assert field in obj.form_fields
        assert field.type.to_text(field, stored) or type_ in {"reference", "references"}
    if by_key(field.type.operators_for(field), "not_empty"):
        count = seen.count({"field": row.key, "op": "not_empty"})
        assert count == (0 if type_ == "file" else 1)
    if field.type.sortable:
        assert [r.id for r in seen.page(sort=row.key).rows] == [person]


def test_only_administrators_define_and_a_refusal_changes_nothing(add: Add) -> None:
    row = add("text")
    ann = f.user()
    before = snapshot()
    with pytest.raises(Forbidden):
        actions.add_field(ann, "person", "text", FieldDefinition(label="Mine"))
    with pytest.raises(Forbidden):
        actions.remove_field(ann, row.pk)
    assert snapshot() == before


def test_the_label_changes_and_the_key_stays(admin: Caller, add: Add) -> None:
    row = add("text", "Shoe size!")
    assert row.key == "shoe_size"
    person = write.create(admin, "person", {"last_name": "Noor", "shoe_size": "39"})
    actions.update_field(admin, row.pk, FieldDefinition(label="Size of shoes"))
    sync.refresh()
    assert visible(admin, "person").get(person).values["shoe_size"] == "39"
    assert catalog.current()["person"].fields["shoe_size"].label == "Size of shoes"


@pytest.mark.parametrize("key", ["name", "owner_id", "class", "Upper", "1st", "csrfmiddlewaretoken", "deals", "a" * 31])
def test_keys_that_mean_something_else_are_refused(admin: Caller, key: str) -> None:
    with pytest.raises(Invalid):
        actions.add_field(admin, "person", "text", FieldDefinition(label="A field"), key=key)
    assert not CustomField.objects.exists()


def test_a_name_twice_is_refused_and_like_names_get_keys_of_their_own(admin: Caller, add: Add) -> None:
    assert add("text", "Größe").key == "groe"
    assert add("text", "Groe").key == "groe_2"
    assert add("text", "日本").key.startswith("field")
    with pytest.raises(Invalid):
        add("number", "größe")


def test_options_keep_their_ids(admin: Caller, add: Add) -> None:
    row = add("choice", "Tier")
    assert [c["value"] for c in row.choices] == ["gold", "silver"]
    person = write.create(admin, "person", {"last_name": "Noor", "tier": "gold"})
    choices = [{"value": "silver", "label": "Silver"}, {"value": "gold", "label": "Golden", "tone": "yellow"}]
    actions.update_field(admin, row.pk, FieldDefinition(label="Tier", choices=choices))
    sync.refresh()
    record = visible(admin, "person").get(person)
    assert record.values["tier"] == "gold"
    choice = catalog.current()["person"].fields["tier"].choice("gold")
    assert choice is not None
    assert (choice.label, choice.tone) == ("Golden", "yellow")
    with pytest.raises(Invalid) as refused:
        actions.update_field(admin, row.pk, FieldDefinition(label="Tier", choices=choices[:1]))
    assert "Golden" in str(refused.value)
    assert actions.update_field(admin, row.pk, FieldDefinition(label="Tier", choices=choices[1:])).choices[0]


@pytest.mark.parametrize("type_", ["choice", "multichoice"])
def test_an_option_in_use_is_found_in_either_kind(admin: Caller, add: Add, type_: str) -> None:
    row = add(type_, "Tier")
    write.create(admin, "person", {"last_name": "Noor", "tier": "silver"})
    gold = [{"value": "gold", "label": "Gold"}]
    with pytest.raises(Invalid):
        actions.update_field(admin, row.pk, FieldDefinition(label="Tier", choices=gold))


def test_a_removed_field_keeps_its_values_until_the_trash_is_emptied(admin: Caller, add: Add) -> None:
    row = add("text", "Nickname")
    person = write.create(admin, "person", {"last_name": "Noor", "nickname": "Nono"})
    actions.remove_field(admin, row.pk)
    sync.refresh()
    assert "nickname" not in catalog.current()["person"].fields
    with pytest.raises(Invalid):
        visible(admin, "person").count({"field": "nickname", "op": "not_empty"})
    write.update(admin, "person", person, {"job": "Captain"})
    actions.restore_field(admin, row.pk)
    sync.refresh()
    assert visible(admin, "person").get(person).values["nickname"] == "Nono"
    actions.remove_field(admin, row.pk)
    housekeeping.empty_trash(None)
    assert not CustomField.objects.filter(pk=row.pk).exists()
    add("text", "Nickname")
    assert visible(admin, "person").get(person).values["nickname"] == ""


def test_what_others_need_is_not_removed(admin: Caller, add: Add) -> None:
    number = add("number", "Seats")
    add("formula", "Double", options={"formula": "seats * 2"})
    with pytest.raises(Invalid) as refused:
        actions.remove_field(admin, number.pk)
    assert "Double" in str(refused.value.message)
    assert CustomField.objects.get(pk=number.pk).removed_at is None


@pytest.mark.parametrize("formula", ["", "seats +", "nothing * 2", "__import__('os')", "name * 2", "(" * 300])
def test_formulas_that_can_not_be_are_refused(admin: Caller, add: Add, formula: str) -> None:
    with pytest.raises(Invalid):
        add("formula", options={"formula": formula})
    with pytest.raises(Invalid):
        preview.formula(admin, "person", formula)


def test_a_formula_is_previewed_on_what_the_caller_sees(admin: Caller) -> None:
    f.make(admin, "person", last_name="Noor")
    assert preview.formula(admin, "person", "length(name) + 1") == [("Noor", 5)]
    nobody = f.user(rights={"person": {"read": "none"}})
    assert preview.formula(nobody, "person", "length(name) + 1") == []


def test_a_roll_up_counts_what_matches(admin: Caller, add: Add) -> None:
    won = {"field": "outcome", "op": "is", "value": "won"}
    row = add("rollup", "Deals won", options={"relation": "deals", "measure": "sum", "of": "probability", "where": won})
    person = f.make(admin, "person")
    f.make(admin, "deal", person=person, probability=20)
    assert visible(admin, "person").get(person).values[row.key] in (0, None)
    for options in ({"relation": "nothing"}, {"relation": "deals", "measure": "sum", "of": "name"}):
        with pytest.raises(Invalid):
            add("rollup", "Wrong", options=options)
    with pytest.raises(Invalid):
        add("rollup", "Wrong", options={"relation": "deals", "where": {"field": "none", "op": "is", "value": 1}})


def test_required_only_when(admin: Caller, add: Add) -> None:
    condition = {"field": "job", "op": "is", "value": "Captain"}
    add("text", "Ship", required_if=condition)
    write.create(admin, "person", {"last_name": "Noor"})
    with pytest.raises(Invalid) as refused:
        write.create(admin, "person", {"last_name": "Ahab", "job": "Captain"})
    assert list(refused.value.errors) == ["ship"]
    with pytest.raises(Invalid):
        add("text", "Wrong", required_if={"field": "job", "op": "contains", "value": "x"})


def test_a_field_is_marked_as_telling_duplicates(admin: Caller, add: Add) -> None:
    row = add("text")
    assert row.key not in catalog.current()["person"].matching
    actions.update_field(admin, row.pk, FieldDefinition(label=row.label, options={"matching": True}))
    sync.refresh()
    assert catalog.current()["person"].matching[row.key] == "code"
    actions.update_field(admin, row.pk, FieldDefinition(label=row.label))
    sync.refresh()
    assert row.key not in catalog.current()["person"].matching
    with pytest.raises(Invalid):
        add("longtext", options={"matching": True})


def test_order_is_kept(admin: Caller, add: Add) -> None:
    first, second, third = add("text", "One"), add("text", "Two"), add("text", "Three")
    actions.reorder_fields(admin, "person", [third.pk, first.pk, 999])
    sync.refresh()
    assert [n for n, s in catalog.current()["person"].fields.items() if s.custom] == ["three", "one", "two"]
    assert second.pk


def test_each_change_is_in_the_audit_log(admin: Caller, add: Add) -> None:
    row = add("text")
    actions.remove_field(admin, row.pk)
    with pytest.raises(NotFound):
        actions.remove_field(admin, row.pk)
    actions.delete_field(admin, row.pk)
    acts = list(AuditEntry.objects.order_by("id").values_list("act", flat=True))
    assert acts == ["field added", "field removed", "field deleted"]
    assert {e.actor_id for e in AuditEntry.objects.all()} == {admin.user_id}


def test_control_characters_do_no_harm(admin: Caller, add: Add) -> None:
    row = add("choice", "Ti\0er", help="a\0b", choices=[{"label": "Go\0ld"}])
    assert (row.label, row.help, row.choices[0]["label"]) == ("Tier", "ab", "Gold")
    with pytest.raises(Invalid):
        add("text", required_if={"field": "job", "op": "is", "value": "\0"})


def ways(target: str = "person") -> dict[str, str]:
    """The field at the other end of each relation of an object, by name."""
    return {name: f"{r.target}.{r.field}" for name, r in catalog.current().relations[target].items()}


def test_the_name_of_the_way_back_never_means_another_field(admin: Caller) -> None:
    f.custom_object("boat", "boats")

    def refer(object_key: str, label: str) -> CustomField:
        row = actions.add_field(admin, object_key, "reference", FieldDefinition(label=label), target="person")
        sync.refresh()
        return row

    standard = ways()
    captain, owner, sponsor = refer("boat", "Captain"), refer("boat", "Owner's friend"), refer("deal", "Sponsor")
    friend = f"boat.{owner.key}"
    named = {"boats": "boat.captain", f"boats_{owner.key}": friend, "deals_sponsor": "deal.sponsor"}
    assert ways() == {**standard, **named}
    actions.reorder_fields(admin, "boat", [owner.pk, captain.pk])
    sync.refresh()
    assert ways() == {**standard, **named}
    person = f.make(admin, "person")
    f.make(admin, "boat", **{owner.key: person})
    actions.remove_field(admin, captain.pk)
    sync.refresh()
    del named["boats"]
    assert ways() == {**standard, **named}
    assert visible(admin, "person").count({"field": f"boats_{owner.key}", "op": "has", "value": {}}) == 1
    with pytest.raises(Invalid):
        visible(admin, "person").count({"field": "boats", "op": "has", "value": {}})
    mate = refer("boat", "Mate")
    assert (mate.back, ways()["boats_mate"]) == ("boats_mate", "boat.mate")
    actions.restore_field(admin, captain.pk)
    actions.remove_field(admin, sponsor.pk)
    sync.refresh()
    assert ways() == {**standard, "boats": "boat.captain", f"boats_{owner.key}": friend, "boats_mate": "boat.mate"}
    assert field_of_person(admin, "Boats") != "boats"


def field_of_person(admin: Caller, label: str) -> str:
    """The key of a new field of people with this label."""
    return actions.add_field(admin, "person", "text", FieldDefinition(label=label)).key
