"""Time our refresh beside a hand-written script and a plain copy, on the same data in the same run.

    python -m benchmarks.refresh --events 1000000 [--accounts N] [--days N] [--memory-limit 6GB] [--folder F] [--keep]
                                 [--ours-only]

A simulated company is loaded without its last day and built in full; its last day arrives and is built; then the
hand-written script, the plain copy and what others do (alternatives/) run over the same rows, and in the end all
history is scored with other weights. The report is printed and kept in results.md.

Belongs here: the order of the steps.
Does not belong here: the data (case.py), how a step is measured (measure.py), the yardsticks (handwritten.py), wording
(report.py).
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb

from benchmarks.case import Case, let_last_day_arrive, load_all_but_last_day, usual_accounts, write_landing
from benchmarks.measure import Effort, add_dbt_times, measured
from benchmarks.report import Measurements, keep, section
from customer_health.core.settings import DEFAULT_CONFIG, PROJECT_ROOT
from customer_health.refresh.refresh import DbtRun

ONLY_MODELS = ["--exclude-resource-type", "unit_test", "test"]
ROWS_THAT_CAN_BE_JOINED = 50_000_000
# a window join in a row store would take longer than all other steps together
EVENTS_FOR_A_ROW_STORE = 1_000_000


class BenchmarkError(RuntimeError):
    """A step failed, so nothing can be said about speed."""


def benchmark(case: Case, memory_limit: str, config: Path = DEFAULT_CONFIG, *, ours_only: bool = False) -> Measurements:
    """Measure one case from its landing files on; `ours_only` leaves the yardsticks and the re-scoring out."""
    found = Measurements(case, memory_limit)
    _say(found, "writing landing files")
    write_landing(case)
    _say(found, "loading")
    load_all_but_last_day(case, memory_limit)
    _say(found, f"full refresh, as of {case.day_before}")
    found.full = _dbt(case, memory_limit, config, case.day_before)
    found.new_day_rows = let_last_day_arrive(case)
    _say(found, f"one new day, {case.end}")
    found.new_day = _dbt(case, memory_limit, config, case.end)
    found.sizes = _sizes(case)
    if not ours_only:
        _compare_with_others(found, config)
    _say(found, "done")
    return found


def _compare_with_others(found: Measurements, config: Path) -> None:
    case, memory_limit = found.case, found.memory_limit
    _say(found, "plain copy")
    found.copies = _yardstick(case, memory_limit, "--copy")
    _say(found, "hand-written script")
    found.by_hand = _yardstick(case, memory_limit)
    _say(found, "comparing")
    found.compared, found.different = _compare(found)
    _yardstick_file(case).unlink()
    _say(found, "what others do")
    found.others = _alternatives(case)
    _say(found, "re-scoring with other weights")
    found.rescored = _dbt(case, memory_limit, _other_weights(case, config), case.end)


def _say(found: Measurements, step: str) -> None:
    load = os.getloadavg()[0]
    found.loads.append(load)
    print(f"{step} (load {load:.1f})", file=sys.stderr, flush=True)


def _dbt(case: Case, memory_limit: str, config: Path, as_of: date) -> Effort:
    run = DbtRun(case.warehouse, config, as_of, memory_limit)

    def build() -> None:
        if run.build(*ONLY_MODELS) != 0:
            raise BenchmarkError(f"dbt did not complete; see {case.warehouse / 'logs' / 'dbt.log'}")

    effort = measured(build)
    add_dbt_times(effort, case.warehouse / "target")
    return effort


def _yardstick_file(case: Case) -> Path:
    return case.folder / "yardstick.duckdb"


def _yardstick_command(case: Case, memory_limit: str, *options: str) -> list[str]:
    return [
        *(sys.executable, "-m", "benchmarks.handwritten", "--build", str(case.build_file.resolve())),
        *("--out", str(_yardstick_file(case).resolve()), "--as-of", case.end.isoformat()),
        *("--memory-limit", memory_limit, *options),
    ]


def _yardstick(case: Case, memory_limit: str, *options: str) -> Effort:
    printed: list[str] = []

    def run() -> None:
        command = _yardstick_command(case, memory_limit, *options)
        done = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise BenchmarkError(done.stderr)
        printed.append(done.stdout)

    effort = measured(run)
    effort.by_model = json.loads(printed[0])
    effort.sql_seconds = sum(effort.by_model.values())
    return effort


def _alternatives(case: Case) -> str:
    command = [
        *(sys.executable, "-m", "benchmarks.alternatives", "--build", str(case.build_file.resolve())),
        *("--as-of", case.end.isoformat(), "--folder", str((case.folder / "alternatives").resolve())),
    ]
    if case.events > EVENTS_FOR_A_ROW_STORE:
        command += ["--without", "row_store"]
    done = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
    if not done.stdout:
        raise BenchmarkError(done.stderr)
    return done.stdout


def _compare(found: Measurements) -> tuple[str, list[str]]:
    how = "rows" if found.sizes["metric rows"] <= ROWS_THAT_CAN_BE_JOINED else "checksums"
    command = _yardstick_command(found.case, found.memory_limit, "--compare", how)
    done = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
    if done.stderr:
        raise BenchmarkError(done.stderr)
    said = {"rows": "every row and column", "checksums": "counts and checksums of every column"}[how]
    return said, [line for line in done.stdout.splitlines() if line]


def _sizes(case: Case) -> dict[str, int]:
    tables = {
        "events": "raw.usage_events",
        "account-days": "intermediate.int_account_days",
        "metric rows": "health.fct_metric_points",
        "scores": "health.fct_health_scores",
    }
    with duckdb.connect(str(case.build_file), read_only=True) as con:
        return {name: con.execute(f"select count(*) from {table}").fetchall()[0][0] for name, table in tables.items()}


def _other_weights(case: Case, config: Path) -> Path:
    """A copy of the configuration in which every second weight is half as large again."""
    copy = case.folder / "other-weights"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(config, copy)
    weights = next(copy.rglob("scorecard_metrics.csv"))
    with weights.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows[::2]:
        row["weight"] = f"{1.5 * float(row['weight']):g}"
    with weights.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return copy


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.refresh", description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=1_000_000, help="about so many usage events")
    parser.add_argument("--accounts", type=int, help="default: one for 10,000 events")
    parser.add_argument("--days", type=int, default=730)
    parser.add_argument("--memory-limit", default="6GB", help="for DuckDB, such as 2GB")
    parser.add_argument("--folder", type=Path, default=Path("warehouse") / "benchmark")
    parser.add_argument(
        "--keep", action="store_true", help="leave the files; the next run takes the landing files again"
    )
    parser.add_argument(
        "--ours-only", action="store_true", help="only the full refresh and the new day: does it fit into the memory?"
    )
    given = parser.parse_args(arguments)
    folder = given.folder.resolve()
    if folder.exists() and any(folder.iterdir()) and not (folder / ".benchmark").exists():
        parser.error(f"{folder} holds something else; name an empty or a new folder")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".benchmark").touch()
    case = Case(folder, given.events, given.accounts or usual_accounts(given.events), given.days)
    try:
        found = benchmark(case, given.memory_limit, ours_only=given.ours_only)
    except BenchmarkError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    finally:
        if not given.keep:
            shutil.rmtree(folder)
    text = section(found)
    print(text)
    keep(text)
    return 1 if found.different else 0


if __name__ == "__main__":
    raise SystemExit(main())
