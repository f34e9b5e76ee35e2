"""How traits are compared: for each, the levels of likeness from the strongest to none, as Splink takes them.

The shares of a level among records that are one (`m`) are where the training begins, and what holds where an
organisation has too few duplicates to learn from; they were chosen on the sets of `benchmarks/duplicates.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Level:
    """One level: `how` two values are alike (a key of `wording`), the condition, its share `m`, the column whose
    frequent values tell less."""

    how: str
    sql: str
    m: float
    frequent: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is compared: `what` names a field or a part of one; `null` is when it can't be; `columns` it reads."""

    what: str
    null: str
    levels: tuple[Level, ...]
    columns: tuple[str, ...]
    sure: str = ""
    """When the rows `l` and `r` have surely the same; `who`: and few others have it too."""
    who: bool = False

    def settings(self) -> dict[str, Any]:
        """As Splink takes it."""
        rest = max(0.0, 1 - sum(level.m for level in self.levels))
        levels: list[dict[str, Any]] = [{"sql_condition": self.null, "label_for_charts": "null", "is_null_level": True}]
        for level in self.levels:
            made: dict[str, Any] = {
                "sql_condition": level.sql, "label_for_charts": level.how, "m_probability": level.m,
            }  # fmt: skip
            if level.frequent:
                made |= {
                    "tf_adjustment_column": level.frequent, "tf_adjustment_weight": 1.0, "tf_minimum_u_value": 0.0001,
                    "disable_tf_exact_match_detection": True,
                }  # fmt: skip
            levels.append(made)
        levels.append({"sql_condition": "ELSE", "label_for_charts": "different", "m_probability": rest})
        return {"output_column_name": column(self.what), "comparison_levels": levels}


def column(what: str) -> str:
    """The name of a comparison where dots can't stand."""
    return what.replace(".", "__")


def same(name: str) -> str:
    """Equality of a column on both sides."""
    return f'"{name}_l" = "{name}_r"'


def both(name: str) -> str:
    """Equality of a column of the rows `l` and `r`."""
    return f'l."{name}" = r."{name}"'


def common(name: str) -> str:
    """A common element of lists of the rows `l` and `r`."""
    return f'list_has_any(l."{name}", r."{name}")'


def missing(*names: str) -> str:
    """Whether a side has none of these."""
    return " OR ".join("(" + " AND ".join(f'"{n}_{side}" IS NULL' for n in names) + ")" for side in "lr")


def typos(name: str, most: int) -> str:
    """At most so many letters typed otherwise or swapped; Jaro's likeness, which costs little, is asked before."""
    left, right = f'"{name}_l"', f'"{name}_r"'
    return (
        f"CASE WHEN abs(len({left}) - len({right})) <= {most} "
        f"AND (len({left}) < 5 OR jaro_similarity({left}, {right}) >= 0.7) "
        f"THEN damerau_levenshtein({left}, {right}) <= {most} ELSE false END"
    )


def alike(name: str, least: float) -> str:
    """Jaro-Winkler likeness."""
    return f'jaro_winkler_similarity("{name}_l", "{name}_r") >= {least}'


def shared(name: str) -> str:
    """A common element of two lists."""
    return f'list_has_any("{name}_l", "{name}_r")'


SWAPPED = (
    '("given_l"[1] = "family_r"[1] AND "family_l"[1] = "given_r"[1] AND '
    'jaro_winkler_similarity("given_l", "family_r") >= 0.88 AND jaro_winkler_similarity("family_l", "given_r") >= 0.88)'
)
"""First and last name in each other's place."""


def _given(what: str) -> Comparison:
    return Comparison(
        what,
        missing("given"),
        (
            Level("same", same("given"), 0.66, "given"),
            Level("turned", SWAPPED, 0.05),
            Level("nickname", same("given_root"), 0.03),
            Level("typo", typos("given", 1), 0.11),
            Level("alike", f"{alike('given', 0.88)} OR {same('given_sound')}", 0.08),
            Level("initial", '"given_l"[1] = "given_r"[1] AND least(len("given_l"), len("given_r")) = 1', 0.01),
        ),
        ("given",),
    )


def _family(what: str) -> Comparison:
    return Comparison(
        what,
        # Names in each other's place are told by the first name alone, or they would count twice.
        f"{missing('family')} OR coalesce({SWAPPED}, false)",
        (
            Level("same", same("family"), 0.68, "family"),
            Level("typo", typos("family", 1), 0.13),
            Level("alike", f"{alike('family', 0.88)} OR {same('family_sound')}", 0.1),
        ),
        ("family",),
    )


