"""Publish again and again while other processes read, and see whether any of them is ever failed or misled.

Every generation marks tables of three schemas with its number, so that a reader who sees two numbers in one file, or in
the Parquet files that one manifest names, has seen two generations at once.

Belongs here: publisher, readers, what they saw.
Does not belong here: wording (publication.py), judging a single publication (tests/orchestration/test_publication.py).
"""

from __future__ import annotations

import json
import multiprocessing
import multiprocessing.synchronize
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from queue import Empty
from typing import Any

import duckdb

from customer_health.core.build_file import BUILD_FILE
from customer_health.core.published_file import PUBLISHED_FILE
from customer_health.core.sql import quote_text
from customer_health.publication.publish import publish
from customer_health.transform.run import BUILT_WITH
from expectations.report import CheckResult, GateReport

# where each generation writes its number, and how it is read there
MARKED = {
    "health.fct_health_scores": "health_score",
    "health.fct_metric_points": "value",
    "journey.fct_journeys": "time_to_value_days",
    "quality.fct_row_conservation": "raw_rows",
}
# where the build keeps the rows of these marts
STORED = {
    "health.fct_health_scores": "intermediate.int_health_scores",
    "health.fct_metric_points": "intermediate.int_metric_points",
    "journey.fct_journeys": "intermediate.int_journeys",
    "quality.fct_row_conservation": "intermediate.int_row_conservation",
}
# what a reader sees of a warehouse: the generation of each marked table, least and highest, and of the file
ReadFile = Callable[[Path, dict[str, str]], list[int]]
FIRST_MOMENT = datetime(2026, 7, 1)
READERS = 3


@dataclass
class Reads:
    """What the readers of one spell saw."""

    seconds: list[float] = field(default_factory=list)
    parquet_reads: int = 0
    errors: list[str] = field(default_factory=list)
    mixed: list[str] = field(default_factory=list)
    generations: set[int] = field(default_factory=set)

    def percentile(self, share: float) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass
class Storm:
    """One storm: reads of an idle file, and reads while it was replaced."""

    publications: int
    idle: Reads
    busy: Reads
    publication_seconds: list[float]


def storm(
    warehouse: Path, as_of: date, publications: int = 50, reads: int = 1000, read_file: ReadFile | None = None
) -> Storm:
    """Publish so many times under at least so many reads.

    Args:
        read_file: how the published file is read: the numbers of its marked tables and of its publications. A function
            of a module, since it runs in other processes; DuckDB's own driver unless given.
    """
    numbers = marked_columns(warehouse)
    _publish_generation(warehouse, as_of, 1, numbers)
    read = read_file or read_with_duckdb
    idle = _read_while(warehouse, numbers, reads // 4, None, read)
    seconds: list[float] = []

    def publisher() -> bool:
        started = time.monotonic()
        _publish_generation(warehouse, as_of, len(seconds) + 2, numbers)
        seconds.append(time.monotonic() - started)
        return len(seconds) >= publications

    busy = _read_while(warehouse, numbers, reads, publisher, read)
    return Storm(publications, idle, busy, seconds)


def marked_columns(warehouse: Path) -> dict[str, str]:
    """The tables of this build that can be marked."""
    with duckdb.connect(str(warehouse / BUILD_FILE), read_only=True) as con:
        known = con.execute("select schema_name || '.' || table_name, column_name from duckdb_columns()").fetchall()
    return {table: column for table, column in MARKED.items() if (table, column) in set(known)}


def _publish_generation(warehouse: Path, as_of: date, generation: int, numbers: dict[str, str]) -> None:
    with duckdb.connect(str(warehouse / BUILD_FILE)) as con:
        for table, column in numbers.items():
            con.execute(f"update {STORED[table]} set {column} = {generation}")
    # as after a change of the models: every row is another one
    (warehouse / BUILT_WITH).write_text(f"generation {generation}", encoding="utf-8")
    check = CheckResult("marts", "marked", True, "error", str(generation), str(generation), "a storm")
    moment = FIRST_MOMENT + timedelta(minutes=generation)
    publish(warehouse, as_of=as_of, gate=GateReport((check,), moment, as_of), now=moment)


def _read_while(warehouse: Path, numbers: dict[str, str], reads: int, publisher: Any, read: ReadFile) -> Reads:
    """Read with several processes until the publisher is done and enough has been read."""
    context = multiprocessing.get_context("spawn")
    stop, told = context.Event(), context.Queue()
    readers = [context.Process(target=read_until, args=(warehouse, numbers, read, stop, told)) for _ in range(READERS)]
    for reader in readers:
        reader.start()
    found = Reads()
    try:
        done = publisher is None
        while not done or len(found.seconds) < reads:
            if not done:
                done = publisher()
            _collect(found, told, wait=done)
    finally:
        stop.set()
        while any(reader.is_alive() for reader in readers):
            _collect(found, told, wait=True)
        for reader in readers:
            reader.join()
    _collect(found, told, wait=False)
    return found


def _collect(found: Reads, told: Any, wait: bool) -> None:
    """Take what the readers told; a queue that nobody empties would stop them."""
    try:
        while True:
            read = told.get(timeout=0.2) if wait else told.get_nowait()
            wait = False
            found.seconds.append(read["seconds"])
            found.parquet_reads += read["parquet"]
            if read["error"]:
                found.errors.append(read["error"])
            found.generations.update(read["generations"])
            if len(set(read["generations"])) > 1:
                found.mixed.append(str(read["generations"]))
    except Empty:
        pass


def read_until(
    warehouse: Path, numbers: dict[str, str], read: ReadFile, stop: multiprocessing.synchronize.Event, told: Any
) -> None:
    """One reader: open the file, look at every marked table, close it; every tenth time by the manifest instead."""
    number = 0
    while not stop.is_set():
        number += 1
        parquet = number % 10 == 0
        started = time.perf_counter()
        generations: list[int] = []
        error = ""
        try:
            generations = _read_parquet(warehouse, numbers) if parquet else read(warehouse, numbers)
        except Exception as fault:  # whatever a reader meets is what the storm is about
            error = f"{type(fault).__name__}: {fault}"
        told.put(
            {
                "seconds": time.perf_counter() - started,
                "parquet": parquet,
                "generations": generations,
                "error": error,
            }
        )


def read_with_duckdb(warehouse: Path, numbers: dict[str, str]) -> list[int]:
    with duckdb.connect() as con:
        con.execute(f"attach {quote_text(warehouse / PUBLISHED_FILE)} as seen (read_only)")
        found = []
        for table, column in numbers.items():
            found += con.execute(f"select min({column}), max({column}) from seen.{table}").fetchall()[0]
        count = "select count(*) from seen.quality.fct_publications"
        return [int(value) for value in found] + [con.execute(count).fetchall()[0][0]]


def _read_parquet(warehouse: Path, numbers: dict[str, str]) -> list[int]:
    named = json.loads((warehouse / "publications" / "manifest.json").read_text(encoding="utf-8"))
    manifest = json.loads((warehouse / named["manifest"]).read_text(encoding="utf-8"))
    found = []
    with duckdb.connect() as con:
        for table, column in numbers.items():
            paths = [str(warehouse / file["path"]) for file in manifest["parquet"] if file["table"] == table]
            query = f"select min({column}), max({column}) from read_parquet(?)"
            found += con.execute(query, [paths]).fetchall()[0]
    return [int(value) for value in found]
