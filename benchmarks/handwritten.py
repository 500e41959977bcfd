"""Make the finished tables by handwritten.sql, or by a plain copy, and hold them against ours.

    python -m benchmarks.handwritten --build <file> --out <file> --as-of <date> [--copy] [--memory-limit 6GB]

Belongs here: running the yardsticks and comparing their tables with the models'.
Does not belong here: the SQL itself (handwritten.sql).
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb

from customer_health.core.sql import quote_text

SCRIPT = Path(__file__).with_name("handwritten.sql")

# our table -> its key; the handwritten one has the same name
FINISHED: dict[str, tuple[str, ...]] = {
    "intermediate.int_account_days": ("account_id", "date_day"),
    "intermediate.int_measures__unioned": ("account_id", "date_day", "measure"),
    "intermediate.int_metrics": ("account_id", "date_day", "metric"),
    "health.fct_metric_points": ("account_id", "date_day", "metric"),
    "intermediate.int_scores": ("account_id", "date_day", "scorecard"),
    "health.fct_health_scores": ("account_id", "date_day", "scorecard"),
    "health.fct_score_changes": ("account_id", "date_day", "scorecard", "effect", "metric"),
}
# what the daily build keeps for itself
NOT_COMPARED = frozenset({"last_grade", "last_raw_grade", "last_raw_grade_days"})
TOLERANCE = 1e-6


def run_script(con: duckdb.DuckDBPyConnection, as_of: date) -> dict[str, float]:
    """Run handwritten.sql. Returns the seconds of each step."""
    con.execute(f"set variable as_of = date '{as_of}'")
    script = SCRIPT.read_text(encoding="utf-8").replace("$as_of", "getvariable('as_of')")
    seconds: dict[str, float] = {}
    for step in re.split(r"^-- step: ", script, flags=re.MULTILINE)[1:]:
        name, statements = step.split("\n", 1)
        started = time.monotonic()
        con.execute(statements)
        seconds[name] = time.monotonic() - started
    return seconds


def copy_tables(con: duckdb.DuckDBPyConnection) -> dict[str, float]:
    """Copy our finished tables as they are: all marts, and what the script makes. Returns the seconds of each."""
    # the build counts the rows of every mart that is stored or that shows what is stored
    marts = con.execute("select distinct table_name from build.build_log.row_counts order by 1").fetchall()
    seconds: dict[str, float] = {}
    for table in dict.fromkeys([*FINISHED, *(mart for (mart,) in marts)]):
        started = time.monotonic()
        con.execute(f"create table {_local(table)} as select * from build.{table}")
        seconds[table] = time.monotonic() - started
    return seconds


def differences(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Compare every row and column of the finished tables; doubles may differ by TOLERANCE. Returns what differs."""
    found: list[str] = []
    for table, key in FINISHED.items():
        join = " and ".join(f"ours.{column} is not distinct from theirs.{column}" for column in key)
        unequal = [
            f"count_if(not coalesce({_equal(name, data_type)}, false) and ours.date_day = theirs.date_day) as {name}"
            for name, data_type in _columns(con, table)
            if name not in key
        ]
        cursor = con.execute(
            f"select count_if(theirs.date_day is null) as rows_of_ours_only, "
            f"count_if(ours.date_day is null) as rows_of_theirs_only, {', '.join(unequal)} "
            f"from build.{table} as ours full join main.{_local(table)} as theirs on {join}"
        )
        names = [column[0] for column in cursor.description or ()]
        counts = dict(zip(names, cursor.fetchone() or (), strict=True))
        found += [f"{table}: {name} differs in {count:,} rows" for name, count in counts.items() if count]
    return found


def different_checksums(con: duckdb.DuckDBPyConnection) -> list[str]:
    """The same by counts, sums of numbers and hashes of texts: for tables that are too large to join."""
    found: list[str] = []
    for table in FINISHED:
        parts = ["count(*) as rows"]
        for name, data_type in _columns(con, table):
            if _is_number(data_type):
                parts.append(f"sum(cast({name} as double)) as sum_of_{name}, count({name}) as count_of_{name}")
            else:
                parts.append(f"sum(cast(hash({name}) as hugeint)) as hash_of_{name}")
        checksums = [
            con.execute(f"select {', '.join(parts)} from {relation}").fetchone() or ()
            for relation in (f"build.{table}", f"main.{_local(table)}")
        ]
        names = [part.rsplit(" ", 1)[1] for part in ", ".join(parts).split(", ") if " as " in part]
        for name, ours, theirs in zip(names, *checksums, strict=True):
            if abs((ours or 0) - (theirs or 0)) > TOLERANCE * max(1, abs(ours or 0)) * (not name.startswith("hash")):
                found.append(f"{table}: {name} is {ours}, by hand {theirs}")
    return found


def _columns(con: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, str]]:
    described = con.execute(f"describe build.{table}").fetchall()
    return [(name, data_type) for name, data_type, *_ in described if name not in NOT_COMPARED]


def _local(table: str) -> str:
    return table.split(".")[1]


def _is_number(data_type: str) -> bool:
    return data_type.startswith(("DOUBLE", "DECIMAL"))


def _equal(name: str, data_type: str) -> str:
    same = f"ours.{name} is not distinct from theirs.{name}"
    if not _is_number(data_type):
        return same
    return f"({same} or abs(ours.{name} - theirs.{name}) <= {TOLERANCE} * greatest(1, abs(ours.{name})))"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.handwritten")
    parser.add_argument("--build", type=Path, required=True, help="our build file")
    parser.add_argument("--out", type=Path, required=True, help="file to write, replaced")
    parser.add_argument("--as-of", type=date.fromisoformat, required=True)
    parser.add_argument("--copy", action="store_true", help="copy our tables instead")
    parser.add_argument("--compare", choices=["rows", "checksums"], help="compare instead; exit code 1 if they differ")
    parser.add_argument("--memory-limit", default="6GB")
    given = parser.parse_args(arguments)
    if not given.compare:
        given.out.unlink(missing_ok=True)
    with duckdb.connect(str(given.out)) as con:
        con.execute("set TimeZone = 'UTC'; set preserve_insertion_order = false")
        con.execute(f"set memory_limit = '{given.memory_limit}'")
        con.execute(f"attach {quote_text(given.build)} as build (read_only)")
        if given.compare:
            found = differences(con) if given.compare == "rows" else different_checksums(con)
            print("\n".join(found))
            return 1 if found else 0
        print(json.dumps(copy_tables(con) if given.copy else run_script(con, given.as_of)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