def _organisation(what: str) -> Comparison:
    return Comparison(
        what,
        missing("organisation"),
        (
            Level("same", same("organisation"), 0.6, "organisation"),
            Level("part", same("organisation_words"), 0.05),
            Level("typo", typos("organisation", 1), 0.12),
            Level("alike", alike("organisation", 0.92), 0.15),
            Level("sounds", same("organisation_sound"), 0.05),
        ),
        ("organisation",),
        sure=both("organisation"),
        who=True,
    )


def _date(what: str) -> Comparison:
    name = f"date_{what}"
    left, right = f'"{name}_l"', f'"{name}_r"'
    swapped = " AND ".join(
        f"{left}[{one}] = {right}[{other}]" for one, other in (("1:4", "1:4"), ("5:6", "7:8"), ("7:8", "5:6"))
    )
    return Comparison(
        what,
        missing(name),
        (
            Level("same", same(name), 0.7),
            Level("turned", swapped, 0.02),
            Level("typo", typos(name, 1), 0.16),
            Level("typos", typos(name, 2), 0.05),
            Level("near", f'abs("days_{what}_l" - "days_{what}_r") <= 400', 0.03),
        ),
        (name,),
        sure=both(name),
        who=True,
    )


def _code(what: str) -> Comparison:
    name = f"code_{what}"
    return Comparison(
        what,
        missing(name),
        (
            Level("same", same(name), 0.86, name),
            Level("typo", f'{typos(name, 1)} AND least(len("{name}_l"), len("{name}_r")) > 4', 0.1),
        ),
        (name,),
        sure=both(name),
    )


def _emails(what: str) -> Comparison:
    return Comparison(
        what,
        'coalesce(len("emails_l"), 0) = 0 OR coalesce(len("emails_r"), 0) = 0',
        (
            Level("same", shared("emails"), 0.68),
            Level("part", same("mailbox"), 0.08),
            Level("typo", typos("email", 2), 0.12),
            Level("alike", alike("email", 0.92), 0.04),
        ),
        ("emails",),
        sure=common("emails"),
    )


def _points(what: str, name: str, m: float) -> Comparison:
    null = f'coalesce(len("{name}_l"), 0) = 0 OR coalesce(len("{name}_r"), 0) = 0'
    return Comparison(what, null, (Level("same", shared(name), m),), (name,), common(name))


def _address(what: str) -> Iterator[Comparison]:
    crossed = '("street_l" = "extra_r" OR "street_r" = "extra_l")'
    yield Comparison(
        f"{what}.street",
        missing("street"),
        (
            Level("same", f"{same('street')} AND {same('number')}", 0.5),
            Level("part", same("street"), 0.14, "street"),
            Level("turned", crossed, 0.05),
            Level("alike", f"({alike('street', 0.88)}) AND {same('number')}", 0.15),
            Level("typo", alike("street", 0.92), 0.05),
        ),
        ("street",),
        sure=f"{both('street')} AND {both('number')}",
    )
    yield Comparison(
        f"{what}.postcode",
        missing("postcode"),
        (Level("same", same("postcode"), 0.8, "postcode"), Level("typo", typos("postcode", 1), 0.12)),
        ("postcode",),
    )
    yield Comparison(
        f"{what}.city",
        missing("city"),
        (Level("same", same("city"), 0.7, "city"), Level("alike", f"{typos('city', 1)} OR {alike('city', 0.88)}", 0.2)),
        ("city",),
    )


def comparisons(kinds: Mapping[str, str]) -> list[Comparison]:
    """What is compared in records of these fields; a second field of the same columns adds nothing."""
    made: dict[tuple[str, ...], Comparison] = {}
    for field, kind in kinds.items():
        for found in _of(field, kind):
            made.setdefault(found.columns, found)
    return list(made.values())


def _of(field: str, kind: str) -> Sequence[Comparison]:
    if kind == "address":
        return list(_address(field))
    single = {"given": _given, "family": _family, "organisation": _organisation, "date": _date, "code": _code}
    if kind in single:
        return [single[kind](field)]
    if kind == "email":
        return [_emails(field)]
    listed = {"phone": ("phones", 0.6), "handle": ("handles", 0.6), "domain": ("domains", 0.7)}
    if kind in listed:
        return [_points(field, *listed[kind])]
    if kind == "employer":
        return [Comparison(field, missing(kind), (Level("same", same(kind), 0.5, kind),), (kind,))]
    return []
