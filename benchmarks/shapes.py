"""Generated people, companies, deals, interactions and tasks: skewed as real ones are, the same at each run."""

from __future__ import annotations

import datetime as dt
import random
from bisect import bisect
from collections.abc import Iterator, Sequence
from itertools import accumulate, product
from typing import Any

Row = dict[str, Any]

_FIRST_TEXT = (
    "Noor Lea Max Tom Anna Jo Priya Luis Helen Mia Omar Ines Karl Yuki Ada Finn Zoe Ravi Lena Hugo Sara "
    "Emil Nina Paul Aylin Jan Rosa Ivan Lucia Marek Chloe Amir Greta Pablo Elif Jonas Marta Femi Clara "
    "Diego Hanna Oskar Alma Kofi Julia Simon Leila Anton Freya Bruno Katya Nils Selma Tariq Vera Leon "
    "Maya Erik Dalia Felix"
)
FIRST = _FIRST_TEXT.split()
_ONSETS_TEXT = (
    "Bran Cal Dor Eck Fal Gar Hol Ivers Jans Kel Lind Mor Nyst Ols Pern Quist Ras Sol Tarn Ulf Vand Wes Yor Zell"
)
_ONSETS = _ONSETS_TEXT.split()
_MIDDLES = ("", "a", "en", "er", "i", "ing", "o", "or", "u")
_ENDS_TEXT = (
    "berg by dahl den feld gaard holm kin land ley lund man ner now rath rup sen ski ström ton vik wald wood za"
)
_ENDS = _ENDS_TEXT.split()
LAST = tuple("".join(parts) for parts in product(_ONSETS, _MIDDLES, _ENDS))
JOBS = ("Buyer", "Head of operations", "Engineer", "Managing director", "Accountant", "Product manager", "")
_KINDS = ("call", "mail", "mail", "mail", "meeting", "note", "chat", "visit")
_WORDS_TEXT = (
    "offer delivery price meeting sample contract renewal question invoice order training support demo "
    "feedback schedule quantity warehouse discount repair season catalogue shipment partner budget "
    "approval"
)
_WORDS = _WORDS_TEXT.split()
_CITIES = ("Berlin", "Hamburg", "Wien", "Zürich", "London", "Leeds", "Madrid", "Lyon", "Porto", "Gdańsk", "Turku")
_STAGES = (0.24, 0.18, 0.12, 0.08, 0.22, 0.16)
DAYS = 730


class Skewed:
    """Few are chosen often, most of them seldom (Zipf)."""

    def __init__(self, items: Sequence[Any], exponent: float = 1.0) -> None:
        self.items = items
        self.sums = list(accumulate(1 / (rank + 1) ** exponent for rank in range(len(items))))

    def pick(self, chance: random.Random) -> Any:
        """One of the items."""
        return self.items[min(bisect(self.sums, chance.random() * self.sums[-1]), len(self.items) - 1)]


