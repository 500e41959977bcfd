"""The same metrics by Polars, as somebody would write them who works with frames.

Belongs here: that script.
Does not belong here: reading our tables (inputs.py writes what it starts from).
"""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import polars as pl

from benchmarks.alternatives.inputs import WINDOW_DAYS, last_day


def make_metrics(folder: Path) -> dict[str, float]:
    """Seconds of everything and of the last day alone; writes frames.parquet."""

    def in_windows(rows: pl.LazyFrame, *numbers: pl.Expr) -> pl.LazyFrame:
        by_day = rows.sort("account_id", "date_day")
        rolling = by_day.rolling(index_column="date_day", period=f"{WINDOW_DAYS}d", group_by="account_id")
        return rolling.agg(*numbers).unique(["account_id", "date_day"])

    def metrics(events: pl.LazyFrame, days: pl.LazyFrame) -> pl.DataFrame:
        daily = events.group_by("account_id", "date_day").agg(
            pl.col("is_mapped").sum().cast(pl.Int64).alias("usage_events"),
            (pl.col("event_name") == "login").sum().cast(pl.Int64).alias("logins"),
        )
        sums = in_windows(
            # a window ends on each day that is asked for, also where nothing happened
            pl.concat([daily, days], how="diagonal"),
            pl.col("usage_events").sum().alias("usage_events_28d"),
            pl.col("logins").sum().alias("logins_28d"),
            (pl.col("usage_events") > 0).sum().alias("active_days_28d"),
        )
        users = in_windows(
            pl.concat([events.select("account_id", "date_day", "user_id").unique(), days], how="diagonal"),
            pl.col("user_id").drop_nulls().n_unique().alias("active_users_28d"),
        )
        return (
            days.join(sums, on=["account_id", "date_day"])
            .join(users, on=["account_id", "date_day"])
            .unpivot(index=["account_id", "date_day"], variable_name="metric")
            .with_columns(pl.col("value").cast(pl.Float64))
            .collect()
        )

    events, days = pl.scan_parquet(folder / "events.parquet"), pl.scan_parquet(folder / "days.parquet")
    started = time.monotonic()
    metrics(events, days).write_parquet(folder / "frames.parquet")
    full = time.monotonic() - started
    day = last_day(folder)
    started = time.monotonic()
    metrics(
        events.filter(pl.col("date_day") > day - timedelta(WINDOW_DAYS)), days.filter(pl.col("date_day") == day)
    ).write_parquet(folder / "frames_day.parquet")
    return {"full": full, "new_day": time.monotonic() - started}
