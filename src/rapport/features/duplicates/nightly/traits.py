"""What two records are compared by: names, dates, numbers and contact points in forms that forgive how they are typed.

Pure functions; the process of the nightly pass runs them without Django.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import jellyfish

Traits = dict[str, Any]
"""Columns of one record by name: texts, lists of texts, or None for what it does not say."""

LISTS = frozenset({"emails", "phones", "handles", "domains"})
"""Columns that hold lists."""
SPECIAL = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ł": "l", "þ": "th", "ð": "d", "ı": "i"})
_LEGAL_TEXT = (
    "ab ag aps as asa bv bvba co corp corporation dba doo eg ek eu ev gbr ges gesellschaft gesmbh gmbh "
    "group holding inc incorporated kft kg kgaa kk limited llc llp lp ltd mbh nv ohg oy oyj plc pte pty pvt sa "
    "sarl sas se sl slu sp spa srl srls sro ug und and the zoo "
)
LEGAL_FORMS = frozenset(_LEGAL_TEXT.split())
"""Words and abbreviations by which companies are constituted; they tell none from another."""
NICKNAMES = {
    short: name
    for name, shorts in {
        "abigail": "abby abbie", "albert": "al bert bertie", "alexander": "alex alec sandy xander sascha",
        "alexandra": "sandra sasha lexi", "alfred": "alf alfie fred", "andreas": "andi", "andrew": "andy drew",
        "anthony": "tony", "barbara": "barb babs", "benjamin": "ben benny", "catherine": "cathy kate katie kathy cat",
        "charles": "charlie chuck", "charlotte": "lottie", "christian": "chris", "christina": "tina chrissy",
        "christopher": "kit topher", "daniel": "dan danny", "david": "dave davy", "deborah": "deb debbie",
        "dorothy": "dot dotty", "edward": "ed eddie ted ned", "eleanor": "ellie nell nora",
        "elizabeth": "liz lizzie beth betty eliza lisa libby", "emily": "em emmy", "florian": "flo",
        "frances": "fran", "francis": "frank", "franziska": "franzi", "frederick": "freddie", "friedrich": "fritz",
        "gabriel": "gabe", "georg": "schorsch", "gerald": "gerry", "hans": "hansi", "harold": "hal", "harry": "haz",
        "heinrich": "heinz", "henry": "hank", "isabella": "bella izzy", "jacob": "jake", "jakob": "jascha",
        "james": "jim jimmy jamie", "jennifer": "jen jenny", "jessica": "jess jessie", "johann": "hannes",
        "johannes": "jo", "john": "jack johnny jon", "jonathan": "jonny", "joseph": "joe joey", "josef": "sepp",
        "joshua": "josh", "katharina": "kathi", "kenneth": "ken kenny", "lawrence": "larry", "leonard": "len lenny",
        "lucas": "luke", "madeleine": "maddie", "magdalena": "leni", "margaret": "maggie meg peggy greta",
        "matthew": "matt", "matthias": "hias", "maximilian": "max", "michael": "mike mick mickey michi micha",
        "mohammed": "mo", "nathaniel": "nate", "nicholas": "nick nicky", "nikolaus": "klaus niko",
        "oliver": "oli ollie", "olivia": "liv livvy", "pamela": "pam",
        "patricia": "pat patty trish", "patrick": "paddy", "peter": "pete",
        "philip": "phil pip", "rebecca": "becky becca", "richard": "dick rick ricky richie",
        "robert": "bob bobby rob robbie bert", "ronald": "ron ronnie", "samuel": "sam sammy", "sebastian": "basti seb",
        "stefan": "steffen", "stephanie": "steph steffi", "stephen": "steve stevie", "susan": "sue susie",
        "theodore": "theo teddy", "theresa": "tess resi", "thomas": "tom tommy", "timothy": "tim timmy",
        "ulrich": "uli", "ursula": "uschi", "victoria": "vicky tori", "vincent": "vince", "walter": "walt",
        "wilhelm": "willi", "william": "bill billy will willy liam", "wolfgang": "wolf", "zachary": "zach zack",
    }.items()
    for short in shorts.split()
}  # fmt: skip
"""Short forms of first names, English and German, each with one name that it stands for."""
_WAY_TEXT = "stra(?:ss|ß)e|str|street|road|rd|avenue|ave?|lane|place|court|circuit|crescent|close|drive|way"
WAYS = re.compile(rf"({_WAY_TEXT})\b\.?")
NUMBER = re.compile(r"\d+\s?[a-z]?\b")
_FREE_TEXT = (
    "gmail.com googlemail.com outlook.com hotmail.com live.com yahoo.com icloud.com me.com gmx.de gmx.net gmx.at "
    "web.de t-online.de freenet.de posteo.de mailbox.org proton.me protonmail.com aol.com mail.ru orange.fr "
)
FREE_MAIL = frozenset(_FREE_TEXT.split())
"""Where anybody has a mailbox: such a domain is no company's."""


