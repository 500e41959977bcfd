"""Time a night: from the files of a new day to the publication, by Dagster and by dbt and Python alone.

    python -m benchmarks.daily [--accounts 500] [--days 548] [--repeats 3] [--folder F] [--keep]

A simulated company is refreshed up to the day before its last; then the files of the last day are dropped into two
copies of its warehouse, and one is refreshed by the command line, the other by the daily job. Both are started anew in
a process of their own; both end with the same published rows, which is checked. The report is kept in results_daily.md.

Belongs here: the steps, and what counts as process start.
Does not belong here: splitting files (arrivals.py), processor time and memory (measure.py).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from benchmarks.arrivals import split_landing
from benchmarks.measure import Effort, measured
from customer_health.core.published_file import PUBLISHED_FILE
from customer_health.core.settings import PREFIX, PROJECT_ROOT, Settings
from customer_health.core.sql import quote_text
from examples.company import CompanyConfig, generate
from orchestration.manifest import home, prepare_manifest

END = date(2026, 6, 30)
RESULTS = Path(__file__).with_name("results_daily.md")
COMPARED = ("health.fct_health_scores", "health.fct_metric_points", "health.rpt_account_health_current")
LIMIT = 2.0

# what the child processes run: they say themselves how long it took from the first step on
BY_HAND = """
import json, sys, time
from datetime import date
from pathlib import Path
from customer_health.refresh.refresh import DbtRun, refresh
landing, warehouse, as_of = sys.argv[1:]
started = time.monotonic()
refresh(Path(landing), DbtRun(Path(warehouse), as_of=date.fromisoformat(as_of)))
Path(warehouse, "seconds.json").write_text(json.dumps(time.monotonic() - started))
"""
BY_DAGSTER = """
import json, sys
from pathlib import Path
import dagster as dg
from orchestration.definitions import defs
landing, warehouse, as_of = sys.argv[1:]
with dg.DagsterInstance.get() as instance:
    result = defs.resolve_job_def("daily_refresh").execute_in_process(instance=instance, partition_key=as_of)
    stats = instance.get_run_stats(result.run_id)
