"""What the calls of a benchmark are about: keys, words and callers found in the filled database."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from benchmarks.fill import ADMINISTRATOR, MEMBER

MANY = 2_000


@dataclass
class Samples:
    """Keys of records of every kind, chosen by chance, the same at each run."""

    def user(self, email: str) -> int:
        """The key of a user."""
        from rapport.records.accounts.models import User

        return int(User.objects.get(email=email).pk)

    @cached_property
    def administrator(self) -> int:
        """Who sees everything."""
        return self.user(ADMINISTRATOR)

    @cached_property
    def member(self) -> int:
        """Who sees what the small team has, about a twentieth."""
        return self.user(MEMBER)

    def caller(self, user: int) -> Any:
        """Resolved as each request does it, with the counters read anew."""
        from rapport.records.accounts import caller, epochs

        found = caller.of_user(user, epochs.read()[epochs.RIGHTS])
        assert found is not None
        return found

    def rows(self, text: str, *params: Any) -> list[tuple[Any, ...]]:
        """Rows of a statement."""
        from rapport.lib.sql import Sql
        from rapport.records import db

        return db.rows(Sql(text, params))

    @cached_property
    def people(self) -> list[int]:
        """People but for the one with the long timeline."""
        return self._keys("customers_person", "id > (SELECT MIN(id) FROM customers_person)")

    @cached_property
    def alike(self) -> list[dict[str, Any]]:
        """What somebody enters of a person who is there already: another address of mail, a letter less in the name."""
        from rapport.records.read import visible

        seen = visible(self.caller(self.administrator), "person")
        names = ("first_name", "last_name", "birthday", "addresses", "company")
        found = [{n: v for n in names if (v := seen.get(key).values[n])} for key in self.people[:200]]
        return [{**one, "last_name": one["last_name"][:-1], "emails": ({"value": "x@else.example"},)} for one in found]

    @cached_property
    def theirs(self) -> list[int]:
        """People that the member sees by team."""
        teams = self.caller(self.member).teams
        return self._keys("customers_person", f"team_id IN ({', '.join(map(str, teams))})")

    @cached_property
    def busy(self) -> int:
        """The person with a tenth of all interactions."""
        return int(self.rows("SELECT MIN(id) FROM customers_person")[0][0])

    @cached_property
    def companies(self) -> list[int]:
        """Companies."""
        return self._keys("customers_company")

    @cached_property
    def big(self) -> int:
        """The company with most people."""
        text = "SELECT company_id FROM customers_person WHERE company_id IS NOT NULL GROUP BY company_id"
        return int(self.rows(f"{text} ORDER BY COUNT(*) DESC, company_id LIMIT 1")[0][0])

    @cached_property
    def deals(self) -> list[int]:
        """Deals in open stages."""
        return self._keys("sales_deal", "outcome = 'open'")

    @cached_property
    def stages(self) -> list[int]:
        """Open stages in their order."""
        return [row[0] for row in self.rows("SELECT id FROM sales_stage WHERE outcome = 'open' ORDER BY position")]

    @cached_property
    def order(self) -> int:
        """An order with 200 lines, made now."""
        return self._document("order", 200)

    @cached_property
    def quote(self) -> int:
        """A quote with 10 lines, made now."""
        return self._document("quote", 10)

    @cached_property
    def products(self) -> list[int]:
        """Products with a price, made now."""
        from rapport.records.write import create, create_many

        caller = self.caller(self.administrator)
        names = [{"name": f"Part {number}", "unit": "piece", "tax_rate": (19, 7)[number % 2]} for number in range(20)]
        made = [key for key in create_many(caller, "product", names).ids if key]
        prices = create(caller, "pricelist", {"name": "Bench", "currency": "EUR", "is_default": True})
        each = {"price_list": prices, "from_quantity": 0}
        create_many(caller, "price", [{**each, "product": key, "amount": f"{key * 7 + 10}.90 EUR"} for key in made])
        return made

    def _document(self, kind: str, lines: int) -> int:
        """An order or a quote of a person and a company, with lines of products."""
        from rapport.records.write import create, create_many

        caller = self.caller(self.administrator)
        whom = {"company": self.companies[0], "person": self.people[0], "currency": "EUR"}
        made = create(caller, kind, whom)
        rows = [
            {kind: made, "product": self.products[n % len(self.products)], "quantity": n % 9 + 1, "discount": n % 3 * 5}
            for n in range(lines)
        ]
        errors = create_many(caller, f"{kind}line", rows).errors
        if errors:
            raise RuntimeError(f"line refused: {next(iter(errors.values()))}")
        return made

    @cached_property
    def last_names(self) -> list[str]:
        """Last names of people, common and rare ones as they come."""
        return self._texts("last_name")

    @cached_property
    def names(self) -> list[str]:
        """Whole names of people."""
        return self._texts("name")

    @cached_property
    def numbers(self) -> list[str]:
        """Customer numbers, the indexed custom field."""
        return [f"K{number * 7919 % 10_000_000:07}" for number in range(1, 1_000)]

    def _texts(self, column: str) -> list[str]:
        keys = ", ".join(map(str, self.people[:400]))
        return [row[0] for row in self.rows(f"SELECT {column} FROM customers_person WHERE id IN ({keys}) ORDER BY id")]

    def _keys(self, table: str, where: str = "1 = 1") -> list[int]:
        first, last = self.rows(f"SELECT MIN(id), MAX(id) FROM {table}")[0]
        found = self.rows(f"SELECT id FROM {table} WHERE {where} AND id %% {max(1, (last - first) // 20_000)} = 0")
        keys = sorted(row[0] for row in found)
        random.Random(table).shuffle(keys)
        return keys[:MANY]