@lru_cache(maxsize=65_536)
def folded(text: str) -> str:
    """Lower case, without accents; what is neither letter nor digit is a space."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.casefold().translate(SPECIAL))
        text = "".join(c for c in text if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in text.lower()).split())


def name(text: Any) -> str | None:
    """A name of a person as it is compared; None for none, and for a text with digits, which is a number of someone."""
    found = folded(str(text)).replace(" ", "") if text else ""
    return found if found and not any(c.isdigit() for c in found) else None


@lru_cache(maxsize=65_536)
def sound(text: str) -> str:
    """How a name sounds; the name itself where the sounds of its script are not known."""
    return jellyfish.metaphone(text) if text.isascii() else text


def organisation(text: Any) -> str | None:
    """The words of a company's name without its legal form, unless there are no others."""
    words = folded(str(text or "")).split()
    # "G.m.b.H." comes as four letters.
    whole = re.sub(r"\b(?:\w )+\w\b", lambda m: m[0].replace(" ", ""), " ".join(words)).split()
    telling = [word for word in whole if word not in LEGAL_FORMS]
    return " ".join(telling or whole) or None


def code(value: Any) -> str | None:
    """A number of someone, such as of a customer: letters and digits only."""
    return "".join(c for c in str(value).upper() if c.isalnum()) or None if value not in (None, "") else None


def day(value: Any) -> str | None:
    """A date as eight digits."""
    return str(value)[:10].replace("-", "") if value else None


def points(value: Any) -> list[str]:
    """The values of contact points that are not shared, or the one value of a plain field; lower case."""
    if isinstance(value, str):
        return [value.lower().replace(" ", "")] if value else []
    return [p["value"].lower().replace(" ", "") for p in value or () if p.get("value") and not p.get("shared")]


def domain(text: str) -> str | None:
    """The domain of an address in the web; None for one where anybody may be."""
    found = text.split("://")[-1].split("/")[0].split("@")[-1].removeprefix("www.").strip(".")
    return found if found and found not in FREE_MAIL else None


def address(value: Any) -> Mapping[str, str]:
    """The parts of the first address: number, street, extra, city, region, postcode, folded."""
    first: Any = value[0] if isinstance(value, list) and value else value
    if not isinstance(first, Mapping):
        return {}
    parts = {part: folded(str(first.get(part) or "")) for part in ("street", "extra", "city", "region")}
    if found := NUMBER.search(parts["street"]):
        parts["number"] = found[0].replace(" ", "")
        parts["street"] = parts["street"].replace(found[0], " ", 1)
    parts["street"] = WAYS.sub("", parts["street"])
    parts["postcode"] = str(first.get("postcode") or "").lower()
    return {part: kept for part, text in parts.items() if (kept := text.replace(" ", ""))}


def of(kinds: Mapping[str, str], values: Mapping[str, Any]) -> Traits:
    """The columns of one record. `kinds` say as what each field is compared, `values` are JSON by field."""
    made: Traits = {}
    for field, kind in kinds.items():
        for column, found in _columns(field, kind, values.get(field)):
            if isinstance(found, list):
                made[column] = sorted({*made.get(column, ()), *found})
            elif made.get(column) is None:
                made[column] = found
    return made


def columns(kinds: Mapping[str, str]) -> list[str]:
    """The names of the columns that records of these fields have, in order."""
    return list(dict.fromkeys(column for field, kind in kinds.items() for column, _none in _columns(field, kind, None)))


def _columns(field: str, kind: str, value: Any) -> Iterator[tuple[str, Any]]:
    if kind in {"given", "family"}:
        found = name(value)
        yield kind, found
        yield f"{kind}_sound", sound(found) if found else None
        if kind == "given":
            yield "given_root", NICKNAMES.get(found, found) if found else None
    elif kind == "organisation":
        found = organisation(value)
        yield kind, found
        yield f"{kind}_words", " ".join(sorted(set(found.split()))) if found else None
        yield f"{kind}_sound", sound(found.split()[0]) if found else None
    elif kind == "email":
        found_points = points(value)
        yield "emails", found_points
        yield "email", found_points[0] if found_points else None
        yield "mailbox", found_points[0].split("@")[0] if found_points else None
    elif kind == "domain":
        yield "domains", [d for p in points(value) if (d := domain(p))]
    elif kind in {"phone", "handle"}:
        yield f"{kind}s", points(value)
    elif kind == "address":
        parts = address(value)
        for part in ("number", "street", "extra", "city", "region", "postcode"):
            yield part, parts.get(part)
    elif kind == "employer":
        yield kind, str(value) if value else None
    elif kind == "date":
        found = day(value)
        yield f"date_{field}", found
        yield f"days_{field}", dt.date.fromisoformat(found).toordinal() if found else None
    elif kind == "code":
        yield f"code_{field}", code(value)
