"""Texts of other systems as ours read them: moments, numbers, pages of HTML, names in one piece."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

from dateutil import parser

_EPOCH = re.compile(r"\d{10}(\d{3})?")
_CLOCK = re.compile(r"^(\d{1,4}[./-]\d{1,2}[./-]\d{1,4})[ ,T]+(.+)$")
_NOT_NUMBER = re.compile(r"[^\d.,'-]")
_CODE = re.compile(r"\b[A-Z]{3}\b")
SIZES = ((1, "1"), (10, "2-10"), (50, "11-50"), (200, "51-200"), (1000, "201-1000"))


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader needs to know: the format of a column (`strptime`, or the decimal mark), and the zone of moments
    that say none.
    """

    format: str = ""
    zone: dt.tzinfo = dt.UTC


Reader = Callable[[str, Reading], str]


def moment(text: str, how: Reading) -> str:
    """A moment in ISO form with its zone; seconds and milliseconds since 1970 too; what can't be read as it is."""
    found = parsed(text, how)
    return found.isoformat() if found else text


def parsed(text: str, how: Reading) -> dt.datetime | None:
    """The moment that a text says; None for none."""
    text = text.strip()
    if not text:
        return None
    if _EPOCH.fullmatch(text):
        return dt.datetime.fromtimestamp(int(text[:10]), dt.UTC)
    found: dt.datetime | None
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        found = _by_format(text, how.format)
    if found is None:
        return None
    return found if found.tzinfo else found.replace(tzinfo=how.zone)


def _by_format(text: str, fmt: str) -> dt.datetime | None:
    parts = _CLOCK.match(text)
    day, clock = (parts[1], parts[2]) if parts else (text, "")
    try:
        start = dt.datetime.strptime(day, fmt) if fmt else parser.parse(day)  # noqa: DTZ007
        if not clock:
            return start
        time = parser.parse(clock)
        return dt.datetime.combine(start.date(), time.time(), time.tzinfo)
    except (ValueError, OverflowError):
        return None


def day(text: str, how: Reading) -> str:
    """A day in ISO form; of a moment with a zone, the day in the zone of the reader."""
    found = parsed(text, how)
    if found is None:
        return text
    midnight = found.utcoffset() == dt.timedelta(0) and found.time() == dt.time()
    return (found if midnight else found.astimezone(how.zone)).date().isoformat()


def number(text: str, how: Reading) -> str:
    """A number with a point, without what groups digits or names a currency."""
    text = _NOT_NUMBER.sub("", text.replace("\u00a0", ""))
    mark = how.format or ("," if "," in text and "." not in text and len(text.rpartition(",")[2]) != 3 else ".")
    group = "," if mark == "." else "."
    return text.replace(group, "").replace("'", "").replace(mark, ".")


def code(text: str) -> str:
    """The currency that an amount names; empty for none."""
    found = _CODE.search(text)
    symbols = {"€": "EUR", "£": "GBP", "¥": "JPY"}
    return found[0] if found else next((c for s, c in symbols.items() if s in text), "")


def minutes(text: str, how: Reading) -> str:
    """Whole minutes of milliseconds."""
    return _scaled(text, how, 60_000)


def seconds(text: str, how: Reading) -> str:
    """Whole minutes of seconds; of `hh:mm` or `mm:ss` clocks as they stand."""
    return _scaled(text, how, 60)


def clock(text: str, how: Reading) -> str:
    """Whole minutes of a duration such as `01:30` (hours and minutes), or of minutes."""
    hours, colon, rest = text.partition(":")
    if colon and hours.isdigit() and rest[:2].isdigit():
        return str(int(hours) * 60 + int(rest[:2]))
    return _scaled(text, how, 1)


def _scaled(text: str, how: Reading, by: int) -> str:
    try:
        return str(round(float(number(text, how)) / by))
    except ValueError:
        return text


def share(text: str, how: Reading) -> str:
    """Per cent, of a share up to 1 too."""
    try:
        found = float(number(text, how))
    except ValueError:
        return text
    return str(round(found * 100 if 0 < found <= 1 and "." in text else found))


def first(text: str, how: Reading) -> str:
    """The first names of a name in one piece."""
    return text.strip().rpartition(" ")[0].strip()


def last(text: str, how: Reading) -> str:
    """The last name of a name in one piece."""
    return text.strip().rpartition(" ")[2]


def size(text: str, how: Reading) -> str:
    """How many people work somewhere, as one of our ranges."""
    try:
        count = float(number(text.partition("-")[0], how))
    except ValueError:
        return ""
    return next((name for most, name in SIZES if count <= most), "1001+")


def language(text: str, how: Reading) -> str:
    """A language tag in lower case."""
    return text.strip().replace("_", "-").lower()[:10]


class _Text(HTMLParser):
    """Collects the text of a page; blocks and breaks end lines."""

    BLOCKS = frozenset(("p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "blockquote", "ul", "ol", "table"))
    UNSEEN = frozenset(("style", "script", "head", "title"))

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.unseen += tag in self.UNSEEN
        if tag in self.BLOCKS:
            self.parts.append("\n- " if tag == "li" else "\n")

    def handle_endtag(self, tag: str) -> None:
        self.unseen -= tag in self.UNSEEN and self.unseen > 0
        if tag in self.BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.parts.append(" ".join(data.split("\n")))


def html(text: str, how: Reading) -> str:
    """The text of a piece of HTML; other texts as they are."""
    if "<" not in text and "&" not in text:
        return text
    page = _Text()
    page.feed(text)
    page.close()
    lines = [" ".join(line.split()) for line in "".join(page.parts).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def host(text: str, how: Reading) -> str:
    """The host of a web address."""
    return text.strip().removeprefix("https://").removeprefix("http://").removeprefix("www.").split("/")[0]


def website(text: str, how: Reading) -> str:
    """A web address with its scheme."""
    text = text.strip()
    return text if not text or "://" in text else f"https://{text}"


def line(text: str, how: Reading) -> str:
    """The first line that says something, for what has no name."""
    return next((part.strip() for part in html(text, how).split("\n") if part.strip()), "")[:120]


READERS: dict[str, Reader] = {
    reader.__name__: reader
    for reader in (
        moment, day, number, minutes, seconds, clock, share, first, last, size, language, html, host, website, line,
    )
}  # fmt: skip
BY_TYPE = {
    "datetime": "moment", "date": "day", "number": "number", "decimal": "number", "money": "number", "url": "website",
}  # fmt: skip
"""What reads the texts for a field of a type, where nothing else is said."""


def zone(name: str) -> dt.tzinfo:
    """The zone of a name; UTC for one that there is not."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return dt.UTC
