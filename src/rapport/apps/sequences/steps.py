"""Steps of a sequence: what is filled in and checked, their order, and which one comes next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from rapport.apps.sequences.models import StepKind
from rapport.features.wording import placeholders
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.read import visible
from rapport.records.write import Batch, Entry, update_each

ABOUT = ("person", "company", "deal")
"""Objects whose fields the texts of a step may name."""
KEY = "sequence_step"
MOST = 100


@dataclass(frozen=True, slots=True)
class Step:
    """A step as it is planned: its key, its place and its day."""

    id: int
    position: int
    day: int


@dataclass(frozen=True, slots=True)
class Made:
    """A step that was made: its key (None: gone since), its place and its day then."""

    step: int | None
    position: int
    day: int


def prepare(batch: Batch) -> None:
    """A place behind the others, a name, wording that can be filled and, for mail, that is there."""
    placeholders.check(batch, ("subject", "body"), ABOUT)
    last = _last_places(batch) if batch.action == "create" else {}
    titles = _templates(e.get("template") for e in batch.entries)
    for entry in batch.entries:
        if batch.action == "create" and not entry.get("position"):
            place = last[entry.get("sequence")] = last.get(entry.get("sequence"), 0) + 1
            entry.values["position"] = place
        if entry.get("kind") == StepKind.MAIL:
            _check_mail(entry)
        elif not entry.get("subject"):
            call = entry.get("kind") == StepKind.CALL
            entry.values["subject"] = _("Call {{ person.name }}") if call else _("Follow up with {{ person.name }}")
        entry.values["name"] = str(entry.get("subject") or titles.get(entry.get("template")) or "")[:250]


def _check_mail(entry: Entry) -> None:
    own = entry.get("subject"), entry.get("body")
    if entry.get("template"):
        if any(own):
            entry.refuse("template", _("Choose a template, or write a subject and a text: not both."))
    elif not all(own):
        entry.refuse("subject", _("A mail needs a subject and a text, or a template."))


def _last_places(batch: Batch) -> dict[int, int]:
    keys = sorted({e.get("sequence") for e in batch.entries if e.get("sequence")})
    found: dict[int, int] = {}
    for part in db.chunks(keys):
        text = f"SELECT sequence_id, MAX(position) FROM sequences_sequencestep WHERE sequence_id IN ({db.marks(part)})"
        found.update(db.rows(Sql(f"{text} AND deleted_at IS NULL GROUP BY sequence_id", tuple(part))))
    return found


def _templates(keys: Iterable[int | None]) -> dict[int, str]:
    wanted = sorted({key for key in keys if key})
    if not wanted:
        return {}
    text = f"SELECT id, name FROM mailing_mailtemplate WHERE id IN ({db.marks(wanted)})"
    return dict(db.rows(Sql(text, tuple(wanted))))


def of_sequences(keys: Iterable[int]) -> dict[int, list[Step]]:
    """The steps of sequences in their order."""
    found: dict[int, list[Step]] = {key: [] for key in keys}
    for part in db.chunks(sorted(found)):
        text = (
            "SELECT sequence_id, id, position, day FROM sequences_sequencestep "
            f"WHERE deleted_at IS NULL AND sequence_id IN ({db.marks(part)}) ORDER BY position, id"
        )
        for sequence, key, position, day in db.rows(Sql(text, tuple(part))):
            found[sequence].append(Step(key, position, day))
    return found


def following(steps: Sequence[Step], made: Sequence[Made]) -> tuple[Step | None, int]:
    """The step after those that were made, None at the end; and the day of the last one made, 0 before the first.

    Steps that were put before it since are left out, and none is made twice.
    """
    if not made:
        return (steps[0] if steps else None), 0
    places: Mapping[int, int] = {step.id: step.position for step in steps}
    done = {m.step for m in made}
    reached = max(places.get(m.step or 0, m.position) for m in made)
    last = max(made, key=lambda m: (m.day, m.position))
    return next((s for s in steps if s.position > reached and s.id not in done), None), last.day


@transaction.atomic
def move(caller: Caller, step: int, by: int) -> int:
    """Move a step up (-1) or down (1) in its sequence; the key of that. Raises NotFound, Forbidden."""
    sequence: int = visible(caller, KEY).get(step).values["sequence"]
    order = [s.id for s in of_sequences([sequence])[sequence]]
    place = order.index(step)
    order.insert(max(0, place + by), order.pop(place))
    update_each(caller, KEY, [(key, {"position": number}) for number, key in enumerate(order, 1)])
    return sequence
