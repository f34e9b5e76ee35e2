"""Writes `docs/performance.md` from what was measured."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from benchmarks import archiving, importing, measuring, pages, payload, starting
from benchmarks.doors import CREATE, LIST, RECORD, SEARCH
from benchmarks.places import BUILD, DATABASES, POSTGRESQL, ROOT, SQLITE
from benchmarks.results import Results, Row, load

PAGE = ROOT / "docs" / "performance.md"
NAMES = {SQLITE: "SQLite", POSTGRESQL: "PostgreSQL"}

GROWTH = 1.5
Found = dict[tuple[str, int], Results]

INTRODUCTION = f"""\
# Performance

What Rapport takes of a machine, measured by `make bench`. Ratios hold from machine to machine; absolute numbers do not.

Budgets, as CPU of the web process at 100,000 people, signed in, rights checked, custom fields in place: a record
{RECORD:g} ms, a list of 50 records {LIST:g} ms, a new record with identities, change row, event and search entry
{CREATE:g} ms, a page of 50 rows {pages.PAGE:g} ms; a search {SEARCH:g} ms at the 95th percentile. The way to
PostgreSQL, a process of its own, may add {measuring.OWN_OF_POSTGRESQL:g} ms; what that process takes stands behind a +.
Where an index is declared, time grows by no more than {GROWTH:g} × from 10,000 to 1,000,000 people.
"""

METHOD = """\
## How it is measured

- A database is filled through the write path, with identities, change rows and search entries: a tenth as many
  companies, deals and tasks as people (100,000 deals at 1,000,000 people), ten interactions for each person (a million
  at most; a tenth of them with one person, 100,000 from 100,000 people on), teams in a tree, owners by Zipf's law, five
  custom fields of which two are indexed. All measuring happens on a copy of it, to which an order and a quote with
  their lines are added.
- *Doors* are the read and the write path, called in one process, the caller resolved for each call as a request does;
  *REST* is the whole application in that process, with a token, without the socket, after the segments that bulk edits
  left in the search index are merged, as they are each night.
  *Pages* and *acts* go over HTTP to a real `rapport up` with one web process, by one signed-in client, one request
  after the other.
- CPU is that of processes, read from their clocks: the web process, then everything together (web, worker, supervisor
  and the server processes of PostgreSQL), follow-up work in the background included. It is the median of three rounds;
  percentiles are over all calls: behind a mean, of the same CPU; in a
  column of their own, of what the client waits.
- *× bare* compares all CPU with that of the database alone: plain statements for the same rows through `sqlite3` or
  `psycopg`; for a page, the statements that it asks, without the page.
- ✓ and ✗ say whether a budget is kept at the size of its column.

## Again

```
make bench                                        # 10,000 and 100,000 people, both databases
make bench SIZES="10000 100000 1000000"           # an hour or two, 20 GB
make bench SIZES=10000 DATABASES=sqlite ONLY="read list_name"
```

