"""vCard 2.1, 3.0 and 4.0 (RFC 2426, RFC 6350) as phones, Outlook and Google write them.

Read leniently, property by property: libraries give up a whole card for one damaged photo. What a card can say is a
fixed set of columns, named like the targets that they go to.
"""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.features.transfer.formats import base, texts
from rapport.features.transfer.formats.base import Cells, Format, Layout, Rows, Wishes

LABELS = ("", "mobile", "work", "home", "other")
PARTS = ("street", "extra", "city", "region", "postcode", "country")
ADDRESS_LABELS = ("", "work", "home", "other")
COLUMNS = (
    "salutation", "first_name", "last_name", "nickname", "organisation", "department", "job",
    *(f"emails:{label}".rstrip(":") for label in LABELS if label != "mobile"),
    *(f"phones:{label}".rstrip(":") for label in LABELS), "fax",
    *(f"addresses:{label}".rstrip(":") + f".{part}" for label in ADDRESS_LABELS for part in PARTS),
    "further addresses", "website", "birthday", "birthday without year", "notes", "tags",
)  # fmt: skip
PLACES = {name: at for at, name in enumerate(COLUMNS)}
SKIPPED = frozenset({"PHOTO", "LOGO", "SOUND", "KEY"})
LONGEST_LINE = 200_000
_SPLIT, _COMMAS = re.compile(r"(?<!\\);"), re.compile(r"(?<!\\),")
_ESCAPE = re.compile(r"\\([nN\\,;:])")
_HEAD = re.compile(r'((?:[^":]|"[^"]*")*):(.*)', re.DOTALL)
_PARAMETERS = re.compile(r';((?:[^";]|"[^"]*")*)')
_DAY = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)")
_NO_YEAR = re.compile(r"--(\d\d)-?(\d\d)")


@dataclass(frozen=True, slots=True)
class Property:
    """One line of a card: name, words of its parameters in lower case, value."""

    name: str
    words: frozenset[str]
    value: str

    @property
    def label(self) -> str:
        """Work, home, mobile, other or none."""
        words = self.words
        if words & {"cell", "mobile", "iphone"}:
            return "mobile"
        return next((label for label in ("work", "home", "other") if label in words), "")

    def parts(self) -> list[str]:
        """The components that semicolons separate."""
        return [_plain(part) for part in _SPLIT.split(self.value)]


def _plain(text: str) -> str:
    return _ESCAPE.sub(lambda m: "\n" if m[1] in "nN" else m[1], text).replace("\r\n", "\n").strip()


def tells(head: bytes, path: Path) -> bool:
    """A card at the beginning."""
    return texts.beginning(head)[:11].upper() == "BEGIN:VCARD"


def _unfolded(layout: Layout) -> Iterator[tuple[int, str]]:
    """(line, text) of whole lines: folded ones put together, those of quoted-printable too. Photos are passed over."""
    began, kept, soft = 0, "", False
    with texts.opened(layout.path, layout.encoding) as file:
        for number in count(1):
            raw = file.readline(LONGEST_LINE)
            if not raw:
                break
            line = raw.rstrip("\r\n")
            if soft:
                kept, soft = kept[:-1] + line.lstrip("\t "), line.endswith("=")
            elif line[:1] in (" ", "\t"):
                if len(kept) < LONGEST_LINE and kept.partition(";")[0].partition(":")[0].upper() not in SKIPPED:
                    kept += line[1:]
            else:
                if kept:
                    yield began, kept
                began, kept = number, line
                soft = line.endswith("=") and "QUOTED-PRINTABLE" in line.partition(":")[0].upper()
            if len(kept) > base.LARGEST_RECORD:
                raise base.refuse(_("Line %(line)d is too long for one record.") % {"line": number})
    if kept:
        yield began, kept


def _property(line: str) -> Property | None:
    """A property; None for a line that is none."""
    found = _HEAD.fullmatch(line)
    if found is None:
        return None
    head, value = found[1], found[2]
    name = head.partition(";")[0].rpartition(".")[2].strip().upper()
    words, charset = set[str](), "utf-8"
    for parameter in _PARAMETERS.findall(head):
        key, equals, text = parameter.strip().partition("=")
        text = (text if equals else key).strip('"').lower()
        words.update(text.split(","))
        if key.upper() == "CHARSET":
            charset = text
        if key.upper() == "X-APPLE-OMIT-YEAR":
            words.add("no-year")
    if "quoted-printable" in words:
        value = _unquoted(value, charset)
    return Property(name, frozenset(words), value)


def _unquoted(value: str, charset: str) -> str:
    raw = quopri.decodestring(value.encode("utf-8"))
    try:
        return raw.decode(charset)
    except (LookupError, UnicodeError):
        return raw.decode("cp1252", errors="replace")


