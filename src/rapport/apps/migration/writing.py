"""Sets of items through the write path: what is known is left, relations are found, the rest is made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext as _

from rapport.apps.migration import provenance
from rapport.apps.migration.rows import Item, Shaper, ids_of
from rapport.apps.migration.shapes import Ref, Table, Vendor
from rapport.features.transfer.lookups import Lookup
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid, NotFound
from rapport.records.read import visible
from rapport.records.write.creating import Created
from rapport.registry import extensions
from rapport.registry.catalog import RegisteredObject

REFUSALS = (Invalid, IntegrityError, DataError)
MANY = frozenset({"references", "participants"})
BY_TITLE = frozenset({"company", "product", "queue", "tag"})
"""Objects of which a record that is there already is taken for the one of the same name."""


class Writer:
    """Writes the items of one file."""

    def __init__(self, caller: Caller, vendor: Vendor, table: Table, shaper: Shaper, migration_id: int) -> None:
        self.caller, self.vendor, self.table, self.obj = caller, vendor, table, shaper.obj
        self.migration_id = migration_id
        self.lookups: dict[str, Lookup] = {}
        fields = self.obj.fields
        for ref in table.refs:
            if ref.by == "name":
                name = next(iter(ref.to.values()))
                if name in fields:
                    self.lookups[name] = Lookup(caller, fields[name], create=ref.make)

    def load(self) -> None:
        """Read the names that rows may refer to."""
        for lookup in self.lookups.values():
            lookup.load()

    # -- relations ----------------------------------------------------------------------------------------------------

    def relate(self, items: Sequence[Item], *, own: bool = False) -> None:
        """Put the records into the items that they refer to; `own` those of the same file, `late` where they hang."""
        for ref in {id(r): r for item in items for r, _texts in item.wants}.values():
            wants = [(item, texts) for item in items for r, texts in item.wants if r is ref]
            if ref.by == "id":
                self._by_id(ref, wants, own=own)
            elif not own:
                self._by_name(ref, wants) if ref.by == "name" else self._by_email(ref, wants)

    def _by_id(self, ref: Ref, wants: Sequence[tuple[Item, list[str]]], *, own: bool) -> None:
        texts = [self.vendor.external(text) for _item, given in wants for text in given]
        kinds = [kind for kind in ref.to if (kind == self.table.kind) is own]
        found = {kind: provenance.find(self.vendor.key, kind, texts) for kind in kinds}
        for item, given in wants:
            for text in given:
                self._take(item, ref, self.vendor.external(text), found, own=own)

    def _take(
        self, item: Item, ref: Ref, text: str, found: Mapping[str, Mapping[str, provenance.Became]], *, own: bool
    ) -> None:
        for kind, became in ((k, f[text]) for k, f in found.items() if text in f):
            name = ref.to[kind]
            spec = self.obj.fields.get(name)
            if spec is not None and spec.target == became.object_key:
                _set(item.late if own else item.values, self.obj, name, became.record_id)
            for field, value in ref.sets.items():
                item.values[field] = value
            return
        if not own and self.table.kind not in ref.to:
            names = ", ".join(dict.fromkeys(name for name in ref.to.values() if name))
            item.notes.append(_("%(field)s: %(id)s is not among what was brought over.") % {"field": names, "id": text})

    def _by_name(self, ref: Ref, wants: Sequence[tuple[Item, list[str]]]) -> None:
        name = next(iter(ref.to.values()))
        lookup = self.lookups.get(name)
        if lookup is None:
            return
        many = self.obj.fields[name].type.key in MANY
        wants = [(item, given) for item, given in wants if many or not item.values.get(name)]
        lookup.prepare(text for _item, given in wants for text in given)
        for item, given in wants:
            for text in given:
                try:
                    key = lookup.find(text)
                except ValueError as error:
                    item.notes.append(f"{lookup.field.label}: {error}")
                    continue
                if key is not None:
                    _set(item.values, self.obj, name, key)
                else:
                    said = {"field": lookup.field.label, "name": text}
                    item.notes.append(_("%(field)s: there is none called “%(name)s”.") % said)

    def _by_email(self, ref: Ref, wants: Sequence[tuple[Item, list[str]]]) -> None:
        name = next(iter(ref.to.values()))
        spec = self.obj.fields.get(name)
        found = _holders(self.caller, spec.target, [t for _i, given in wants for t in given]) if spec else {}
        for item, given in wants:
            for text in given:
                if text.casefold() in found and ((spec and spec.type.key in MANY) or not item.values.get(name)):
                    _set(item.values, self.obj, name, found[text.casefold()])

    # -- records ------------------------------------------------------------------------------------------------------

    def fresh(self, items: Sequence[Item]) -> tuple[list[Item], list[Item]]:
        """Items that are new, and those that have come before or come twice."""
        known = provenance.find(self.vendor.key, self.table.kind, ids_of(items))
        new: dict[str, Item] = {}
        old = []
        for item in items:
            if item.external in known or item.external in new:
                old.append(item)
            else:
                new[item.external] = item
        return list(new.values()), old

    def prepare(self, items: Sequence[Item]) -> Callable[[], list[tuple[str, int]]]:
        """Everything that needs no lock; what this gives writes the items, in the transaction at hand.

        It gives (id at the vendor, record); items that were refused have `errors` afterwards. It raises one of
        `REFUSALS` where the set as a whole is refused; roll back then and call `create`.
        """
        joined = self._joined(items)
        rest = [item for item in items if item.external not in joined]
        moments = cast("Sequence[dt.datetime]", [item.at for item in rest])
        batch = write.cleaned(self.caller, self.obj.key, [item.values for item in rest], moments)

        def insert() -> list[tuple[str, int]]:
            self._fill({joined[i.external]: i.values for i in items if i.external in joined})
            return [*joined.items(), *self._made(rest, write.insert(batch))]

        return insert

    def create(self, items: Sequence[Item]) -> list[tuple[str, int]]:
        """The same where the set was refused as a whole: what can be written is."""
        joined = self._joined(items)
        self._fill({joined[i.external]: i.values for i in items if i.external in joined})
        return [*joined.items(), *self._write([item for item in items if item.external not in joined])]

    def _joined(self, items: Sequence[Item]) -> dict[str, int]:
        """Records that are there already and tell by address or name that they are the same."""
        found = self._same(items)
        taken = provenance.taken(self.vendor.key, self.obj.key, list(found.values()))
        joined: dict[str, int] = {}
        for external, key in found.items():
            if key not in taken:
                taken.add(key)
                joined[external] = key
        return joined

    def _same(self, items: Sequence[Item]) -> dict[str, int]:
        if self.obj.key in BY_TITLE:
            title = self.obj.spec.title
            wanted = {str(i.values.get(title, "")).casefold(): i.external for i in reversed(items)}
            lookup = self.lookups.setdefault("", Lookup(self.caller, _pointing(self.obj), create=False))
            if not lookup.known and not lookup.complete:
                lookup.load()
            pairs = ((external, _known(lookup, text)) for text, external in wanted.items() if text)
            return {external: key for external, key in pairs if key is not None}
        emails = {
            point["value"].casefold(): item.external
            for item in reversed(items)
            for point in item.values.get("emails") or ()
            if isinstance(point, dict)
        }
        found = _holders(self.caller, self.obj.key, list(emails)) if emails else {}
        return {emails[text]: key for text, key in found.items() if text in emails}

    def _fill(self, given: Mapping[int, Mapping[str, Any]]) -> None:
        """Set fields of records that are empty."""
        if not given:
            return
        allowed = visible(self.caller, self.obj.key).allowed(sorted(given), "edit")
        names = sorted({name for key in allowed for name in given[key]} - {"owner", "team"})
        ids = sorted(allowed)
        changes = []
        for row in visible(self.caller, self.obj.key).page(columns=tuple(names), ids=ids, size=max(len(ids), 1)).rows:
            gaps = {n: v for n, v in given[row.id].items() if n in names and not row.values.get(n)}
            if gaps:
                changes.append((row.id, gaps))
        for change in changes:
            try:
                write.update_each(self.caller, self.obj.key, [change])
            except REFUSALS:
                continue

    def _write(self, items: Sequence[Item]) -> list[tuple[str, int]]:
        """Create; where the set is refused its halves."""
        if not items:
            return []
        try:
            created = self._create(items)
        except REFUSALS as error:
            if len(items) == 1:
                items[0].errors += _messages(self.obj, error)
                return []
            middle = len(items) // 2
            return self._write(items[:middle]) + self._write(items[middle:])
        return self._made(items, created)

    def _made(self, items: Sequence[Item], created: Created) -> list[tuple[str, int]]:
        """What was made; those of which a value was refused once more, without it."""
        made = [(item.external, key) for item, key in zip(items, created.ids, strict=True) if key is not None]
        again = []
        for position, errors in created.errors.items():
            item = items[position]
            removed = [name for name in errors if item.values.get(name) not in (None, "")]
            for name in removed:
                item.notes += _sentences(self.obj, {name: errors[name]}, item.values.pop(name))
            if removed:
                again.append(item)
            else:
                item.errors += _sentences(self.obj, errors)
        return made + (self._write(again) if again else [])

    def _create(self, items: Sequence[Item]) -> Created:
        moments = cast("Sequence[dt.datetime]", [item.at for item in items])
        return write.create_many(self.caller, self.obj.key, [item.values for item in items], at=moments)

    # -- the second pass ----------------------------------------------------------------------------------------------

    def finish(self, items: Sequence[Item]) -> int:
        """Set what comes late, of records that this migration made; how many. What is refused is noted."""
        found = provenance.find(self.vendor.key, self.table.kind, ids_of(items))
        changes: dict[int, Item] = {}
        for item in items:
            became = found.get(item.external)
            if item.late and became is not None and became.migration_id == self.migration_id:
                changes[became.record_id] = item
        self._update(list(changes.items()))
        return len(changes)

    def _update(self, changes: Sequence[tuple[int, Item]]) -> None:
        if not changes:
            return
        at = {key: item.late_at for key, item in changes if item.late_at}
        try:
            with transaction.atomic():
                errors = write.update_each(
                    self.caller, self.obj.key, [(key, item.late) for key, item in changes], at=at
                )
        except (*REFUSALS, NotFound) as error:
            if len(changes) == 1:
                changes[0][1].notes += _messages(self.obj, error)
                return
            middle = len(changes) // 2
            self._update(changes[:middle])
            self._update(changes[middle:])
            return
        for key, item in changes:
            if key in errors:
                item.notes += _sentences(self.obj, errors[key])


def _set(values: dict[str, Any], obj: RegisteredObject, name: str, key: int) -> None:
    if obj.fields[name].type.key in MANY:
        values[name] = [*values.get(name, ()), *([] if key in values.get(name, ()) else [key])]
    elif not values.get(name):
        values[name] = key


def _pointing(obj: RegisteredObject) -> Any:
    """A field that refers to an object, to look its records up by name."""
    from rapport.registry.fields import FieldSpec
    from rapport.registry.types import TYPES

    return FieldSpec(name="same", type=TYPES["reference"], label="", target=obj.key)


def _known(lookup: Lookup, text: str) -> int | None:
    lookup.prepare([text])
    try:
        return lookup.find(text) if not text.isdecimal() else None
    except ValueError:
        return None


def _holders(caller: Caller, object_key: str, emails: Sequence[str]) -> dict[str, int]:
    """Whom mail addresses tell, in lower case, of those that the caller sees."""
    for known in extensions.all_of(extensions.Identity):
        if known.object_key == object_key and known.field == "emails":
            found = dict(known.find([e.casefold() for e in emails]))
            seen = set(visible(caller, object_key).allowed(sorted(set(found.values())))) if found else set()
            return {text.casefold(): key for text, key in found.items() if key in seen}
    return {}


def _messages(obj: RegisteredObject, error: Exception) -> list[str]:
    if isinstance(error, Invalid):
        return _sentences(obj, error.errors)
    return [_("The database refused this row; a value may be there already.")]


def _sentences(obj: RegisteredObject, errors: Mapping[str, list[Any]], value: Any = None) -> list[str]:
    found = []
    for name, messages in errors.items():
        label = str(obj.fields[name].label) if name in obj.fields else ""
        said = f" ({str(value)[:80]})" if value is not None else ""
        found += [f"{label}: {message}{said}" if label else f"{message}{said}" for message in messages]
    return found
