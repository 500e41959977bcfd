"""A partition is a day that was built: its key is the as-of date.

Belongs here: which days there are, by when one is promised, and which of them a run is about.
Does not belong here: which day a schedule asks for (schedules.py), what is rebuilt for it (the models).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import dagster as dg

from customer_health.configuration.variables import time_zone
from customer_health.core.settings import Settings
from customer_health.refresh.lock import LastBuild


def as_of_days(settings: Settings) -> dg.DailyPartitionsDefinition:
    """One partition a day up to yesterday in the reporting time zone, which is the newest day that is over."""
    return dg.DailyPartitionsDefinition(
        start_date=settings.first_day.isoformat(), end_offset=0, timezone=time_zone(settings.config)
    )


def promised(settings: Settings) -> dg.FreshnessPolicy:
    """What people read in the morning was renewed since midnight; a run at night has hours to be tried again."""
    return dg.FreshnessPolicy.cron("0 9 * * *", timedelta(hours=9), time_zone(settings.config))


def day_of(run: dg.DagsterRun) -> date | None:
    """The last day that a run is about; None if it is about none, such as a load."""
    key = run.tags.get("dagster/partition") or run.tags.get("dagster/asset_partition_range_end")
    return date.fromisoformat(key) if key else None


@dataclass(frozen=True)
class Plan:
    """What a run over some partitions has to build."""

    as_of: date
    rebuild_from: date | None


def plan(first: date, last: date, built: LastBuild | None) -> Plan:
    """A day that was built already is built again together with all days after it: grades and windows carry on.

    So a run never ends before the last build did, and a range that reaches back is rebuilt from its first day.
    """
    if built is None or first > built.as_of or first == last == built.as_of:
        return Plan(last, None)
    return Plan(max(last, built.as_of), first)