class _Card:
    """The cells of a card, filled property by property."""

    def __init__(self) -> None:
        self.cells: Cells = [""] * len(COLUMNS)
        self.full = ""

    def add(self, column: str, text: str, glue: str = "; ") -> None:
        """Set a cell, or add to what is there."""
        at, text = PLACES[column], text.strip()
        if text:
            self.cells[at] = f"{self.cells[at]}{glue}{text}" if self.cells[at] else text

    def take(self, found: Property) -> None:
        """Put a property where it belongs; those that a record has no place for are left out."""
        if take := TAKEN.get(found.name):
            take(self, found)

    def fn(self, found: Property) -> None:
        """The whole name."""
        self.full = self.full or _plain(found.value)

    def n(self, found: Property) -> None:
        """The parts of the name."""
        parts = [" ".join(part.split()) for part in (*found.parts(), "", "", "", "", "")[:5]]
        family, given, further, before, after = (part.replace(",", " ") for part in parts)
        self.add("salutation", before)
        self.add("first_name", f"{given} {further}")
        self.add("last_name", f"{family} {after}")

    def nickname(self, found: Property) -> None:
        """What friends say."""
        self.add("nickname", _plain(found.value))

    def org(self, found: Property) -> None:
        """The organisation, and units of it."""
        organisation, *units = found.parts()
        self.add("organisation", organisation)
        self.add("department", ", ".join(unit for unit in units if unit))

    def title(self, found: Property) -> None:
        """What somebody is there."""
        self.add("job", _plain(found.value), ", ")

    def email(self, found: Property) -> None:
        """An address."""
        label = found.label if found.label != "mobile" else "other"
        self._point("emails", label, _plain(found.value).removeprefix("mailto:"))

    def tel(self, found: Property) -> None:
        """A number; faxes apart."""
        number = _plain(found.value).removeprefix("tel:").replace(";", ",").partition(",ext=")[0]
        if "fax" in found.words and not found.words & {"voice", "cell"}:
            self.add("fax", number)
        else:
            self._point("phones", found.label, number)

    def _point(self, name: str, label: str, text: str) -> None:
        self.add(f"{name}:{label}".rstrip(":"), text.replace(";", ""), ";")

    def adr(self, found: Property) -> None:
        """A postal address; where one of its label is there already, as another, or as text."""
        box, extra, street, city, region, postcode, country = (*found.parts(), *[""] * 7)[:7]
        written = (f"{street} {box}", extra, city, region, postcode, country)
        values = [" ".join(value.split()) for value in written]
        for label in dict.fromkeys((found.label, "other")):
            head = f"addresses:{label}".rstrip(":")
            if head.endswith(":mobile") or any(self.cells[PLACES[f"{head}.{part}"]] for part in PARTS):
                continue
            for part, value in zip(PARTS, values, strict=True):
                self.add(f"{head}.{part}", value)
            return
        self.add("further addresses", ", ".join(value for value in values if value))

    def url(self, found: Property) -> None:
        """A page."""
        self.add("website", _plain(found.value))

    def bday(self, found: Property) -> None:
        """A day, or one without its year, which is no date."""
        text = _plain(found.value)
        if day := _NO_YEAR.match(text):
            self.add("birthday without year", f"{day[1]}-{day[2]}")
        elif day := _DAY.match(text):
            omitted = "no-year" in found.words and day[1] in found.words
            self.add("birthday without year" if omitted else "birthday", "-".join(day.groups()[int(omitted) :]))
        else:
            self.add("birthday", text)

    def note(self, found: Property) -> None:
        """Text."""
        self.add("notes", _plain(found.value), "\n")

    def categories(self, found: Property) -> None:
        """Tags."""
        self.add("tags", "; ".join(_plain(part) for part in _COMMAS.split(found.value) if part.strip()))

    def done(self) -> Cells:
        """The cells; a card without parts of a name has them from the whole one, an organisation's its own."""
        first, last = PLACES["first_name"], PLACES["last_name"]
        if not self.cells[first] and not self.cells[last]:
            self.cells[first], _space, self.cells[last] = self.full.rpartition(" ")
        return self.cells


TAKEN = {
    "FN": _Card.fn, "N": _Card.n, "NICKNAME": _Card.nickname, "ORG": _Card.org, "TITLE": _Card.title,
    "EMAIL": _Card.email, "TEL": _Card.tel, "ADR": _Card.adr, "URL": _Card.url, "BDAY": _Card.bday,
    "NOTE": _Card.note, "CATEGORIES": _Card.categories,
}  # fmt: skip
"""What becomes of each property; others are left out."""


def rows(layout: Layout) -> Rows:
    """(number of the card, cells). Raises Invalid for what can't be decoded."""
    card, number, nested = None, 0, 0
    try:
        for _line, text in _unfolded(layout):
            mark = text.strip().upper()
            if mark == "BEGIN:VCARD":
                nested += card is not None
                card = card or _Card()
            elif mark == "END:VCARD" and nested:
                nested -= 1
            elif mark == "END:VCARD" and card is not None:
                number += 1
                if any(cells := card.done()):
                    yield number, cells
                card = None
            elif card is not None and not nested and (found := _property(text)):
                card.take(found)
    except UnicodeError as error:
        raise base.refuse(_("The file can't be read as %(encoding)s.") % {"encoding": layout.encoding}) from error


def recognise(path: Path, head: bytes, wishes: Wishes) -> Layout:
    """Raises Invalid for what has no card."""
    found = wishes.encoding or texts.encoding(path, head)[0]
    texts.decoded(head, found)
    layout = Layout(path, found, columns=COLUMNS)
    about = sum(text.strip().upper() == "END:VCARD" for _line, text in _unfolded(layout))
    if not about:
        raise base.refuse(_("The file has no cards (vCard)."))
    return Layout(path, found, columns=COLUMNS, about=about)


FORMAT = Format(
    key="vcard",
    label=gettext_lazy("Cards (vCard)"),
    tells=tells,
    recognise=recognise,
    rows=rows,
    options=frozenset({"encoding"}),
)
