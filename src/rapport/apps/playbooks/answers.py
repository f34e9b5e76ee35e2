"""Answers: whose rights they have, what they may be, and the fields that take them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from rapport.apps.playbooks import steps
from rapport.apps.playbooks.models import Reply
from rapport.lib.sql import FALSE, Sql, all_of, any_of
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.scope import live
from rapport.records.errors import Forbidden, Invalid, NotFound
from rapport.records.read import RecordView, visible
from rapport.records.write import Batch, Entry
from rapport.registry import catalog
from rapport.registry.fields import FieldError
from rapport.registry.objects import NONE

KEY = "playbook_answer"
ABOUT = ("deal", "lead", "interaction")
"""What an answer may be about: one of them, or several at once."""
COLUMNS = ("name", "reply", "options", "fills")


def scope(caller: Caller, action: str, alias: str) -> Sql:
    """Rights of every record that an answer is about: reading needs reading them, everything else editing them."""
    if caller.level(catalog.current()[KEY], action) == NONE:
        return FALSE
    needed = "read" if action in {"read", "export"} else "edit"
    inner, held = f"r{len(alias)}", []
    for key in ABOUT:
        obj = catalog.current()[key]
        allowed = live(caller, obj, needed, inner)
        there = Sql(
            f'{alias}.{key}_id IN (SELECT {inner}.id FROM "{obj.table}" {inner} WHERE {allowed.text})', allowed.params
        )
        held.append(any_of([Sql(f"{alias}.{key}_id IS NULL"), there]))
    about = Sql("(" + " OR ".join(f"{alias}.{key}_id IS NOT NULL" for key in ABOUT) + ")")
    return all_of([about, *held])


def prepare(batch: Batch) -> None:
    """Refuse what is no answer to the step, what is about nothing or about what the writer may not edit."""
    found = _steps(batch.caller, {e.get("step") for e in batch.entries} - {None})
    for entry in batch.entries:
        step = found.get(entry.get("step") or 0)
        if not any(entry.get(key) for key in ABOUT):
            entry.refuse("deal", _("Say what this is about: a deal, a lead or an interaction."))
        if step is None:
            if batch.action == "create" and "step" not in entry.errors:
                entry.refuse("step", _("Choose the step that this answers."))
            continue
        if batch.action == "create" or entry.changes("step"):
            entry.values["name"] = step["name"]
        _clean(entry, step)
    for key in ABOUT:
        _check_rights(batch, key)


def _steps(caller: Caller, ids: Iterable[int]) -> dict[int, Mapping[str, Any]]:
    keys = sorted(ids)
    if not keys:
        return {}
    rows = visible(caller, "playbook_step").page(columns=COLUMNS, ids=keys, size=len(keys)).rows
    return {row.id: row.values for row in rows}


def _clean(entry: Entry, step: Mapping[str, Any]) -> None:
    if "value" in entry.errors or not {"value", "step"} & entry.values.keys():
        return
    try:
        entry.values["value"] = steps.clean(step["reply"], entry.get("value"), steps.options(step["options"]))
    except FieldError as error:
        entry.refuse("value", error.message)


def _check_rights(batch: Batch, key: str) -> None:
    wanted = {e.values[key] for e in batch.sound() if e.changes(key) and e.values[key]}
    allowed = visible(batch.caller, key).allowed(sorted(wanted), "edit") if wanted else set()
    for entry in batch.sound():
        if entry.changes(key) and entry.values[key] and entry.values[key] not in allowed:
            entry.refuse(key, _("You may not add to this record."))


# -- fields that take answers -----------------------------------------------------------------------------------------


def effects(batch: Batch) -> None:
    """Fill the fields that take the answers, with the rights of whoever answers."""
    if batch.action not in {"create", "update"}:
        return
    given = [e for e in batch.entries if e.changes("value") and e.get("step")]
    found = _steps(batch.caller, {e.get("step") for e in given})
    for entry in given:
        step = found.get(entry.get("step"))
        if step and step["fills"]:
            _fill(batch, entry, step)


def _fill(batch: Batch, entry: Entry, step: Mapping[str, Any]) -> None:
    target = steps.target(step["fills"])
    if target is None:
        return
    obj, field = target
    caller = batch.caller
    record_id = _record(caller, entry, obj.key)
    if record_id is None:
        return
    try:
        record = visible(caller, obj).get(record_id)
        raw: Any = "true" if step["reply"] == Reply.TICK else entry.get("value")
        if field.type.key == "money":
            now = record.values.get(field.name)
            raw = [raw, now.currency if now else caller.currency]
        if record.values.get(field.name) != field.type.clean(field, raw, batch.env):
            write.update(caller, obj.key, record_id, {field.name: raw})
    except (NotFound, Forbidden) as error:
        text = _("You may not change “%(field)s”, which takes this answer.") % {"field": capfirst(str(field.label))}
        raise Invalid({"value": [text]}) from error
    except FieldError as error:
        raise Invalid({"value": [error.message]}) from error
    except Invalid as error:
        raise Invalid({"value": [text for texts in error.errors.values() for text in texts]}) from error


def _record(caller: Caller, entry: Entry, key: str) -> int | None:
    """The record of an object that an answer fills: what it is about, or the one that this refers to."""
    if key in ABOUT and entry.get(key):
        return int(entry.get(key))
    for about in ABOUT:
        if entry.get(about):
            values = visible(caller, about).get(entry.get(about)).values
            people: Sequence[int] = values.get("people") or ()
            found = values.get(key) or (people[0] if key == "person" and len(people) == 1 else None)
            if found:
                return int(found)
    return None


# -- answering --------------------------------------------------------------------------------------------------------


def of(caller: Caller, about: str, record_id: int) -> dict[int, Any]:
    """The newest answer about a record to each step, by step."""
    condition = {"field": about, "op": "is", "value": record_id}
    columns = ("step", "value", "updated_by", "updated_at")
    rows = visible(caller, KEY).page(columns=columns, filter=condition, sort="created_at", size=500).rows
    return {row.values["step"]: row for row in rows if row.values.get("step")}


def answer(caller: Caller, record: RecordView, given: Mapping[int, str]) -> None:
    """Keep answers about a record, by step; an empty one takes back what was answered.

    Raises Forbidden, and Invalid with the messages of each step under its key as text.
    """
    about = record.obj.key
    known = of(caller, about, record.id)
    for step, value in given.items():
        try:
            if step not in known:
                if value:
                    write.create(caller, KEY, {"step": step, about: record.id, "value": value})
            elif not value:
                write.delete(caller, KEY, [known[step].id])
            elif value != known[step].values["value"]:
                write.update(caller, KEY, known[step].id, {"value": value})
        except Invalid as error:
            raise Invalid({str(step): [t for texts in error.errors.values() for t in texts]}) from error
