"""What publishing costs, and what readers notice of it.

    python -m benchmarks.publication --events 1000000 [--accounts N] [--days N] [--folder F] [--keep]

A simulated company is built without its last day and published whole; its last day is built and published as on a
normal day; then the same build is published whole once more, for comparison. On a small company, 50 publications run
under at least 1,000 reads by other processes. The report is printed and kept in results_publication.md.

Belongs here: the order of the steps, the report.
Does not belong here: the data (case.py), the storm (publication_storm.py), the publication itself (orchestration/).
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb

from benchmarks.case import Case, let_last_day_arrive, load_all_but_last_day, usual_accounts, write_landing
from benchmarks.publication_storm import READERS, Reads, Storm, storm
from customer_health.core.build_file import BUILD_FILE
from customer_health.core.published_file import PUBLISHED_FILE
from customer_health.publication.publish import Publication, publish
from customer_health.transform.run import BUILT_WITH, DbtRun
from expectations.report import CheckResult, GateReport

RESULTS = Path(__file__).with_name("results_publication.md")
HEADER = """# Publication: what it costs, and what readers notice

Each section is printed by one run of `python -m benchmarks.publication --events <n>`, which replaces its own section.
Processor seconds are those of the publishing process; wall clocks depend on what else the machine does.
"""
STORM_ACCOUNTS = 20
STORM_DAYS = 120


@dataclass(frozen=True)
class Cost:
    """One publication."""

    what: str
    seconds: float
    processor_seconds: float
    publication: Publication
    file_bytes: int
    parquet_written: int


def built(case: Case, as_of: date, memory_limit: str) -> None:
    command = ["build", "--quiet", "--exclude-resource-type", "unit_test"]
    if DbtRun(case.warehouse, as_of=as_of, memory_limit=memory_limit).run(command) != 0:
        raise RuntimeError(f"dbt did not complete; see {case.warehouse / 'logs' / 'dbt.log'}")


def published(case: Case, as_of: date, what: str) -> Cost:
    """Publish what lies there, and say what it took."""
    check = CheckResult("marts", "benchmark", True, "error", "-", "-", "what a gate finds is not measured here")
    before = {path.name for path in case.warehouse.glob("publications/parquet/*/*/*.parquet")}
    started, processor = time.monotonic(), time.process_time()
    publication = publish(case.warehouse, as_of=as_of, gate=GateReport((check,), datetime.now(), as_of))
    seconds, processor = time.monotonic() - started, time.process_time() - processor
    written = {path.name for path in case.warehouse.glob("publications/parquet/*/*/*.parquet")} - before
    size = (case.warehouse / PUBLISHED_FILE).stat().st_size
    return Cost(what, seconds, processor, publication, size, len(written))


def costs(case: Case, memory_limit: str) -> list[Cost]:
    """A whole publication, one of a normal day, and a whole one of the same build."""
    os.environ["CUSTOMER_HEALTH_MEMORY_LIMIT"] = memory_limit
    write_landing(case)
    load_all_but_last_day(case, memory_limit)
    built(case, case.day_before, memory_limit)
    found = [published(case, case.day_before, "the first, whole")]
    let_last_day_arrive(case)
    built(case, case.end, memory_limit)
    found.append(published(case, case.end, "a new day"))
    # as if the models had changed, so that nothing may be taken over; its rows are those of the new day
    (case.warehouse / BUILT_WITH).write_text("another version", encoding="utf-8")
    found.append(published(case, case.end, "the same, whole"))
    return found


def small_storm(folder: Path) -> Storm:
    """A storm over a small company."""
    shutil.rmtree(folder, ignore_errors=True)
    case = Case(folder, events=40_000, accounts=STORM_ACCOUNTS, days=STORM_DAYS)
    folder.mkdir(parents=True, exist_ok=True)
    write_landing(case)
    load_all_but_last_day(case, "2GB")
    built(case, case.day_before, "2GB")
    return storm(case.warehouse, case.day_before)


def section(case: Case, found: list[Cost], seen: Storm) -> str:
    whole, day, _ = found
    rows = sum(day.publication.row_counts.values())
    build_bytes = (case.warehouse / BUILD_FILE).stat().st_size
    machine = f"{os.cpu_count()} {platform.machine()} cores, DuckDB {duckdb.__version__}"
    lines = [
        f"## {case.events:,} events",
        "",
        f"{date.today()}, {machine}, load average {os.getloadavg()[1]:.1f}. {case.accounts:,} accounts over "
        f"{case.days} days: {rows:,} rows published; build file {build_bytes / 1e6:,.0f} MB.",
        "",
        "| publication | wall s | processor s | file | Parquet files written | incremental |",
        "|---|---:|---:|---:|---:|---|",
        *(
            f"| {cost.what} | {cost.seconds:.1f} | {cost.processor_seconds:.1f} | {cost.file_bytes / 1e6:,.0f} MB "
            f"| {cost.parquet_written} of {len(cost.publication.parquet)} "
            f"| {'yes' if cost.publication.is_incremental else 'no'} |"
            for cost in found
        ),
        "",
        f"A new day costs 1/{whole.processor_seconds / day.processor_seconds:.1f} of the first publication by "
        f"processor seconds, 1/{whole.seconds / day.seconds:.1f} by the clock.",
        "",
        f"{seen.publications} publications of a company of {STORM_ACCOUNTS} accounts (every row changed each time) "
        f"under {len(seen.busy.seconds):,} reads by {READERS} other processes, {seen.busy.parquet_reads:,} of them by "
        f"the manifest's Parquet files: {len(seen.busy.errors)} errors, {len(seen.busy.mixed)} mixed generations, "
        f"{len(seen.busy.generations)} generations seen.",
        "",
        "| reading | reads | median ms | p99 ms | slowest ms |",
        "|---|---:|---:|---:|---:|",
        _row("an idle file", seen.idle),
        _row("while it is published over and over", seen.busy),
        "",
    ]
    return "\n".join(lines)


def _row(what: str, reads: Reads) -> str:
    values = " | ".join(f"{1000 * reads.percentile(share):.1f}" for share in (0.5, 0.99, 1.0))
    return f"| {what} | {len(reads.seconds):,} | {values} |"


def keep(text: str, results: Path = RESULTS) -> None:
    """Put the section in the place of an earlier one of the same size."""
    heading = text.split("\n", 1)[0]
    known = results.read_text(encoding="utf-8") if results.exists() else HEADER
    parts = re.split(r"^(?=## )", known, flags=re.MULTILINE)[1:]
    others = [part.strip("\n") for part in parts if part.split("\n", 1)[0] != heading]
    sections = sorted([*others, text.strip("\n")], key=lambda part: int(re.sub(r"\D", "", part.split("events")[0])))
    results.write_text("\n\n".join([HEADER.strip("\n"), *sections]) + "\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.publication", description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=1_000_000, help="about so many usage events")
    parser.add_argument("--accounts", type=int, help="default: one for 10,000 events")
    parser.add_argument("--days", type=int, default=730)
    parser.add_argument("--memory-limit", default="6GB", help="for DuckDB, such as 2GB")
    parser.add_argument("--folder", type=Path, default=Path("warehouse") / "benchmark-publication")
    parser.add_argument("--keep", action="store_true", help="leave the files")
    given = parser.parse_args(arguments)
    folder = given.folder.resolve()
    if folder.exists() and any(folder.iterdir()) and not (folder / ".benchmark").exists():
        parser.error(f"{folder} holds something else; name an empty or a new folder")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".benchmark").touch()
    case = Case(folder, given.events, given.accounts or usual_accounts(given.events), given.days)
    shutil.rmtree(case.warehouse, ignore_errors=True)
    try:
        seen = small_storm(folder / "storm")
        found = costs(case, given.memory_limit)
        text = section(case, found, seen)
    finally:
        if not given.keep:
            shutil.rmtree(folder)
    print(text)
    keep(text)
    return 1 if seen.busy.errors or seen.busy.mixed else 0


if __name__ == "__main__":
    sys.exit(main())
