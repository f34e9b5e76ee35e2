"""What a vendor is: which files it gives, which object a row becomes, which column goes where. Frozen data only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

RECORDS, USERS, STAGES, LISTS, LABELS, BODIES, FILES = (
    "records", "users", "stages", "lists", "labels", "bodies", "files",
)  # fmt: skip
"""What rows are: records; colleagues; stages of pipelines; names of price lists; names of columns; files that others
name; attachments."""


def plain(name: str) -> str:
    """A name of a column or a file as it is compared: letters and digits in lower case."""
    return "".join(c for c in name.casefold() if c.isalnum())


@dataclass(frozen=True, slots=True)
class Col:
    """Where a value stands: names of columns, separated by `|`, of which the first that is filled counts; `a+b` are
    two that are read as one text.

    `read` names what reads the text (`readers.READERS`; empty: what the type of the field suggests). `values` turns
    texts, compared in lower case, into values of ours; `other` is for those it lacks (`=`: as it is).
    """

    names: str
    read: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    other: str = "="


Cols = str | Col | tuple[Col, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ref:
    """A relation: `names` are columns with ids (several by `;`), `to` says which field takes a record of which kind.

    `by` name or email looks for records instead, in the one field that `to` has; `make` creates what no record is
    called. `sets` are values that a row gets where the record is there. Filled fields are left to who came first.
    """

    names: str
    to: Mapping[str, str]
    by: str = "id"
    make: bool = False
    sets: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """What ends a record: set in a second pass, at its own moment, when everything else is there.

    `key` is the field that says so by a value of `among` (of stages: their outcome); `fields` are held back with it,
    `at` are columns of the moment, `fill` what is set besides, by value, where nothing was given. `first` is the value
    of `key` until then.
    """

    key: str
    among: frozenset[str]
    fields: tuple[str, ...] = ()
    at: str = ""
    fill: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    first: str = ""


@dataclass(frozen=True, kw_only=True)
class Table:
    """One kind of rows. `files` are words of file names (and of keys in JSON), the longest that fits counts.

    `needs` are columns of which one must be there. `where` narrows to rows by values of columns (in lower case),
    `after` names a kind that takes rows of the same file first. `also` are further kinds read from the same file.
    `nested`: rows are the elements of this list of each JSON object. `filled` are columns of which a row must fill one.
    `constants` fill in; `keep` are columns that become custom fields although they go somewhere, `leave` patterns of
    those that are computed by the vendor. Of prices, `price_list` names
    the list that they are on, with which the currency goes.
    `path`: where the bytes of files lie, with columns in braces.
    """

    kind: str
    role: str = RECORDS
    object: str = ""
    files: tuple[str, ...] = ()
    id: str = ""
    needs: tuple[str, ...] = ()
    fields: Mapping[str, Cols] = field(default_factory=dict)
    refs: tuple[Ref, ...] = ()
    created: str = ""
    owner: str = ""
    currency: str = ""
    pipeline: str = ""
    stage: str = ""
    closed: str = ""
    won: str = ""
    probability: str = ""
    constants: Mapping[str, str] = field(default_factory=dict)
    late: Late | None = None
    where: Mapping[str, frozenset[str]] = field(default_factory=dict)
    after: str = ""
    also: tuple[str, ...] = ()
    nested: str = ""
    filled: str = ""
    price_list: str = ""
    keep: tuple[str, ...] = ()
    leave: tuple[str, ...] = ()
    custom: bool = True
    path: tuple[str, ...] = ()
    body: str = ""

    def cols(self) -> Iterator[tuple[str, Col]]:
        """(target, column) of all fields."""
        for target, given in self.fields.items():
            for one in given if isinstance(given, tuple) else (given,):
                yield target, Col(one) if isinstance(one, str) else one

    @cached_property
    def known(self) -> frozenset[str]:
        """Plain names of all columns that mean something here."""
        said = [c.names for _t, c in self.cols()] + [r.names for r in self.refs] + list(self.where)
        said += [self.id, self.created, self.owner, self.currency, self.pipeline, self.stage, self.closed, self.won]
        said += [self.probability, self.body, self.price_list, self.late.at if self.late else ""]
        return frozenset(plain(name) for text in said for name in text.replace("+", "|").split("|") if name.strip())


@dataclass(frozen=True, kw_only=True)
class Vendor:
    """A system that people move from.

    `prefixes` are cut off names of columns, `pairs` are lists of `{id, value}` in JSON. `leave` are patterns of plain
    names of columns that are computed or internal, `own` patterns of names as they are of fields that a customer made,
    which are never left. `won` and `lost` are words in names of stages; `stages` are those
    that it comes with: (id, name, probability). `id_length`: characters of an id that count (0: all).
    """

    key: str
    label: str
    tables: Sequence[Table]
    prefixes: tuple[str, ...] = ()
    pairs: tuple[str, ...] = ()
    leave: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    won: tuple[str, ...] = ("closedwon", "won", "gewonnen")
    lost: tuple[str, ...] = ("closedlost", "lost", "verloren")
    stages: tuple[tuple[str, str, int], ...] = ()
    api_zone: str = "UTC"
    id_length: int = 0

    @cached_property
    def by_kind(self) -> Mapping[str, Table]:
        """Tables by kind."""
        return {table.kind: table for table in self.tables}

    def external(self, text: str) -> str:
        """An id in the form in which it is compared."""
        return (text[: self.id_length] if self.id_length else text)[:100]

    def column(self, name: str) -> str:
        """The plain name of a column, prefixes cut off."""
        for prefix in self.prefixes:
            if name.startswith(prefix):
                return plain(name[len(prefix) :])
        return plain(name)
