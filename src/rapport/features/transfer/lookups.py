"""References by name: records by their title, users by name or mail address, teams by name; keys too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from rapport.lib.sql import Sql, one_of
from rapport.records import db, write
from rapport.records.accounts.caller import Caller
from rapport.records.read import visible
from rapport.registry import catalog
from rapport.registry.fields import FieldSpec

MOST_IN_MEMORY = 300_000
SEVERAL = -1


class NotHere(Exception):
    """A record is to be made, and not by this process."""


class Lookup:
    """The targets of one field by what people write for them. Unknown names are created where the mapping says so."""

    def __init__(
        self, caller: Caller, field: FieldSpec, *, create: bool, names: Mapping[str, int] | None = None,
        otherwise: int | None = None,
    ) -> None:  # fmt: skip
        """`names`: who is meant by names that nobody has; `otherwise`: who, where that is not said either."""
        self.caller, self.field, self.create = caller, field, create
        self.names, self.otherwise = names or {}, otherwise
        self.made: dict[str, str] = {}
        self.known: dict[str, int] = {}
        self.found: dict[str, int] = {}
        self.complete = False
        self.creates = create and field.type.key in {"reference", "references", "participants"}
        self.only_reads = False

    def load(self) -> None:
        """Read the names once, or leave them to be asked for in sets where there are too many."""
        self.known.clear()
        self.found.clear()
        if self.field.type.key in {"user", "team"}:
            self._load_accounts()
            return
        seen, obj = visible(self.caller, self.field.target), catalog.current()[self.field.target]
        where, title = seen.where(), obj.fields[obj.spec.title].column
        text = (
            f'SELECT t.id, t."{title}" FROM "{obj.table}" t WHERE {where.text} ORDER BY t.id LIMIT {MOST_IN_MEMORY + 1}'
        )
        rows = db.rows(Sql(text, where.params))
        self.complete = len(rows) <= MOST_IN_MEMORY
        if self.complete:
            self._keep(rows)

    def _load_accounts(self) -> None:
        if self.field.type.key == "team":
            self._keep(db.rows(Sql("SELECT id, name FROM records_team")))
        else:
            self._keep(db.rows(Sql("SELECT id, name FROM records_user WHERE is_active")))
            self._keep(db.rows(Sql("SELECT id, email FROM records_user WHERE is_active")))
        for name, key in self.names.items():
            self.known.setdefault(fold(name), key)
        self.complete = True

    def _keep(self, rows: Iterable[tuple[Any, ...]]) -> None:
        for key, title in rows:
            name = fold(title)
            self.known[name] = key if self.known.get(name, key) == key else SEVERAL

    def reads_only(self) -> None:
        """Leave it to another process to make what is missing: raise NotHere then. What it has made is found."""
        self.only_reads = True
        self.complete = self.complete and not self.creates

    def prepare(self, texts: Iterable[str]) -> None:
        """Make sure of everything that is known of these names; make the missing ones where that is wished."""
        wanted: dict[str, str] = {}
        for text in texts:
            if text not in self.found:
                wanted.setdefault(fold(text), text)
        missing = [name for name in wanted if name not in self.known]
        if missing and not self.complete:
            self._ask([wanted[name] for name in missing])
            missing = [name for name in missing if name not in self.known]
        if self.creates and (new := [wanted[name] for name in missing if not is_key(name)]):
            if self.only_reads:
                raise NotHere
            self._make(new)

    def _ask(self, texts: list[str]) -> None:
        seen, obj = visible(self.caller, self.field.target), catalog.current()[self.field.target]
        where, title = seen.where(), obj.fields[obj.spec.title].column
        column = db.dialect().sort_text(f't."{title}"')
        for part in db.chunks(texts):
            named = one_of(column, part)
            text = f'SELECT t.id, t."{title}" FROM "{obj.table}" t WHERE {named.text} AND {where.text}'
            self._keep(db.rows(Sql(text, (*named.params, *where.params))))

    def _make(self, texts: list[str]) -> None:
        obj = catalog.current()[self.field.target]
        title = obj.fields[obj.spec.title]
        if not self._may_make():
            return
        created = write.create_many(self.caller, obj.key, [{title.name: text} for text in texts])
        self._keep((key, text) for key, text in zip(created.ids, texts, strict=True) if key is not None)
        self.made |= {fold(text): text for key, text in zip(created.ids, texts, strict=True) if key is not None}

    def _may_make(self) -> bool:
        """Whether the caller may make records with a name; who may not finds none."""
        obj = catalog.current()[self.field.target]
        return self.caller.may(obj, "create") and self.caller.edits(obj, obj.fields[obj.spec.title])

    def find(self, text: str) -> int | None:
        """The key for a name, or a key itself; None for none. Raises ValueError with a sentence for the user."""
        if (key := self.found.get(text)) is not None:
            return key
        found = self.known.get(fold(text))
        if found is not None and found != SEVERAL and len(self.found) < MOST_IN_MEMORY:
            self.found[text] = found
        if found == SEVERAL:
            raise ValueError(
                _("Several records are called “%(name)s”. Use the number of the right one.") % {"name": plain(text)}
            )
        return int(text) if found is None and is_key(text) else self.otherwise if found is None else found


class TiedLookup(Lookup):
    """The targets of a field within those of another: stages by the pipeline and their name, or by their name alone.

    Texts are asked for as `within` makes them.
    """

    def __init__(self, caller: Caller, field: FieldSpec, shared: str, *, create: bool) -> None:
        super().__init__(caller, field, create=create)
        self.shared = shared

    def load(self) -> None:
        """Read all of them: they are few."""
        self.known.clear()
        self.found.clear()
        seen, obj = visible(self.caller, self.field.target), catalog.current()[self.field.target]
        where, title, shared = seen.where(), obj.fields[obj.spec.title].column, obj.fields[self.shared].column
        text = f'SELECT t.id, t."{title}", t."{shared}" FROM "{obj.table}" t WHERE {where.text} ORDER BY t.id'
        for key, name, inside in db.rows(Sql(text, where.params)):
            self._keep([(key, name), (key, within(inside, name))])
        self.complete = not (self.creates and self.only_reads)

    def _ask(self, texts: list[str]) -> None:
        self.load()

    def _make(self, texts: list[str]) -> None:
        obj = catalog.current()[self.field.target]
        title = obj.fields[obj.spec.title]
        parts = [(text, *text.split(WITHIN)) for text in texts if WITHIN in text and not is_key(plain(text))]
        if not parts or not self._may_make():
            return
        rows = [{title.name: name, self.shared: int(inside)} for _text, inside, name in parts]
        created = write.create_many(self.caller, obj.key, rows)
        for key, (text, _inside, name) in zip(created.ids, parts, strict=True):
            if key is not None:
                self._keep([(key, text), (key, name)])
                self.made[fold(text)] = name

    def find(self, text: str) -> int | None:
        """As of every lookup; a number is the key of a target wherever that lies."""
        name = plain(text)
        key = super().find(text)
        return int(name) if key is None and is_key(name) else key


WITHIN = "\0"


def plain(text: str) -> str:
    """A name without what it lies within."""
    return text.rpartition(WITHIN)[2]


def within(inside: int, name: str) -> str:
    """A name within the record with the key `inside`, to be looked up."""
    return f"{inside}{WITHIN}{name}"


def is_key(text: str) -> bool:
    """Whether a text can be the number of a record."""
    return text.isascii() and text.isdecimal() and len(text) < 19


def fold(text: str) -> str:
    """A name as it is compared: without case and outer or double spaces."""
    return " ".join(text.casefold().split())