class Shapes:
    """The rows of one database. `owners` are (user, team) pairs, the busiest first."""

    def __init__(self, people: int, owners: Sequence[tuple[int, int]], tags: Sequence[int], now: dt.datetime) -> None:
        self.people, self.now, self.tags = people, now, tags
        self.owners = Skewed(owners, 0.9)
        self.last = Skewed(LAST, 0.7)

    @property
    def companies(self) -> int:
        """A tenth as many."""
        return self.people // 10

    @property
    def interactions(self) -> int:
        """Ten for each person, at most a million."""
        return min(10 * self.people, 1_000_000)

    def moments(self, name: str, count: int) -> list[dt.datetime]:
        """When each of so many records was made: over two years, the last one now."""
        chance = random.Random(f"at {name}")
        found = sorted(chance.random() * DAYS for _ in range(count))
        return [self.now - dt.timedelta(days=DAYS - days, microseconds=i) for i, days in enumerate(found)]

    def company_rows(self) -> Iterator[Row]:
        """Companies with a domain and an address."""
        chance = random.Random("companies")
        industries = ("retail", "manufacturing", "software", "finance", "health", "logistics", "construction", "other")
        for number in range(self.companies):
            name = f"{self.last.pick(chance)} {chance.choice(('GmbH', 'Ltd', 'AG', 'SL', 'Oy'))} {number}"
            yield {
                "name": name,
                "domains": f"c{number}.example",
                "industry": chance.choice(industries),
                "size": chance.choice(("2-10", "11-50", "51-200", "201-1000")),
                "address": {"street": f"High Street {number % 200}", "city": chance.choice(_CITIES)},
                **self._whose(chance),
            }

    def person_rows(self, companies: Sequence[int]) -> Iterator[Row]:
        """People with a mail address, most with a phone, a company and custom values."""
        chance = random.Random("people")
        where = Skewed(companies, 0.5)
        lifecycle = Skewed(("lead", "customer", "qualified", "former", "subscriber"))
        for number in range(self.people):
            first, last = chance.choice(FIRST), self.last.pick(chance)
            row = {
                "first_name": first,
                "last_name": last,
                "job": chance.choice(JOBS),
                "emails": [{"value": f"{first}.{number}@c{number % 997}.example".lower(), "label": "work"}],
                "lifecycle": lifecycle.pick(chance),
                "source": chance.choice(("web", "form", "referral", "event", "import")),
                "customer_no": f"K{number * 7919 % 10_000_000:07}",
                "points": number * 104_729 % 100_000,
                "colour": chance.choice(("red", "green", "blue")),
                "shoe_size": chance.randrange(34, 48),
                **self._whose(chance),
            }
            if chance.random() < 0.7:
                row["phones"] = [{"value": f"+4930{10_000_000 + number}", "label": "work"}]
            if chance.random() < 0.8:
                row["company"] = where.pick(chance)
            if chance.random() < 0.3:
                row["tags"] = [chance.choice(self.tags)]
            if chance.random() < 0.5:
                row["addresses"] = [{"street": f"Lane {number % 300}", "city": chance.choice(_CITIES), "label": "home"}]
            if chance.random() < 0.6:
                row["birthday"] = dt.date(1940 + number % 65, number % 12 + 1, number % 28 + 1)
            if chance.random() < 0.4:
                row["remark"] = f"met at the {chance.choice(_WORDS)} of {chance.choice(_CITIES)}"
            yield row

    def deal_rows(self, people: Sequence[int], companies: Sequence[int], stages: Sequence[int]) -> Iterator[Row]:
        """Deals of one pipeline, most of them in early stages or closed; the last stage is lost."""
        chance = random.Random("deals")
        for number in range(self.people // 10):
            stage = chance.choices(range(len(stages)), _STAGES)[0]
            row = {
                "name": f"{chance.choice(_WORDS).capitalize()} {number}",
                "person": chance.choice(people),
                "company": chance.choice(companies),
                "stage": stages[stage],
                "amount": {"amount": round(chance.lognormvariate(13, 1.2)), "currency": "EUR"},
                "close_on": (self.now + dt.timedelta(days=chance.randrange(-60, 120))).date(),
                **self._whose(chance),
            }
            if stage == len(stages) - 1:
                row["lost_reason"] = "price"
            yield row

    def interaction_rows(self, people: Sequence[int], companies: Sequence[int]) -> Iterator[Row]:
        """Calls, mails, notes: a tenth of them with one person, whose timeline is long."""
        chance = random.Random("interactions")
        for at in self.moments("interactions", self.interactions):
            person = people[0] if chance.random() < 0.1 else chance.choice(people)
            subject = f"{chance.choice(_WORDS).capitalize()} {chance.choice(_WORDS)}"
            yield {
                "kind": chance.choice(_KINDS),
                "at": at,
                "subject": subject,
                "body": " ".join(chance.choices(_WORDS, k=12)),
                "people": [person],
                "company": chance.choice(companies) if chance.random() < 0.3 else None,
                **self._whose(chance),
            }

    def task_rows(self, people: Sequence[int]) -> Iterator[Row]:
        """Tasks, half of them done."""
        chance = random.Random("tasks")
        for number in range(self.people // 10):
            due = self.now + dt.timedelta(hours=chance.randrange(-24 * 90, 24 * 60))
            whose = self._whose(chance)
            done = chance.random() < 0.5
            yield {
                "subject": f"Ask about the {chance.choice(_WORDS)} {number}",
                "due_at": due,
                "status": "done" if done else "open",
                "assignee": whose["owner"],
                "person": chance.choice(people),
                **whose,
            }

    def _whose(self, chance: random.Random) -> Row:
        owner, team = self.owners.pick(chance)
        return {"owner": owner, "team": team}
