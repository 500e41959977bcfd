"""How long does a what-if take, on a company as large as wanted?

    python -m benchmarks.what_if --warehouse warehouse
    python -m benchmarks.what_if --warehouse warehouse --folder kept

The build of a warehouse (`make demo`) is multiplied: every account is there many times, under names of its own, in a
build file that holds what a what-if reads. So the tables have the size of a large company, and the rows of a real one,
without an hour of building. The size is counted in days of accounts: 10,000 accounts on 730 days each are 7.3 million,
whoever came later or left before. All scorecards of an account are scored, so there are more scores than that. Asked is
for two other weights in each version, so that every score of all history is computed anew, then in one version, then
for one benchmark; and at last for other weights of all metrics, so that nothing of the build's sums can be taken over.

Belongs here: multiplying a build, the edits, the page of results.
Does not belong here: what is measured (validation/what_if), how a build is timed (refresh.py).
"""

from __future__ import annotations

import argparse
import csv
import math
import multiprocessing
import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.multiplied import copy_table
from customer_health.core.build_file import BUILD_FILE
from customer_health.core.sql import quote_text
from customer_health.validation.what_if import Answer, what_if
from customer_health.validation.what_if.answer import MEMORY_LIMIT
from customer_health.validation.what_if.uploaded import write_built

RESULTS = Path(__file__).with_name("results_what_if.md")
LIMIT_SECONDS = 15
ACCOUNT_DAYS = 10_000 * 730
# what a what-if reads of a build, beside its configuration and its logs
READ = (
    "intermediate.int_account_changes",
    "intermediate.int_benchmarks_in_force",
    "intermediate.int_challenger_predictions",
    "intermediate.int_current_accounts",
    "intermediate.int_health_scores",
    "intermediate.int_journey_metrics",
    "intermediate.int_metric_points",
    "intermediate.int_metrics",
    "intermediate.int_month_end_points",
    "intermediate.int_outcome_observations",
    "intermediate.int_override_periods",
    "intermediate.int_predictions",
    "intermediate.int_scorecard_assignments",
    "intermediate.int_scorecard_weights",
    "intermediate.int_scores",
)
VIEWS_READ = (
    "dim_accounts",
    "fct_health_scores",
    "fct_metric_points",
    "fct_score_drivers",
    "int_metrics__unioned",
    "int_score_drivers",
)
Rows = list[dict[str, str]]


@dataclass(frozen=True)
class Timed:
    """One question: what was edited, how much was computed anew, and what it took."""

    edit: str
    scorecards: int
    days_changed: int
    seconds: float
    processor_seconds: float
    peak_bytes: int
    by_step: dict[str, float]


def multiply(build_file: Path, copies: int, target: Path) -> None:
    """Write a build file in which every account of another one is there `copies` times."""
    with duckdb.connect(config={"preserve_insertion_order": False}) as con:
        con.execute("set enable_progress_bar = false")
        con.execute(f"attach {quote_text(build_file)} as source (read_only); attach {quote_text(target)} as build")
        whole = con.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where database_name = 'source'"
            " and schema_name in ('configuration', 'build_log')"
        ).fetchall()
        for table in [*(name for (name,) in whole), *READ]:
            copy_table(con, table, copies if table in READ else 1, "build")
        # in the order in which they were made: a view may read another one
        views = con.execute(
            "select sql from duckdb_views() where database_name = 'source' and view_name in (select unnest(?))"
            " order by view_oid",
            [list(VIEWS_READ)],
        ).fetchall()
        con.execute("use build; create schema if not exists health")
        for (view,) in views:
            con.execute(view)


def _edited(warehouse: Path, folder: Path, name: str, edit: Callable[[Rows], object]) -> None:
    """Write the configuration of the build into a folder, with one file edited."""
    write_built(warehouse, folder)
    path = folder / f"{name}.csv"
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    edit(rows)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _all_versions(rows: Rows) -> None:
    """In each version, two weighted metrics that follow each other give and take a point."""
    for version in {(row["scorecard"], row["version"]) for row in rows}:
        weighted = [
            row for row in rows if (row["scorecard"], row["version"]) == version and float(row["weight"] or 0) > 1
        ]
        weighted[0]["weight"] = f"{float(weighted[0]['weight']) + 1:g}"
        weighted[1]["weight"] = f"{float(weighted[1]['weight']) - 1:g}"


def _all_weights(rows: Rows) -> None:
    """In each version, every weighted metric but at most one gives half a point or takes it."""
    for version in {(row["scorecard"], row["version"]) for row in rows}:
        weighted = [
            row for row in rows if (row["scorecard"], row["version"]) == version and float(row["weight"] or 0) > 1
        ]
        for taking, giving in zip(weighted[::2], weighted[1::2], strict=False):
            taking["weight"] = f"{float(taking['weight']) + 0.5:g}"
            giving["weight"] = f"{float(giving['weight']) - 0.5:g}"


def _one_version(rows: Rows) -> None:
    newest = [row for row in rows if row["scorecard"] == rows[0]["scorecard"]]
    newest = [row for row in newest if row["version"] == newest[-1]["version"]]
    _all_versions(newest)


def _one_benchmark(rows: Rows) -> None:
    for row in rows:
        if row["metric"] == "nps_score_180d":
            row["target"] = f"{float(row['target']) + 1:g}"


EDITS: dict[str, tuple[str, Callable[[Rows], object]]] = {
    "two other weights in each version of each scorecard": ("scorecard_metrics", _all_versions),
    "two other weights in one version of one scorecard": ("scorecard_metrics", _one_version),
    "another benchmark of one weighted metric": ("benchmarks", _one_benchmark),
    "all weights of all versions of all scorecards": ("scorecard_metrics", _all_weights),
}


