"""vCard 3.0 (RFC 2426), which phones, Outlook and Google read, of objects that are people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy

from rapport.features.transfer.targets import is_organisation
from rapport.features.transfer.writers import base
from rapport.records.read import RowView
from rapport.registry.catalog import RegisteredObject

WIDTH = 75
COLUMNS = (
    "salutation", "first_name", "last_name", "job", "emails", "phones", "addresses", "birthday", "website", "tags",
)  # fmt: skip
TYPES = {"work": ";TYPE=WORK", "home": ";TYPE=HOME", "mobile": ";TYPE=CELL", "billing": "", "other": ";TYPE=OTHER"}


def suits(obj: RegisteredObject) -> bool:
    """Whether records have a name in parts and mail addresses."""
    emails = obj.fields.get("emails")
    return "last_name" in obj.fields and emails is not None and emails.type.key == "emails"


def columns(obj: RegisteredObject) -> list[str]:
    """What a card can say of a record."""
    return [name for name, field in obj.fields.items() if name in COLUMNS or is_organisation(field)]


def write(obj: RegisteredObject, names: Sequence[str], pages: base.Pages) -> Iterator[bytes]:
    """The cards of each page."""
    texts = {name: base.text_of(obj.fields[name]) for name in names}
    at = next((name for name in names if is_organisation(obj.fields[name])), "")
    for page in pages:
        yield "".join(_card(row, {name: text(row) for name, text in texts.items()}, at) for row in page).encode()


def _card(row: RowView, texts: Mapping[str, str], at: str) -> str:
    name = (texts.get("last_name"), texts.get("first_name"), "", texts.get("salutation"), "")
    lines = ["BEGIN:VCARD", "VERSION:3.0", f"N:{_parts(name)}", f"FN:{_escaped(row.title)}"]
    for head, column in (("ORG", at), ("TITLE", "job"), ("BDAY", "birthday"), ("URL", "website")):
        if text := texts.get(column):
            lines.append(f"{head}:{_escaped(text)}")
    for head, column in (("EMAIL", "emails"), ("TEL", "phones")):
        lines += [f"{head}{_type(p)}:{_escaped(str(p['value']))}" for p in _points(row, column)]
    for point in _points(row, "addresses"):
        parts = ("extra", "street", "city", "region", "postcode", "country")
        lines.append(f"ADR{_type(point)}:{_parts(('', *(point.get(part, '') for part in parts)))}")
    if texts.get("tags"):
        lines.append("CATEGORIES:" + ",".join(_escaped(text) for _key, text in row.labels.get("tags") or ()))
    return "".join(_folded(line) for line in (*lines, "END:VCARD"))


def _points(row: RowView, name: str) -> Sequence[Mapping[str, Any]]:
    return row.values.get(name) or ()


def _type(point: Mapping[str, Any]) -> str:
    return TYPES.get(str(point.get("label", "")), "")


def _parts(parts: Sequence[Any]) -> str:
    return ";".join(_escaped(str(part or "")) for part in parts)


def _escaped(text: str) -> str:
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n"), ("\r", "\\n")):
        text = text.replace(plain, escaped)
    return text


def _folded(line: str) -> str:
    """A line in parts of at most 75 bytes, no character cut."""
    parts, size = [""], 0
    for character in line:
        width = len(character.encode("utf-8", "replace"))
        if size + width > WIDTH:
            parts.append(" ")
            size = 1
        parts[-1] += character
        size += width
    return "\r\n".join(parts) + "\r\n"


WRITER = base.Writer(
    key="vcard", label=gettext_lazy("Cards (vCard)"), extension="vcf", media_type="text/vcard; charset=utf-8",
    write=write, columns=columns, suits=suits,
)  # fmt: skip