`ONLY` takes parts (`read`, `search`, `write`, `document`, `rest`, `page`, `act`, `payload`, `import`, `archive`,
`start`) or the keys of single actions; what is not measured anew is kept from before. Filled databases stay in
`build/bench` and in PostgreSQL as `rapport_bench_…`; RAPPORT_BENCH_POSTGRES names another server on this machine.
"""


def write() -> Path:
    """The page."""
    found: Found = {}
    for path in BUILD.glob("*-*.json"):
        database, _dash, size = path.stem.partition("-")
        if database in DATABASES and size.isdigit():
            found[database, int(size)] = load(path)
    starts = {database: load(BUILD / f"{database}-start.json") for database in DATABASES}
    parts = [INTRODUCTION, _machine(found)]
    for database in DATABASES:
        sizes = sorted(size for name, size in found if name == database)
        if sizes:
            parts.append(_database(database, [(size, found[database, size]) for size in sizes]))
    parts += [_starts(starts), METHOD]
    PAGE.write_text("\n".join(part for part in parts if part), encoding="utf-8")
    return PAGE


def _machine(found: Found) -> str:
    abouts = [(database, results.about) for (database, _size), results in sorted(found.items())]
    if not abouts:
        return ""
    about = abouts[0][1]
    versions = {NAMES[database]: about["database"] for database, about in abouts}
    named = ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))
    text = f"This run: {about['at']}, {about['cores']} shared cores, Python {about['python']}, {named}."
    busiest = max(about["load"] for _database, about in abouts)
    if busiest > 1:
        text += f" The machine was busy with other work (load up to {busiest:g}): CPU times are up to twice too high."
    return text + "\n"


def _database(database: str, measured: Sequence[tuple[int, Results]]) -> str:
    parts = [f"## {NAMES[database]}\n"]
    for group, title, head, cells in (
        ("read", "Read door", CPU, _cpu),
        ("search", "Search", CPU, _cpu),
        ("write", "Write door", CPU, _cpu),
        ("rest", "REST", CPU, _cpu),
        ("webhook", "Webhooks", CPU, _cpu),
        ("event", "Events", CPU, _cpu),
        ("page", "Pages", WEB, _web),
        ("act", "Acts", WEB, _web),
    ):
        if table := _table(group, title, head, cells, measured):
            parts.append(table)
    parts.append(_documents(measured))
    parts.append(_imports(measured))
    parts.append(_archives(measured))
    parts.append(_payload(measured))
    return "\n".join(part for part in parts if part)


CPU = "p95 ms | × bare | growth"
WEB = "all processes | p95 ms | × bare | growth | queries | bytes"
Cells = Callable[[Row, Row], list[str]]


def _table(group: str, title: str, head: str, cells: Cells, measured: Sequence[tuple[int, Results]]) -> str:
    """Actions down, sizes across; what follows the sizes is of the largest one."""
    rows = {row.key: row.label for _size, results in measured for row in results.of(group)}
    if not rows:
        return ""
    heads = ["", "budget", *(f"{size:,}" for size, _results in measured), *head.split(" | ")]
    lines = []
    for key, label in rows.items():
        each = [results.rows.get(f"{group}.{key}") for _size, results in measured]
        there = [row for row in each if row is not None]
        lines.append([label, _budget(there[-1]), *(_measure(row) for row in each), *cells(there[0], there[-1])])
    unit = "CPU of the web process in ms" if group in {"page", "act"} else "CPU of all processes in ms"
    return f"### {title}: {unit}\n\n{_markdown(heads, lines)}"


def _measure(row: Row | None) -> str:
    if row is None:
        return "–"
    mark = {True: " ✓", False: " ✗", None: ""}[row.kept]
    shown = row.web if row.group in {"page", "act"} else row.stack
    if row.counts == "web95":
        return f"{_number(shown)} (p95 {_number(row.web95)}{mark})"
    if (
        row.group not in {"page", "act"}
        and row.web is not None
        and row.stack is not None
        and row.stack - row.web > 0.02
    ):
        return f"{_number(row.web)} + {_number(row.stack - row.web)}{mark}"
    return f"{_number(shown)}{mark}"


def _budget(row: Row) -> str:
    if row.budget is None:
        return ""
    return f"{row.budget:g}{' at p95' if row.counts == 'web95' else ''}"


def _cpu(first: Row, last: Row) -> list[str]:
    return [_number(last.p95), _ratio(last), _growth(first, last)]


def _web(first: Row, last: Row) -> list[str]:
    size = f"{last.bytes:,}" if last.bytes else ""
    queries = str(last.queries) if last.queries is not None else ""
    return [_number(last.stack), _number(last.p95), _ratio(last), _growth(first, last), queries, size]


def _ratio(row: Row) -> str:
    return f"{row.ratio:.1f}" if row.ratio else ""


def _growth(first: Row, last: Row) -> str:
    """From the smallest to the largest size; marked where an index is declared, which promises a limit."""
    if first is last or not first.stack or not last.stack:
        return ""
    times = last.stack / first.stack
    mark = (" ✓" if times <= GROWTH else " ✗") if last.indexed else ""
    return f"{times:.1f} ×{mark}"


def _documents(measured: Sequence[tuple[int, Results]]) -> str:
    """How many a process sets in a second of its CPU."""
    lines = [
        [row.label, f"{size:,}", f"{1000 / row.stack:,.0f}", _number(row.stack), _number(row.p95)]
        for size, results in measured
        for row in results.of("document")
        if row.stack
    ]
    heads = ["", "people", "a second of CPU, one process", "CPU ms", "p95 ms"]
    return f"### Documents as PDF\n\n{_markdown(heads, lines)}" if lines else ""


def _imports(measured: Sequence[tuple[int, Results]]) -> str:
    lines = []
    for size, results in measured:
        alone, beside = results.rows.get("import.alone"), results.rows.get("import.beside")
        writes = results.rows.get("import.writes")
        if alone is None or beside is None or writes is None:
            continue
        million, lone, saves = (results.rows.get(f"import.{key}") for key in ("million", "lone", "saves"))
        lines.append([
            f"{size:,}", _rate(alone), _ratio(alone), _rate(million) if million else "", _rate(beside),
            f"{_number(writes.p95)}{_mark(writes)}", _rate(lone) if lone else "",
            f"{_number(saves.p95)}{_mark(saves)}" if saves else "",
        ])  # fmt: skip
    heads = [
        "people",
        "rows a second, alone",
        "bare is faster by",
        "a million rows in one file",
        f"beside {1 / importing.BUSY:.0f} writes a second",
        "p95 ms of those writes",
        f"{importing.LONG:,} beside a write every {importing.LONE:g} s",
        "p95 ms of those writes",
    ]
    promise = f"{importing.ALONE:,.0f} alone, {importing.BESIDE:,.0f} beside people who work"
    text = f"### Import of {importing.ROWS:,} people by `rapport import` (aim: {promise})"
    return f"{text}\n\n{_markdown(heads, lines)}" if lines else ""


def _archives(measured: Sequence[tuple[int, Results]]) -> str:
    lines = [
        [f"{size:,}", f"{row.calls:,}", _rate(row), _ratio(row), f"{(row.bytes or 0) / 1e6:.0f}"]
        for size, results in measured
        if (row := results.rows.get("archive.export"))
    ]
    heads = ["people", "rows", "rows a second", "reading alone is faster by", "MB"]
    text = f"### Everything as one archive by `rapport export-archive` (aim: {archiving.AIM:,.0f} rows a second)"
    return f"{text}\n\n{_markdown(heads, lines)}" if lines else ""


def _rate(row: Row) -> str:
    return f"{row.rate:,.0f}{_mark(row)}" if row.rate is not None else "–"


def _mark(row: Row) -> str:
    return {True: " ✓", False: " ✗", None: ""}[row.kept]


def _payload(measured: Sequence[tuple[int, Results]]) -> str:
    rows = measured[-1][1].of("payload")
    if not rows:
        return ""
    lines = [[row.label, f"{row.bytes:,}{_mark(row)}", f"{row.budget:,.0f}", row.note] for row in rows]
    title = "### What a browser loads, in bytes over the wire"
    aims = f"(first load ≤ {payload.FIRST:,}, later pages ≤ {payload.LATER:,})"
    return f"{title} {aims}\n\n{_markdown(['', 'bytes', 'budget', ''], lines)}"


def _starts(starts: dict[str, Results]) -> str:
    lines = []
    for database, results in starts.items():
        name = NAMES[database]
        took = ((row, f"{(row.p50 or 0) / 1000:.1f} s") for row in results.of("start"))
        held = ((row, f"{(row.bytes or 0) / 1e6:.0f} MB") for row in results.of("memory"))
        lines += [[name, row.label, f"{text}{_mark(row)}", row.note] for row, text in (*took, *held)]
    if not lines:
        return ""
    aims = f"{starting.FIRST_PAGE / 1000:g} s to the first page; {starting.MEMORY / 1e6:.0f} MB in all on SQLite"
    note = "Memory is what processes hold at rest after work, shared pages divided among them (PSS).\n"
    return f"## Start and memory (aim: {aims})\n\n{note}\n{_markdown(['', '', '', ''], lines)}"


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.2f}" if value < 10 else f"{value:,.0f}"


def _markdown(heads: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rule = ["---" if not index else "---:" for index, _head in enumerate(heads)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (heads, rule, *lines)) + "\n"