def ask(edit: str, warehouse: Path) -> Timed:
    """Ask in a process of its own, so that nothing is warm but the disk and the compiled formulas."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_ask, (edit, warehouse))


def _ask(edit: str, warehouse: Path) -> Timed:
    with tempfile.TemporaryDirectory() as folder:
        _edited(warehouse, Path(folder), *EDITS[edit])
        started, before = time.monotonic(), time.process_time()
        answer: Answer = what_if(Path(folder), warehouse)
        seconds, processor = time.monotonic() - started, time.process_time() - before
    return Timed(
        edit,
        len(answer.reached.scorecards),
        sum(change.days_changed for change in answer.scorecards),
        seconds,
        processor,
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        answer.seconds,
    )


# an account has a score of each of its scorecards on a day
_COUNT_DAYS = "select count(*) from (select distinct account_id, date_day from health.fct_health_scores)"


def sizes(build_file: Path) -> dict[str, Any]:
    with duckdb.connect(str(build_file), read_only=True) as con:
        found = con.execute(
            "select count(distinct account_id), max(date_day) - min(date_day) + 1, count(*),"
            f" ({_COUNT_DAYS}) from health.fct_health_scores"
        ).fetchall()[0]
        points = con.execute("select count(*) from health.fct_metric_points").fetchall()[0][0]
    return dict(zip(("accounts", "days", "scores", "account_days", "points"), (*found, points), strict=True))


def page(size: dict[str, Any], timed: Sequence[Timed], load: float, by_dbt: float | None) -> str:
    """The results as Markdown; `by_dbt` is what a re-scoring of that size took dbt, in processor seconds."""
    aim = f"at most {LIMIT_SECONDS} s"
    lines = [
        "# What a what-if takes",
        "",
        f"{date.today()}, {os.cpu_count()} cores, DuckDB {duckdb.__version__}, memory limit"
        f" {os.environ.get('CUSTOMER_HEALTH_MEMORY_LIMIT', MEMORY_LIMIT)}, load average before it {load:.1f}.",
        "Made by `python -m benchmarks.what_if`, on a real build whose accounts were multiplied.",
        f"The case is {ACCOUNT_DAYS:,} days of accounts or slightly more: as many as 10,000 accounts have in 730 days.",
        f"Here {size['accounts']:,} accounts have {size['account_days']:,} such days within {size['days']:,} days.",
        f"On each they are scored by all their scorecards: {size['scores']:,} scores of {size['points']:,} points.",
        "",
        f"| edit | scorecards computed anew | scores that differ | seconds | processor s | peak memory | {aim} |",
        "|---|---:|---:|---:|---:|---:|---|",
        *(
            f"| {one.edit} | {one.scorecards} | {one.days_changed:,} | {one.seconds:.1f} | {one.processor_seconds:.1f}"
            f" | {one.peak_bytes / 1e9:.1f} GB | {'met' if one.seconds <= LIMIT_SECONDS else 'missed'} |"
            for one in timed
        ),
        "",
        "Compiling the formulas by dbt is not in it: it takes some seconds once, until a model or a var changes.",
        *_beside_dbt(timed, by_dbt),
        "",
        *(f"- {one.edit}: " + ", ".join(f"{step} {s:.1f} s" for step, s in one.by_step.items()) for one in timed),
        "",
    ]
    return "\n".join(lines)


def _beside_dbt(timed: Sequence[Timed], by_dbt: float | None) -> list[str]:
    if by_dbt is None:
        return []
    times = by_dbt / max(one.processor_seconds for one in timed)
    return [
        f"Re-scoring by dbt, in a warehouse of that size, took {by_dbt:.0f} processor seconds (results.md): the dearest"
        f" edit takes 1/{times:.0f} of it."
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.what_if", description=__doc__.splitlines()[0])
    parser.add_argument("--warehouse", type=Path, required=True, help="a warehouse that was built; it is only read")
    parser.add_argument(
        "--account-days", type=int, default=ACCOUNT_DAYS, help="at least so many (default: %(default)s)"
    )
    parser.add_argument(
        "--folder", type=Path, help="keep the multiplied build here, and take one that is there already"
    )
    parser.add_argument(
        "--dbt-processor-seconds", type=float, help="what re-scoring took dbt on as many accounts (results.md)"
    )
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)
    with duckdb.connect(str(options.warehouse / BUILD_FILE), read_only=True) as con:
        there = con.execute(_COUNT_DAYS).fetchall()[0][0]
    folder = options.folder or Path(tempfile.mkdtemp(prefix="what_if_benchmark_"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        if not (folder / BUILD_FILE).exists():
            waiting = folder / "multiplying.duckdb"
            with suppress(FileNotFoundError):
                waiting.unlink()
            multiply(options.warehouse / BUILD_FILE, math.ceil(options.account_days / there), waiting)
            waiting.rename(folder / BUILD_FILE)
        size = sizes(folder / BUILD_FILE)
        # compiled once, as on any day but the first
        with tempfile.TemporaryDirectory() as built:
            write_built(options.warehouse, Path(built))
            what_if(Path(built), options.warehouse)
        load = os.getloadavg()[0]
        timed = []
        for edit in EDITS:
            print(edit, file=sys.stderr, flush=True)
            timed.append(ask(edit, folder))
        text = page(size, timed, load, options.dbt_processor_seconds)
    finally:
        if not options.folder:
            shutil.rmtree(folder)
    print(text)
    options.results.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
