"""The process of the nightly pass: records come in as lines of JSON, pairs that may be one go out.

It knows neither Django nor the database, so that the worker pays for Splink and DuckDB only while a pass runs:
`python -m rapport.features.duplicates.nightly.linking`. The first line in is a `Task` as JSON, each other one the
values of a record, its id first, in the order of the task's fields. Out come `{"stage": …}` as it goes on,
`{"pair": [id, id, probability, [[what, how, weight], …]]}` sorted by their ids, and at last `{"done": …}` with numbers.
"""

from __future__ import annotations

import json
import logging
import math
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapport.features.duplicates.nightly import blocking, levels, traits
from rapport.lib.processes import end_with_parent

SEED = 1
SAMPLED = 500_000
"""Random pairs from which is learned how often records that are not one are alike."""
TRAINED = 2_000_000
"""Pairs at most that a round of training looks at."""
ENOUGH = 100
"""Pairs that are surely one, from which on an organisation's own are learned from."""
FILLED = 20
"""Records that must have something for it to be compared."""
SHARE = 0.7
"""Of all pairs that are one, those that the sure rules find."""
LEAST_M = 0.002
"""Share at least of a level among pairs that are one."""
UNLIKELY = 0.0005
"""Pairs less likely than this are dropped at once."""
ROUNDS = 8
CHUNK = 20_000


@dataclass(frozen=True, slots=True)
class Task:
    """`kinds` say as what each field is compared; pairs below the probability `least` are left out."""

    kinds: Mapping[str, str]
    least: float = 0.5
    parent: int = 0
    memory: str = "1GB"
    threads: int = 2


def main() -> None:
    """Read the task and the records from standard input, write what is found to standard output."""
    task = Task(**json.loads(sys.stdin.readline()))
    if task.parent:
        end_with_parent(task.parent)
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints is no answer
    for message in link(task, map(json.loads, sys.stdin)):
        out.write(json.dumps(message) + "\n")
        if "pair" not in message:
            out.flush()
    out.flush()


def link(task: Task, records: Iterable[Sequence[Any]]) -> Iterator[dict[str, Any]]:
    """Messages as `main` writes them, for records as it reads them."""
    with tempfile.TemporaryDirectory(prefix="rapport-duplicates-") as folder:
        con = _connect(task, folder)
        try:
            yield {"stage": "reading"}
            names = traits.columns(task.kinds)
            count = _load(con, task, names, records)
            yield {"stage": "comparing", "records": count}
            for statement in blocking.statements(names):
                con.execute(statement)
            (candidates,) = _row(con, "SELECT count(*) FROM pairs")
            found = 0
            if candidates:
                for message in _score(con, task, count):
                    found += "pair" in message
                    yield message
            yield {"done": found, "records": count, "candidates": candidates}
        finally:
            con.close()


def _connect(task: Task, folder: str) -> Any:
    import duckdb

    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": str(task.threads), "memory_limit": task.memory, "temp_directory": folder,
        "autoinstall_known_extensions": "false", "autoload_known_extensions": "false",
        "allow_community_extensions": "false", "preserve_insertion_order": "true",
    }  # fmt: skip
    return duckdb.connect(":memory:", config=config)


def _row(con: Any, text: str) -> tuple[Any, ...]:
    """The one row of a statement, read to its end: a connection of DuckDB does nothing else before."""
    row: tuple[Any, ...]
    (row,) = con.execute(text).fetchall()
    return row


def _load(con: Any, task: Task, names: Sequence[str], records: Iterable[Sequence[Any]]) -> int:
    """The table `records`: id and traits; how many there are."""
    import pyarrow as pa

    kinds = {n: pa.list_(pa.string()) if n in traits.LISTS else pa.int64() if n.startswith("days_") else pa.string()
             for n in names}  # fmt: skip
    schema = pa.schema([("id", pa.int64()), *kinds.items()])
    fields, count = list(task.kinds), 0
    con.register("part", pa.Table.from_pylist([], schema=schema))
    con.execute("CREATE TABLE records AS SELECT * FROM part")
    rows: list[dict[str, Any]] = []

    def flush() -> None:
        part = pa.Table.from_pylist(rows, schema=schema)
        con.register("part", part)
        con.execute("INSERT INTO records SELECT * FROM part")
        con.unregister("part")
        rows.clear()

    for record in records:
        made = traits.of(task.kinds, dict(zip(fields, record[1:], strict=True)))
        rows.append({"id": record[0], **made})
        count += 1
        if len(rows) >= CHUNK:
            flush()
    if rows:
        flush()
    return count


