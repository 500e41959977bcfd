"""How long do readers of a large company wait, and how much memory does their dashboard take?

    python -m benchmarks.dashboard [--accounts 10000] [--days 730] [--pages 40] [--warehouse W] [--folder F]

A simulated company of 500 accounts is refreshed and published, and its publication multiplied (multiplied.py). The real
server shows both, one after the other, to a real browser: the first page, each role's portfolio, and the pages of many
accounts. Beside it stands what the SQL of the account pages takes alone, and what BI tools ask. The report is kept in
results_dashboard.md.

Belongs here: the order of the steps, which pages, the report.
Does not belong here: server and browser (browser.py), questions without them (questions.py), multiplying
(multiplied.py).
"""

from __future__ import annotations

import argparse
import math
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
from playwright.sync_api import sync_playwright

from benchmarks.browser import CHROMIUM, Visit, served, visit
from benchmarks.multiplied import multiply_publication
from benchmarks.questions import asked_by_tools, drawn_accounts, sizes, sql_of_pages
from customer_health.publication.store import Store
from customer_health.refresh.refresh import refresh
from customer_health.transform.run import DbtRun
from examples.company import CompanyConfig, generate

RESULTS = Path(__file__).with_name("results_dashboard.md")
END = date(2026, 6, 30)
SMALL = 500
AIMS = {"First page": 2.0, "Account": 1.0}
MEMORY_BYTES = 1e9
ASKED_SECONDS = 1.0
ROLES = ("executive", "csm", "product", "sales")
WINDOW = {"width": 1440, "height": 900}
REPEATS = 10


@dataclass(frozen=True)
class Found:
    """What was measured on one publication.

    Attributes:
        size: accounts, days, scores, points, bytes.
        visits: by page; `First page` was opened each time by a browser that had never been here.
        sql: seconds that the questions of each account page took without server and browser.
        asked: seconds that a BI tool waited, by question.
        peak_bytes: of the server, after all visits.
        loads: of the machine, before and after the visits.
    """

    size: dict[str, int]
    visits: dict[str, list[Visit]]
    sql: list[float]
    asked: dict[str, list[float]]
    peak_bytes: int
    loads: tuple[float, float]


def build(folder: Path, days: int) -> Path:
    """Simulate, refresh and publish a company."""
    generate(folder / "landing", CompanyConfig(accounts=SMALL, days=days, end=END, seed=7))
    refresh(folder / "landing", DbtRun(folder / "built", as_of=END))
    return folder / "built"


def measure(warehouse: Path, pages: int) -> Found:
    """Measure one publication; of ours, nothing else runs meanwhile."""
    accounts = drawn_accounts(warehouse, pages + 1)
    shown = Store(warehouse).current()
    assert shown is not None, "something is published"
    before = os.getloadavg()[0]
    visits: dict[str, list[Visit]] = {}
    with served(warehouse) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        # the server's first visitor waits until it has read its own code
        for _ in range(REPEATS + 1):
            context = browser.new_context(viewport=WINDOW)
            visits.setdefault("First page", []).append(visit(context, server, ""))
            context.close()
        context = browser.new_context(viewport=WINDOW)
        # a browser loads the code of charts once
        visit(context, server, f"account?account={accounts[0]}")
        for _ in range(REPEATS):
            for role in ROLES:
                visits.setdefault(f"Portfolio, {role}", []).append(visit(context, server, f"?role={role}"))
        visits["Account"] = [visit(context, server, f"account?account={account}") for account in accounts[1:]]
        after, peak = os.getloadavg()[0], server.peak_bytes
        browser.close()
    sql = sql_of_pages(warehouse, accounts)
    asked = asked_by_tools(warehouse, accounts, shown.as_of)
    return Found(sizes(warehouse), visits, sql, asked, peak, (before, after))


def percentile(seconds: Sequence[float], share: float) -> float:
    """The smallest of the measured times that so many of them do not exceed."""
    return sorted(seconds)[math.ceil(share * len(seconds)) - 1]


