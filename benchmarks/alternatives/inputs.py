"""The rows that every alternative starts from, and the metrics that it has to make of them.

Belongs here: events as we staged them, the days on which accounts are customers, our own values to compare with.
Does not belong here: computing anything.

Each alternative is given for nothing what costs us most: events without copies, each with its account, and the days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

WINDOW_DAYS = 28


@dataclass(frozen=True)
class Metric:
    """A number of the 28 days up to a day, as SQL that DuckDB and PostgreSQL read alike."""

    name: str
    expression: str


METRICS = (
    Metric("usage_events_28d", "sum(case when events.is_mapped then 1 else 0 end)"),
    Metric("logins_28d", "sum(case when events.event_name = 'login' then 1 else 0 end)"),
    Metric("active_days_28d", "count(distinct case when events.is_mapped then events.date_day end)"),
    Metric("active_users_28d", "count(distinct events.user_id)"),
)

_EVENTS = """
    copy (
        select
            account_id,
            nullif(user_id, '') as user_id,
            event_name,
            event_name in (select event_name from build.configuration.product_event_measures) as is_mapped,
            occurred_on as date_day
        from build.staging.stg_product__usage_events
        where occurred_on <= getvariable('as_of')
    ) to '{folder}/events.parquet'
"""
_DAYS = "copy (select account_id, date_day from build.intermediate.int_account_days) to '{folder}/days.parquet'"
# what is not known is no number: nobody else leaves it out, so it is not compared
_OURS = """
    copy (
        select account_id, date_day, metric, value
        from build.intermediate.int_metrics
        where metric in ('usage_events_28d', 'logins_28d', 'active_days_28d') and value_status in ('observed', 'zero')
        union all
        select days.account_id, days.date_day, 'active_users_28d' as metric, cast(measures.value as double) as value
        from build.intermediate.int_metrics as days
        asof join (
            from build.intermediate.int_measures__unioned where measure = 'active_users_28d'
        ) as measures
            on days.account_id = measures.account_id and days.date_day >= measures.date_day
        where days.metric = 'usage_events_28d' and days.value_status in ('observed', 'zero')
    ) to '{folder}/ours.parquet'
"""


def write_inputs(build_file: Path, folder: Path, as_of: date) -> None:
    """Write events.parquet, days.parquet and ours.parquet into the folder."""
    with duckdb.connect() as con:
        con.execute(f"attach '{build_file}' as build (read_only)")
        con.execute(f"set variable as_of = date '{as_of}'")
        for statement in (_EVENTS, _DAYS, _OURS):
            con.execute(statement.format(folder=folder))


def last_day(folder: Path) -> date:
    return duckdb.sql(f"select max(date_day) from '{folder}/days.parquet'").fetchall()[0][0]


def differences(folder: Path, made: str) -> tuple[int, int]:
    """How many of our values an alternative has, and how many of them are others in its file `made`."""
    return duckdb.sql(
        f"""
        select count(*), count(case when coalesce(abs(ours.value - theirs.value) < 1e-9, false) then null else 1 end)
        from '{folder}/ours.parquet' as ours
        left join '{folder}/{made}' as theirs using (account_id, date_day, metric)
        """
    ).fetchall()[0]
