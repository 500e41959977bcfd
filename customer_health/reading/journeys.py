"""Questions about paths: how far customers get on them, and what those who stayed needed.

Belongs here: typed functions over the journeys of many accounts that more than one of dashboard, digest and assistants
ask.
Does not belong here: the path of one account (accounts.py), whom to help (book.py).
"""

from __future__ import annotations

from customer_health.core.sql import read_sql
from customer_health.reading.published import Row, Snapshot


def outcomes(snapshot: Snapshot) -> list[Row]:
    """The desired outcomes that have a path: desired_outcome, outcome_label, paths, the most used first."""
    return snapshot.rows(read_sql(__file__, "outcomes"))


def segments(snapshot: Snapshot, outcome: str) -> list[str]:
    """The segments that have paths to an outcome, by name."""
    rows = snapshot.rows(
        "select distinct segment from journey.rpt_journey_funnel "
        "where desired_outcome = $outcome and segment is not null order by 1",
        {"outcome": outcome},
    )
    return [row["segment"] for row in rows]


def funnel(snapshot: Snapshot, outcome: str, segment: str | None = None) -> list[Row]:
    """How far the paths to an outcome got, in the order of its milestones, all cohorts together.

    Columns: milestone, label, position, accounts_on_path, accounts_reached, accounts_on_time, accounts_late (open),
    accounts_missed (left before reaching what was due), accounts_ahead (not due yet), reached_pct.
    """
    return snapshot.rows(
        read_sql(__file__, "funnel"),
        {"outcome": outcome, "segment": segment},
    )


def cohorts(snapshot: Snapshot, outcome: str, segment: str | None = None) -> list[Row]:
    """The same by the quarter in which the paths began: cohort_starts_on, milestone, position, accounts_on_path,
    accounts_reached, reached_pct."""
    return snapshot.rows(
        read_sql(__file__, "cohorts"),
        {"outcome": outcome, "segment": segment},
    )


def norms(snapshot: Snapshot, outcome: str, segment: str) -> list[Row]:
    """What customers who stayed needed for each milestone, beside the configured days, in the order of the path: rows
    of journey.rpt_milestone_norms."""
    return snapshot.rows(
        "select * from journey.rpt_milestone_norms where desired_outcome = $outcome and segment = $segment "
        "order by position, milestone",
        {"outcome": outcome, "segment": segment},
    )
