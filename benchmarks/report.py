"""What a run of the benchmark says, as Markdown, and where it is kept.

Belongs here: wording, the limits we aim for, the section of results.md that a run replaces.
Does not belong here: measuring.
"""

from __future__ import annotations

import os
import platform
import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb

from benchmarks.case import Case
from benchmarks.measure import Effort

RESULTS = Path(__file__).with_name("results.md")

HEADER = """# Benchmark results

Each section is printed by one run of `make benchmark EVENTS=<n>`, which replaces its own section here. SQL seconds are
the sum of the statements (for dbt, of its models); seeds and the start of dbt are in the wall clock only, and so is its
share of the processor seconds. On a machine that is shared, trust the processor seconds. What the hand-written script
is given for nothing is said at its head (`handwritten.sql`).
"""


@dataclass
class Measurements:
    """Everything that one run found out."""

    case: Case
    memory_limit: str
    sizes: dict[str, int] = field(default_factory=dict)
    full: Effort = field(default_factory=Effort)
    new_day: Effort = field(default_factory=Effort)
    new_day_rows: int = 0
    by_hand: Effort = field(default_factory=Effort)
    copies: Effort = field(default_factory=Effort)
    rescored: Effort = field(default_factory=Effort)
    compared: str = ""
    different: list[str] = field(default_factory=list)
    others: str = ""
    loads: list[float] = field(default_factory=list)


def section(found: Measurements) -> str:
    """The section of one run."""
    case = found.case
    lines = [
        f"## {case.events:,} events, memory limit {found.memory_limit}",
        "",
        f"{date.today()}, {_machine()}, load average while it ran {_span(found.loads)}.",
        f"{case.accounts:,} accounts over {case.days} days: "
        + ", ".join(f"{count:,} {name}" for name, count in found.sizes.items())
        + ".",
        "",
        "| step | SQL s | processor s | wall s | peak memory |",
        "|---|---:|---:|---:|---:|",
        _row(f"full refresh, as of {case.day_before}", found.full),
        _row(f"one new day, {case.end} ({found.new_day_rows:,} raw rows)", found.new_day),
        *_rows_of_others(found),
        "",
        "| ratio | by SQL seconds | by processor seconds | aim |",
        "|---|---:|---:|---:|",
        *_ratios_to_others(found),
        _ratio("one new day / full refresh", found.new_day, found.full, 1 / 50),
        f"| peak memory of the full refresh | {found.full.peak_bytes / 1e9:.1f} GB | | < 8 GB |",
        "",
        "The publication is measured on its own (results_publication.md), so no figure here holds it. "
        + _verdict(found),
        "",
        "Full refresh by layer: " + _seconds(found.full.by_layer.items()) + ".",
        "",
        "Its dearest models: " + _seconds(found.full.dearest) + ".",
        "",
        f"One new day, {len(found.new_day.by_model)} models: " + _seconds(found.new_day.dearest) + ".",
        "",
    ]
    if found.compared:
        lines += ["Hand-written, by step: " + _seconds(found.by_hand.by_model.items()) + ".", "", found.others, ""]
    return "\n".join(lines)


def _rows_of_others(found: Measurements) -> list[str]:
    if not found.compared:
        return []
    return [
        _row("hand-written script", found.by_hand),
        _row("plain copy of the finished tables", found.copies),
        _row("re-scoring all history with new weights", found.rescored),
    ]


def _ratios_to_others(found: Measurements) -> list[str]:
    if not found.compared:
        return []
    return [
        _ratio("full refresh / hand-written script", found.full, found.by_hand, 2),
        _ratio("full refresh / plain copy", found.full, found.copies, 4),
        _ratio("re-scoring / full refresh", found.rescored, found.full, 1 / 5),
    ]


def _verdict(found: Measurements) -> str:
    if not found.compared:
        return "The yardsticks were left out of this run."
    if found.different:
        return f"The hand-written tables differ from ours ({found.compared}): " + "; ".join(found.different)
    return f"The hand-written tables equal ours ({found.compared})."


def keep(text: str, results: Path = RESULTS) -> None:
    """Put the section into results.md, in the place of an earlier one of the same size and memory limit.

    What stands above the sections stays.
    """
    heading = text.split("\n", 1)[0]
    known = results.read_text(encoding="utf-8") if results.exists() else HEADER
    parts = re.split(r"^(?=## )", known, flags=re.MULTILINE)
    others = [part.strip("\n") for part in parts[1:] if part.split("\n", 1)[0] != heading]
    sections = sorted([*others, text.strip("\n")], key=_size)
    results.write_text("\n\n".join([parts[0].strip("\n"), *sections]) + "\n", encoding="utf-8")


def _size(text: str) -> tuple[int, str]:
    heading = text.split("\n", 1)[0]
    return int(re.sub(r"\D", "", heading.split("events")[0])), heading


def _row(name: str, effort: Effort) -> str:
    return (
        f"| {name} | {effort.sql_seconds:.1f} | {effort.processor_seconds:.1f} | {effort.seconds:.1f} "
        f"| {effort.peak_bytes / 1e9:.1f} GB |"
    )


def _ratio(name: str, above: Effort, below: Effort, limit: float) -> str:
    ratio = above.sql_seconds / max(below.sql_seconds, 1e-9)
    by_processor = above.processor_seconds / max(below.processor_seconds, 1e-9)
    aim = "≤ " + _fraction(limit) + ("" if ratio <= limit else ", missed")
    return f"| {name} | {_fraction(ratio)} | {_fraction(by_processor)} | {aim} |"


def _fraction(ratio: float) -> str:
    return f"{ratio:.3g}" if ratio >= 0.5 else f"1/{1 / max(ratio, 1e-9):.3g}"


def _seconds(items: object) -> str:
    return ", ".join(f"{name} {seconds:.2f} s" for name, seconds in items)  # type: ignore[attr-defined]


def _span(loads: list[float]) -> str:
    return f"{min(loads):.1f} to {max(loads):.1f}" if loads else "unknown"


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return (
        f"{os.cpu_count()} {platform.machine()} cores, {memory:.0f} GB, Python {platform.python_version()}, "
        f"DuckDB {duckdb.__version__}"
    )
