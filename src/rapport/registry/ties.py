"""Fields whose values belong to that of another one: the stages that a deal may have are those of its pipeline."""

from __future__ import annotations

from dataclasses import dataclass

from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject


@dataclass(frozen=True, slots=True)
class Tie:
    """`field` refers to records whose reference `shared` is the value of the field `by`."""

    field: str
    by: str
    shared: str


def tie_of(obj: RegisteredObject) -> Tie | None:
    """The tie that the board of an object declares: its columns lie `within` the records of another field."""
    board = obj.spec.board
    target = catalog.current().objects.get(obj.fields[board.field].target) if board and board.within else None
    if board is None or target is None:
        return None
    inside = obj.fields[board.within].target
    shared = next((f.name for f in target.fields.values() if f.target == inside), "")
    return Tie(board.field, board.within, shared) if shared else None