def _score(con: Any, task: Task, count: int) -> Iterator[dict[str, Any]]:
    """Train and predict; the pairs from the task's probability on, with what speaks for and against each."""
    compared = [c for c in levels.comparisons(task.kinds) if _is_filled(con, c, count)]
    if not compared:
        return
    sure = _sure(con, compared)
    yield {"stage": "learning", "sure": sure}
    model = _learn(con, compared, sure, count)
    yield {"stage": "scoring"}
    linker = _linker(con, model)
    linker.table_management.register_blocked_pairs_for_predict(linker._db_api.register("pairs"))
    frame = linker.inference.predict(threshold_match_probability=UNLIKELY, warning_mode="never")
    shift = _shift(con, frame.physical_name, model["probability_two_random_records_match"], count)
    least = math.log2(task.least / (1 - task.least)) - shift if task.least > 0 else -1000
    yield from _pairs(con, frame, compared, model, shift, least)


def _shift(con: Any, table: str, prior: float, count: int) -> float:
    """What is to be added to every weight so that as many pairs are one as the pairs themselves say.

    Sure rules find few of the pairs where much is missing or mistyped; all scores together know better.
    """
    every, odds, shift = count * (count - 1) / 2, prior / (1 - prior), 0.0
    for _round in range(ROUNDS):
        (found,) = _row(con, f"SELECT sum(1 / (1 + pow(2, -(match_weight + {shift})))) FROM {table}")
        share = min(0.5, max(float(found or 0), 0.5) / every)
        shift = math.log2(share / (1 - share) / odds)
    return shift


def _pairs(
    con: Any, frame: Any, compared: Sequence[levels.Comparison], model: Mapping[str, Any], shift: float, least: float
) -> Iterator[dict[str, Any]]:
    """The pairs of at least this weight before the shift, the probability after it."""
    hows = {c["output_column_name"]: _hows(c) for c in model["comparisons"]}
    named = {levels.column(c.what): c.what for c in compared}
    known = {c.unquote().name for c in frame.columns}
    wanted = ["id_l", "id_r", "match_weight"]
    wanted += [c for n in named for c in (f"gamma_{n}", f"mw_{n}", f"mw_tf_adj_{n}") if c in known]
    selected = ", ".join(f'"{c}"' for c in wanted)
    result = con.execute(
        f"SELECT {selected} FROM {frame.physical_name} WHERE match_weight >= {least} ORDER BY id_l, id_r"
    )
    while part := result.fetchmany(CHUNK):
        for values in part:
            row = dict(zip(wanted, values, strict=True))
            reasons = [
                (what, hows[name][row[f"gamma_{name}"]], row[f"mw_{name}"] + (row.get(f"mw_tf_adj_{name}") or 0.0))
                for name, what in named.items()
                if row[f"gamma_{name}"] >= 0
            ]
            told = [[what, how, round(weight, 2)] for what, how, weight in sorted(reasons, key=lambda r: -r[2])]
            chance = 1 / (1 + 2.0 ** -(row["match_weight"] + shift))
            yield {"pair": [row["id_l"], row["id_r"], round(chance, 6), told]}


def _hows(comparison: Mapping[str, Any]) -> list[str]:
    """What each level says, by its number in Splink's answer: 0 is the last one."""
    kept = [level for level in comparison["comparison_levels"] if not level.get("is_null_level")]
    return [level["label_for_charts"] for level in reversed(kept)]