def report(large: Found, small: Found) -> str:
    """The results as Markdown."""
    size, beside = large.size, small.size
    loads = [*large.loads, *small.loads]
    lines = [
        "# What readers of a large company wait for",
        "",
        f"{date.today()}, {os.cpu_count()} cores, DuckDB {duckdb.__version__}, load average around the visits"
        f" {min(loads):.1f} to {max(loads):.1f}, server and browser included.",
        "Made by `python -m benchmarks.dashboard`, on a published company whose accounts were multiplied.",
        f"{size['accounts']:,} accounts over up to {size['days']:,} days: {size['scores']:,} scores of"
        f" {size['points']:,} points, {size['bytes'] / 1e9:.1f} GB; beside it the same company as it was, of"
        f" {beside['accounts']:,} accounts, {beside['bytes'] / 1e9:.1f} GB.",
        "",
        "Seconds from navigation until the last number stood on the page, in a real browser; in it, those that the",
        "server took for its script, as the browser saw them. Processor seconds are those of the server and of all",
        "processes of the browser until half a second after that; they work side by side, so they may exceed the wait.",
        "",
        "| page | visits | median | 95th percentile | slowest | server | small company | ratio"
        " | processor s, server | browser |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
        *(_page_row(name, visits, small.visits[name]) for name, visits in large.visits.items()),
        "",
        "Medians where nothing else is said; the small company's is its page as a whole, and the ratio is to it.",
        "",
        "| without server and browser, median seconds | large | small | ratio |",
        "|---|---:|---:|---:|",
        _row("all SQL of an account page", large.sql, small.sql),
        *(_row(f"a BI tool asks {question}", times, small.asked[question]) for question, times in large.asked.items()),
        "",
        f"Peak memory of the server: {large.peak_bytes / 1e6:,.0f} MB, with the small company"
        f" {small.peak_bytes / 1e6:,.0f} MB.",
        "",
        *_aims(large),
        "",
    ]
    return "\n".join(lines)


def _page_row(name: str, large: Sequence[Visit], small: Sequence[Visit]) -> str:
    seconds = _seconds(large)
    beside = statistics.median(_seconds(small))
    cells = [
        *(percentile(seconds, share) for share in (0.5, 0.95, 1)),
        statistics.median(one.server_seconds for one in large),
        beside,
        statistics.median(seconds) / beside,
        statistics.median(one.server_processor_seconds for one in large),
        statistics.median(one.browser_processor_seconds for one in large),
    ]
    return f"| {name} | {len(large)} | {' | '.join(f'{cell:.2f}' for cell in cells)} |"


def _seconds(visits: Sequence[Visit]) -> list[float]:
    return [one.seconds for one in visits]


def _row(name: str, large: Sequence[float], small: Sequence[float]) -> str:
    ours, beside = statistics.median(large), statistics.median(small)
    return f"| {name} | {ours:.3f} | {beside:.3f} | {ours / beside:.1f} |"


def _aims(large: Found) -> list[str]:
    lines = []
    for name, limit in AIMS.items():
        reached = percentile(_seconds(large.visits[name]), 0.95)
        lines.append(f"- {name} within {limit:g} s at the 95th percentile: {reached:.2f} s, {_met(reached < limit)}.")
    slowest = max(max(times) for times in large.asked.values())
    memory = large.peak_bytes
    return [
        *lines,
        f"- Memory of the server below {MEMORY_BYTES / 1e9:g} GB: {memory / 1e6:,.0f} MB,"
        f" {_met(memory < MEMORY_BYTES)}.",
        f"- What a BI tool asks about one account within {ASKED_SECONDS:g} s: at most {slowest:.2f} s,"
        f" {_met(slowest < ASKED_SECONDS)}.",
    ]


def _met(is_met: bool) -> str:
    return "met" if is_met else "missed"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dashboard", description=__doc__.splitlines()[0])
    parser.add_argument("--accounts", type=int, default=10_000, help="about so many accounts")
    parser.add_argument("--days", type=int, default=730, help="of the company that is simulated")
    parser.add_argument("--pages", type=int, default=40, help="account pages to open")
    parser.add_argument("--warehouse", type=Path, help="one that was published, instead of simulating; only read")
    parser.add_argument("--folder", type=Path, help="keep what was made here, and take what is there already")
    parser.add_argument("--results", type=Path, default=RESULTS)
    given = parser.parse_args(arguments)
    folder = given.folder or Path(tempfile.mkdtemp(prefix="dashboard_benchmark_"))
    try:
        warehouse = given.warehouse or folder / "built"
        if Store(warehouse).current() is None:
            print("simulating and publishing a company", file=sys.stderr, flush=True)
            build(folder, given.days)
        if Store(folder / "large").current() is None:
            print("multiplying its publication", file=sys.stderr, flush=True)
            copies = max(1, round(given.accounts / sizes(warehouse)["accounts"]))
            multiply_publication(warehouse, copies, folder / "large")
        print("opening pages", file=sys.stderr, flush=True)
        small = measure(warehouse, given.pages)
        large = measure(folder / "large", given.pages)
        text = report(large, small)
    finally:
        if not given.folder:
            shutil.rmtree(folder)
    print(text)
    given.results.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
