"""`ObjectSpec`: one business object, declared. Everything but `model` is optional."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rapport.registry.fields import FieldSpec, Text

if TYPE_CHECKING:
    from django.db.models import Model

NONE, OWN, TEAM, ALL = "none", "own", "team", "all"
LEVELS = (NONE, OWN, TEAM, ALL)
ACTIONS = ("create", "read", "edit", "delete", "export")
MATCHES = (
    "given", "family", "organisation", "employer", "email", "phone", "handle", "domain", "address", "date", "code",
)  # fmt: skip
"""As what a field is compared where two records may be one: a name, a contact point, a date, a number of someone's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How far each action reaches for a role that says nothing of the object: none, own, team or all."""

    create: str = ALL
    read: str = ALL
    edit: str = ALL
    delete: str = OWN
    export: str = TEAM


@dataclass(frozen=True, slots=True)
class Made:
    """What an act says that made a record: after the act on one record, the page of the new one is shown."""

    text: Text
    key: str
    id: int

    def __str__(self) -> str:
        return str(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A named act on a record, offered on its page, in the palette and in bulk.

    `run(caller, ids)` goes through the write path and returns the text that tells what was done, or `Made`. An action
    that `asks` gets what was entered as well: `run(caller, ids, values)`, raw values by field.
    """

    key: str
    label: Text
    icon: str
    run: Callable[..., Text | Made]
    needs: str = "edit"
    asks: tuple[str, ...] = ()
    """Fields that are asked for before it is done, together also where another way needs one of them."""
    inputs: tuple[FieldSpec, ...] = ()
    """What is asked for besides, of the act's own."""
    offered: Mapping[str, Any] | None = None
    """A filter that a record must satisfy for the action to be offered."""

    @property
    def wants(self) -> tuple[str, ...]:
        """Names of all that is asked for."""
        return (*self.asks, *(field.name for field in self.inputs))


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What a card warns of: a badge, and with `flag` a coloured edge of the card."""

    text: Text
    tone: str = "orange"
    icon: str = "clock"
    flag: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A board: columns are the values of `field` (choice or reference); `total` is summed per column.

    Amounts of money are summed in the organisation's currency, at the rate of the day in the field `dated`, else at
    the newest; `weight` names a field of per cent, by which they are weighted as well. `within` names a reference that
    the columns' records and the cards share (a pipeline); `card` are the fields shown. `tone` names a choice of the
    columns' records that colours them. `marks(caller, rows)` gives marks by key of record for a page of cards, in a
    number of statements that does not grow with them; it may read `needs` of each row.
    """

    field: str
    total: str = ""
    weight: str = ""
    dated: str = ""
    within: str = ""
    card: tuple[str, ...] = ()
    tone: str = ""
    marks: Callable[[Any, Any], Mapping[int, list[Mark]]] | None = None
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectSpec:
    """One business object: a model and what to make of it. Frozen; checked at start-up by `registry.checks`."""

    model: type[Model]
    key: str = ""
    plural: str = ""
    label: Text = ""
    label_plural: Text = ""
    icon: str = "box"
    title: str = "name"
    subtitle: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    form: tuple[str, ...] = ()
    """Fields of the form in order; empty: every editable one. Fields of `quick` are those of quick create."""
    quick: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    sort: str = "-updated_at"
    board: Board | None = None
    calendar: str = ""
    yearly: bool = False
    """Whether the date of the calendar comes again every year, as a birthday does."""
    access: Access = Access()
    actions: tuple[Action, ...] = ()
    choosable: Mapping[str, Any] | None = None
    """A filter that a record must satisfy to be offered where a form refers to it; what is chosen already stays."""
    merges: bool = True
    """Whether several records may become one; not where each stands for itself, as a numbered document does."""
    matching: Mapping[str, str] = field(default_factory=dict)
    """Fields by which two records are known to be one, each with what it is (one of `MATCHES`); custom fields are
    marked in their settings."""
    extra: tuple[FieldSpec, ...] = ()
    """Fields without a column of the model: many references, roll-ups, formulas."""
    required_if: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    derived: tuple[str, ...] = ()
    """Columns kept up by the system outside the change log."""
    readonly: tuple[str, ...] = ()
    """Columns that `prepare` fills in and nobody sets."""
    hidden: tuple[str, ...] = ()
    """Columns that are no fields at all."""
    parent: str = ""
    """A reference whose record's rights are this record's rights."""
    scope: Callable[[Any, str, str], Any] | None = None
    """`scope(caller, action, alias)`: the SQL of row rights, for an object whose rights follow no common rule."""
    prepare: Callable[[Any], None] | None = None
    """`prepare(batch)`: fills in what follows from the input, before anything is checked for being required."""
    settle: Callable[[Any], None] | None = None
    """`settle(batch)`: sets what must not be spent on a refused record, such as numbers without gaps: in the
    transaction, when everything was checked and before anything is written."""
    effects: tuple[Callable[[Any], None], ...] = ()
    """`effect(batch)`: writes what belongs to the record, in its transaction."""
    ready: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    """What effects need that can be made of new records before they have keys, without the database, as
    `extensions.Within.prepare` says; they find it in `batch.ready`, by these names."""
    navigation: int = 0
    """Place in the main menu, ascending; 0: not shown there."""
    menu: str = ""
    """The part of the main menu (`extensions.MenuGroup`); empty: the first one."""
    beside: bool = False
    """Whether it waits under "More" of its part of the menu."""
    fixed: Mapping[str, Any] = field(default_factory=dict)
    """Column values that all records of the object have and no other rows of the table (custom objects)."""
