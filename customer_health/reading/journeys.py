"""Questions about paths: how far customers get on them, and what those who stayed needed.

Belongs here: typed functions over the journeys of many accounts that more than one of dashboard, digest and assistants
ask.
Does not belong here: the path of one account (accounts.py), whom to help (book.py).
"""

from __future__ import annotations

from customer_health.reading.published import Row, Snapshot


def outcomes(snapshot: Snapshot) -> list[Row]:
    """The desired outcomes that have a path: desired_outcome, outcome_label, paths, the most used first."""
    return snapshot.rows(
        """
        with paths as (
            select desired_outcome, max(on_path) as paths
            from (
                select desired_outcome, milestone, sum(accounts_on_path) as on_path from journey.rpt_journey_funnel
                group by all
            )
            group by all
        )
        select paths.desired_outcome, coalesce(max(outcome_label), paths.desired_outcome) as outcome_label, paths
        from paths
        left join health.dim_scorecards as scorecards on paths.desired_outcome = scorecards.desired_outcome
        group by paths.desired_outcome, paths
        order by paths desc, paths.desired_outcome
        """
    )


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
        """
        select
            milestone,
            arg_max(label, cohort_starts_on) as label,
            min(position) as position,
            sum(accounts_on_path) as accounts_on_path,
            sum(accounts_reached) as accounts_reached,
            sum(accounts_on_time) as accounts_on_time,
            sum(accounts_late) as accounts_late,
            sum(accounts_missed) as accounts_missed,
            sum(accounts_on_path - accounts_reached - accounts_late - accounts_missed) as accounts_ahead,
            100.0 * sum(accounts_reached) / nullif(sum(accounts_on_path), 0) as reached_pct
        from journey.rpt_journey_funnel
        where desired_outcome = $outcome and ($segment is null or segment = $segment)
        group by milestone
        order by position, milestone
        """,
        {"outcome": outcome, "segment": segment},
    )


def cohorts(snapshot: Snapshot, outcome: str, segment: str | None = None) -> list[Row]:
    """The same by the quarter in which the paths began: cohort_starts_on, milestone, position, accounts_on_path,
    accounts_reached, reached_pct."""
    return snapshot.rows(
        """
        select
            cohort_starts_on,
            milestone,
            min(position) as position,
            sum(accounts_on_path) as accounts_on_path,
            sum(accounts_reached) as accounts_reached,
            100.0 * sum(accounts_reached) / nullif(sum(accounts_on_path), 0) as reached_pct
        from journey.rpt_journey_funnel
        where desired_outcome = $outcome and ($segment is null or segment = $segment)
        group by cohort_starts_on, milestone
        order by cohort_starts_on, position, milestone
        """,
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
