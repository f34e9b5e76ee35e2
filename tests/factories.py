"""What tests are made of: an organisation, users with roles, records of every object, custom objects."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from rapport.records import write
from rapport.records.accounts import caller as callers
from rapport.records.accounts import epochs
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.models import Organisation, Role, Team, User
from rapport.records.customising import sync
from rapport.records.customising.models import CustomField, CustomObject
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.registry.fields import FieldSpec

_count = itertools.count(1)


def organisation() -> Organisation:
    """The organisation: German, euros, Berlin."""
    found = Organisation.objects.first()
    return found or Organisation.objects.create(name="Acme", country="DE", currency="EUR", zone="Europe/Berlin")


def user(
    name: str = "Ann", *, admin: bool = False, teams: tuple[Team, ...] = (), rights: Any = None, fields: Any = None
) -> Caller:
    """A user as caller; `rights` and `fields` make a role of its own."""
    organisation()
    number = next(_count)
    made = User.objects.create_user(
        f"{name.lower()}{number}@example.com", "correct horse battery", name=name, is_admin=admin, zone="Europe/Berlin"
    )
    made.teams.set(teams)
    if rights is not None or fields is not None:
        made.roles.add(Role.objects.create(name=f"{name} {number}", rights=rights or {}, fields=fields or {}))
    epochs.raise_(epochs.RIGHTS)
    return caller_of(made.pk)


def caller_of(user_id: int | None) -> Caller:
    """The caller of a user as of now."""
    assert user_id is not None
    found = callers.of_user(user_id)
    assert found is not None
    return found


def admin() -> Caller:
    """An administrator."""
    return user("Ada", admin=True)


def make(caller: Caller, key: str, **values: Any) -> int:
    """A record with plausible values for what is required."""
    return write.create(caller, key, {**required(caller, key), **values})


def required(caller: Caller, key: str) -> dict[str, Any]:
    """Values for the required fields of an object, made with the records that they refer to."""
    obj = catalog.current()[key]
    given = {f.name: sample(caller, obj, f) for f in obj.fields.values() if f.required}
    if key == "person":
        given["last_name"] = f"Lovelace {next(_count)}"
    if key == "deal":
        stage = make(callers.system(), "stage")
        given |= {"stage": stage, "pipeline": write_values(caller, "stage", stage)["pipeline"]}
    if key == "playbook_answer":
        targets = {"step": "playbook_step", "deal": "deal"}
        given |= {name: make(callers.system(), target) for name, target in targets.items()}
    return given


def different(caller: Caller, key: str) -> dict[str, Any]:
    """Values without which two records of an object would be one to it."""
    if key == "person":
        return {"last_name": f"P{next(_count)}"}
    return {"person": make(caller, "person")} if key == "enrollment" else {}


def write_values(caller: Caller, key: str, record_id: int) -> dict[str, Any]:
    """The values of a record."""
    from rapport.records.read import visible

    return visible(caller, key).get(record_id).values


def sample(caller: Caller, obj: RegisteredObject, field: FieldSpec) -> Any:
    """A valid value of a field."""
    number = next(_count)
    if (obj.key, field.name) in FITTING:
        fitting = FITTING[obj.key, field.name]
        return fitting(caller) if callable(fitting) else fitting
    match field.type.key:
        case "reference":
            return make(callers.system(), field.target)
        case "references" | "participants":
            return [make(callers.system(), field.target)]
        case "user":
            return caller.user_id
        case "choice":
            return field.choices[0].value
        case "multichoice":
            return [field.choices[0].value]
        case "team" | "file":
            return None
        case other:
            return SAMPLES[other](number)


FITTING: dict[tuple[str, str], Any] = {
    ("surveyanswer", "score"): 4,
    ("outgoing_mail", "copies"): "copy@example.com",
    ("playbook_step", "fills"): "deal.description",
    ("playbook_step", "options"): "One\nTwo",
    ("ticketentry", "by_mail"): False,
    ("relation_kind", "retired"): False,
    ("event_source", "origins"): "https://shop.example",
    ("comment", "object_key"): "company",
    ("sequence", "hour"): 10,
    ("enrollment", "sequence"): lambda caller: write_values(caller, "sequence_step", make(caller, "sequence_step"))[
        "sequence"
    ],
    ("comment", "record_id"): lambda caller: make(callers.system(), "company"),
}
"""Values of fields that not every sample of their type suits, or what makes one for a caller."""
SAMPLES: dict[str, Any] = {
    "text": lambda n: f"Text {n}",
    "longtext": lambda n: f"Some *text* {n}\n\nand more",
    "number": lambda n: n % 100,
    "decimal": lambda n: f"{n % 100}.25",
    "money": lambda n: {"amount": n * 100 + 1, "currency": "EUR"},
    "currency": lambda n: "EUR",
    # One after the other, since what ends may not end before it began.
    "date": lambda n: str(dt.date(2016, 1, 1) + dt.timedelta(days=n % 3600)),
    "datetime": lambda n: f"{dt.date(2016, 1, 1) + dt.timedelta(days=n % 3600)}T10:30:00Z",
    "boolean": lambda n: True,
    "email": lambda n: f"mail{n}@example.com",
    "phone": lambda n: f"+4930{1000000 + n}",
    "url": lambda n: f"https://example.com/{n}",
    "address": lambda n: {"street": f"Road {n}", "city": "Berlin"},
    "json": lambda n: {"n": n},
    "emails": lambda n: [{"value": f"person{n}@example.com", "label": "work"}],
    "phones": lambda n: [{"value": f"+4930{2000000 + n}", "label": "work"}],
    "addresses": lambda n: [{"street": f"Way {n}", "city": "Hamburg", "label": "home"}],
    "handles": lambda n: [{"value": f"user{n}", "label": "linkedin"}],
    "domains": lambda n: [{"value": f"host{n}.example.com"}],
}


def custom_field(object_key: str, key: str, type_: str, **values: Any) -> CustomField:
    """A custom field, known to the catalog at once."""
    row = CustomField.objects.create(object_key=object_key, key=key, type=type_, label=key.capitalize(), **values)
    epochs.raise_(epochs.REGISTRY)
    sync.refresh()
    return row


def custom_object(key: str = "boat", plural: str = "boats") -> CustomObject:
    """A custom object, known to the catalog at once."""
    row = CustomObject.objects.create(key=key, plural=plural, label=key.capitalize(), label_plural=plural.capitalize())
    epochs.raise_(epochs.REGISTRY)
    sync.refresh()
    return row


ALL_TYPES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("c_text", "text", {}),
    ("c_long", "longtext", {}),
    ("c_number", "number", {}),
    ("c_decimal", "decimal", {"options": {"places": 2}}),
    ("c_money", "money", {}),
    ("c_date", "date", {}),
    ("c_moment", "datetime", {}),
    ("c_bool", "boolean", {}),
    ("c_choice", "choice", {"choices": [{"value": "a", "label": "Alpha"}, {"value": "b", "label": "Beta"}]}),
    ("c_choices", "multichoice", {"choices": [{"value": "a", "label": "Alpha"}, {"value": "b", "label": "Beta"}]}),
    ("c_email", "email", {}),
    ("c_phone", "phone", {}),
    ("c_url", "url", {}),
    ("c_person", "reference", {"target": "person"}),
    ("c_people", "references", {"target": "person"}),
    ("c_user", "user", {}),
    ("c_address", "address", {}),
    ("c_json", "json", {}),
    ("c_formula", "formula", {"options": {"formula": "c_number * 2 + 1", "result": "number"}}),
)


def every_custom_field(object_key: str) -> list[str]:
    """A custom field of each type on an object; their keys."""
    for key, type_, values in ALL_TYPES:
        CustomField.objects.create(object_key=object_key, key=key, type=type_, label=key, **values)
    epochs.raise_(epochs.REGISTRY)
    sync.refresh()
    return [key for key, _t, _v in ALL_TYPES]
