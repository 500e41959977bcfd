"""A window join for each metric and date, as books on churn teach it: every event meets each day that it counts for.

Belongs here: that statement, and running it on DuckDB (row_store.py runs it on PostgreSQL).
Does not belong here: a cleverer way; handwritten.sql has one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb

from benchmarks.alternatives.inputs import METRICS, WINDOW_DAYS, Metric, last_day

Execute = Callable[[str], object]


def _statement(metric: Metric, from_day: date) -> str:
    return f"""
        insert into metrics
        select days.account_id, days.date_day, '{metric.name}', coalesce(counted.value, 0)
        from days
        left join (
            select events.account_id, dates.date_day, {metric.expression} as value
            from events
            inner join (select distinct date_day from days where date_day >= date '{from_day}') as dates
                on events.date_day <= dates.date_day
                and events.date_day > dates.date_day - {WINDOW_DAYS}
            group by events.account_id, dates.date_day
        ) as counted
            on days.account_id = counted.account_id and days.date_day = counted.date_day
        where days.date_day >= date '{from_day}'
    """


def run_from(execute: Execute, from_day: date) -> float:
    """Make all metrics from a day on. Returns seconds."""
    started = time.monotonic()
    for metric in METRICS:
        execute(_statement(metric, from_day))
    return time.monotonic() - started


def make_metrics(folder: Path) -> dict[str, float]:
    """Seconds of everything and of the last day alone; writes window_join.parquet."""
    with duckdb.connect(str(folder / "window_join.duckdb")) as con:
        con.execute(f"create table events as select * from '{folder}/events.parquet'")
        con.execute(f"create table days as select * from '{folder}/days.parquet'")
        con.execute("create table metrics (account_id varchar, date_day date, metric varchar, value double)")
        full = run_from(con.execute, date(1900, 1, 1))
        con.execute(f"copy metrics to '{folder}/window_join.parquet'")
        day = last_day(folder)
        con.execute(f"delete from metrics where date_day = date '{day}'")
        return {"full": full, "new_day": run_from(con.execute, day)}
