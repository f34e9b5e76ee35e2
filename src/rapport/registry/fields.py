"""`FieldSpec`: one field of an object, however it is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rapport.registry.types.base import FieldType

Text = Any
"""A text for people: a `str` or a lazy translation; `str()` gives it in the active language."""


class FieldError(ValueError):
    """An input that a field refuses; the message tells the user what to do."""

    def __init__(self, message: Text) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class Choice:
    """An option: `value` is stored and never changes, `label` is shown, `tone` names a badge colour of the UI.

    A retired one stays where it was chosen, and forms offer it nowhere else.
    """

    value: str
    label: Text
    tone: str = "neutral"
    retired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSpec:
    """One field. Derived from a model field, from a custom-field row, or declared in `ObjectSpec.extra`."""

    name: str
    type: FieldType
    label: Text
    help: Text = ""
    column: str = ""
    custom: bool = False
    required: bool = False
    required_if: Mapping[str, Any] | None = None
    unique: bool = False
    editable: bool = True
    indexed: bool = False
    derived: bool = False
    default: Any = None
    choices: tuple[Choice, ...] = ()
    target: str = ""
    back: str = ""
    """Of a custom reference: the name of the way back in filters of the target."""
    max_length: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    def choice(self, value: Any) -> Choice | None:
        """The option with this value."""
        return next((c for c in self.choices if c.value == value), None)