def _is_filled(con: Any, comparison: levels.Comparison, count: int) -> bool:
    """Whether enough records have something to compare."""
    names = [n if n not in traits.LISTS else f"nullif(len({n}), 0)" for n in comparison.columns]
    counts = _row(con, f"SELECT {', '.join(f'count({n})' for n in names)} FROM records")
    return int(min(counts)) >= min(FILLED, count)


def _sure(con: Any, compared: Sequence[levels.Comparison]) -> int:
    """Pairs of which two different things are the same, a name or a date among them."""
    who = [c.sure for c in compared if c.sure and c.who]
    rest = [c.sure for c in compared if c.sure and not c.who]
    given = {c.columns[0] for c in compared}
    if given >= {"given", "family"}:
        who.append('(l."given" = r."given" AND l."family" = r."family")')
    if not who:
        return 0
    first = " + ".join(f"coalesce(({w})::INT, 0)" for w in who)
    both = f"{first} + {' + '.join(f'coalesce(({w})::INT, 0)' for w in rest)}" if rest else first
    (found,) = _row(
        con,
        "SELECT count(*) FROM pairs JOIN records l ON l.id = join_key_l JOIN records r ON r.id = join_key_r "
        f"WHERE {first} >= 1 AND {both} >= 2",
    )
    return int(found)


def _linker(con: Any, model: Mapping[str, Any]) -> Any:
    from splink import DuckDBAPI, Linker

    logging.getLogger("splink").setLevel(logging.ERROR)

    api = DuckDBAPI(con)
    return Linker(api.register("records"), dict(model), log_level=None)


def _settings(compared: Sequence[levels.Comparison], sure: int, count: int) -> dict[str, Any]:
    """The model before it is trained; it begins with how many pairs are one among all."""
    every = max(1.0, count * (count - 1) / 2)
    return {
        "link_type": "dedupe_only", "unique_id_column_name": "id", "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": True, "blocking_rules_to_generate_predictions": [],
        "probability_two_random_records_match": min(0.5, max(sure, 1) / SHARE / every),
        "comparisons": [c.settings() for c in compared],
    }  # fmt: skip


def _learn(con: Any, compared: Sequence[levels.Comparison], sure: int, count: int) -> dict[str, Any]:
    """The model, trained on the records themselves."""
    linker = _linker(con, _settings(compared, sure, count))
    linker.training.estimate_u_using_random_sampling(max_pairs=SAMPLED, seed=SEED, min_count_per_level=None)
    if sure >= ENOUGH:
        from splink import block_on

        names = {n for c in compared for n in c.columns}
        for rule in blocking.TRAINING:
            if names.issuperset(rule):
                _train(linker, block_on(*(f'"{n}"' for n in rule)))
        for name in sorted(names):
            if name.startswith(("date_", "code_")):
                _train(linker, block_on(f'"{name}"'))
    model: dict[str, Any] = linker.misc.save_model_to_json(None)
    return _smoothed(model, min(SAMPLED, count * (count - 1) // 2))


def _train(linker: Any, rule: Any) -> None:
    from splink.internals.exceptions import EMTrainingException

    try:
        linker.training.estimate_parameters_using_expectation_maximisation(
            rule, estimate_without_term_frequencies=True, max_pairs=TRAINED
        )
    except EMTrainingException:
        return  # no pairs to learn from


def _smoothed(model: dict[str, Any], sampled: int) -> dict[str, Any]:
    """The model with each level possible on both sides: what was never met is rare, not impossible."""
    for comparison in model["comparisons"]:
        kept = [level for level in comparison["comparison_levels"] if not level.get("is_null_level")]
        for level in kept:
            for which, least in (("m_probability", LEAST_M), ("u_probability", 1 / max(sampled, 1))):
                value = level.get(which)
                level[which] = max(float(value) if isinstance(value, (int, float)) else 0.0, least)
        for which in ("m_probability", "u_probability"):
            whole = sum(level[which] for level in kept)
            for level in kept:
                level[which] /= whole
    return model


if __name__ == "__main__":
    main()