Path(warehouse, "seconds.json").write_text(json.dumps(stats.end_time - stats.start_time))
"""


class BenchmarkError(RuntimeError):
    """A step failed, so nothing can be said about speed."""


@dataclass(frozen=True)
class Night:
    """One refresh: `effort.seconds` with the start of its process, `seconds` without."""

    effort: Effort
    seconds: float


def benchmark(folder: Path, accounts: int, days: int, repeats: int) -> tuple[str, bool]:
    """Measure, and say what was found and whether it is within the limit."""
    print("writing landing files", file=sys.stderr, flush=True)
    generate(folder / "whole", CompanyConfig(accounts=accounts, days=days, end=END, seed=7))
    split_landing(folder / "whole", END, folder / "history", folder / "last day")
    built = folder / "built"
    print(f"first refresh, as of {END - timedelta(days=1)}", file=sys.stderr, flush=True)
    _child(BY_HAND, folder / "history", built, END - timedelta(days=1), {})
    settings = Settings(warehouse=built, landing=folder / "history")
    prepare_manifest(settings)
    (home(settings) / "dagster.yaml").write_text("telemetry: {enabled: false}\n", encoding="utf-8")
    nights: dict[str, list[Night]] = {"hand": [], "dagster": []}
    loads = []
    for number in range(repeats):
        warehouses = {}
        for how, code in (("hand", BY_HAND), ("dagster", BY_DAGSTER)):
            print(f"night {number + 1} of {repeats}, by {how}", file=sys.stderr, flush=True)
            loads.append(os.getloadavg()[0])
            warehouses[how] = folder / how
            nights[how].append(_night(folder, built, warehouses[how], code))
        different = _different(*warehouses.values())
        if different:
            raise BenchmarkError(f"the two published different rows: {', '.join(different)}")
    return _report(accounts, days, nights, loads)


def _night(folder: Path, built: Path, warehouse: Path, code: str) -> Night:
    shutil.rmtree(warehouse, ignore_errors=True)
    shutil.copytree(built, warehouse, symlinks=True)
    landing = warehouse / "landing"
    shutil.copytree(folder / "history", landing)
    shutil.copytree(folder / "last day", landing, dirs_exist_ok=True)
    environment = {
        "DAGSTER_HOME": str(warehouse / "dagster"),
        f"{PREFIX}WAREHOUSE": str(warehouse),
        f"{PREFIX}LANDING": str(landing),
    }
    effort = measured(lambda: _child(code, landing, warehouse, END, environment))
    return Night(effort, json.loads((warehouse / "seconds.json").read_text(encoding="utf-8")))


def _child(code: str, landing: Path, warehouse: Path, as_of: date, environment: dict[str, str]) -> None:
    command = [sys.executable, "-c", code, str(landing), str(warehouse), as_of.isoformat()]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        done = subprocess.run(
            command, cwd=PROJECT_ROOT, env=os.environ | environment, stdout=said, stderr=said, check=False
        )
        if done.returncode != 0:
            said.seek(0)
            raise BenchmarkError(said.read()[-3000:])


def _different(one: Path, other: Path) -> list[str]:
    found = []
    with duckdb.connect() as con:
        for name, warehouse in (("one", one), ("other", other)):
            con.execute(f"attach {quote_text(warehouse / PUBLISHED_FILE)} as {name} (read_only)")
        for table in COMPARED:
            either_way = " union all ".join(
                f"(from {mine}.{table} except all from {theirs}.{table})"
                for mine, theirs in (("one", "other"), ("other", "one"))
            )
            if con.execute(f"select count(*) from ({either_way})").fetchall()[0][0]:
                found.append(table)
    return found


def _report(accounts: int, days: int, nights: dict[str, list[Night]], loads: list[float]) -> tuple[str, bool]:
    def median(how: str, value: Callable[[Night], float]) -> float:
        return statistics.median(value(night) for night in nights[how])

    rows = [
        ("from the first step to the last, seconds", lambda night: night.seconds),
        ("with the start of the process, seconds", lambda night: night.effort.seconds),
        ("processor seconds, dbt and start included", lambda night: night.effort.processor_seconds),
        ("most memory of one process, MB", lambda night: night.effort.peak_bytes / 1e6),
    ]
    lines = [
        "# A night, by Dagster and by dbt and Python alone",
        "",
        f"{accounts:,} accounts over {days} days; the files of {END} are dropped, loaded, built, judged and published.",
        f"Median of {len(loads) // 2} nights each, in turn; load average before each {min(loads):.1f} to"
        f" {max(loads):.1f}.",
        "Both publish the same rows. On a machine that is shared, trust the processor seconds. Made by",
        "`python -m benchmarks.daily`.",
        "",
        "| | dbt and Python | Dagster | ratio |",
        "|---|---:|---:|---:|",
    ]
    ratios = []
    for name, value in rows:
        hand, dagster = median("hand", value), median("dagster", value)
        ratios.append(dagster / hand)
        lines.append(f"| {name} | {hand:,.1f} | {dagster:,.1f} | {dagster / hand:.2f} |")
    said = "met" if ratios[0] <= LIMIT else "missed"
    lines += ["", f"Aim: at most {LIMIT:g} times without the start of the process: {said}.", ""]
    return "\n".join(lines), ratios[0] <= LIMIT


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.daily", description=__doc__.splitlines()[0])
    parser.add_argument("--accounts", type=int, default=500)
    parser.add_argument("--days", type=int, default=548)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("warehouse") / "benchmark-daily")
    parser.add_argument("--keep", action="store_true", help="leave the warehouses")
    given = parser.parse_args(arguments)
    folder = given.folder.resolve()
    if folder.exists():
        parser.error(f"{folder} exists; name a new folder")
    try:
        text, within = benchmark(folder, given.accounts, given.days, given.repeats)
    except BenchmarkError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    finally:
        if not given.keep:
            shutil.rmtree(folder, ignore_errors=True)
    print(text)
    RESULTS.write_text(text, encoding="utf-8")
    return 0 if within else 1


if __name__ == "__main__":
    raise SystemExit(main())
