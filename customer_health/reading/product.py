"""Questions of those who build: how far customers get, which metrics matter, what cannot be seen.

Belongs here: typed functions that more than one of dashboard, digest and assistants ask; each states its rows' order.
Does not belong here: accounts (accounts.py, book.py), how an answer is shown.
"""

from __future__ import annotations

from customer_health.core.sql import read_sql
from customer_health.reading.published import Row, Snapshot


def outcomes(snapshot: Snapshot) -> list[Row]:
    """The desired outcomes that have a path, by name: desired_outcome, outcome_label."""
    return snapshot.rows(
        """
        select desired_outcome, max(outcome_label) as outcome_label
        from health.dim_scorecards
        where desired_outcome in (select desired_outcome from journey.rpt_journey_funnel)
        group by 1
        order by 2
        """
    )


def funnel(snapshot: Snapshot, desired_outcome: str) -> list[Row]:
    """How many got how far on a path, in the order of the course, all cohorts and segments together.

    One row per milestone and wording: position, milestone, label, accounts_on_path (that it applies to),
    accounts_reached, accounts_on_time, accounts_late (still open), accounts_missed, reached_share (0 to 1).
    """
    return snapshot.rows(
        read_sql(__file__, "product_funnel"),
        {"outcome": desired_outcome},
    )


def metrics_that_matter(snapshot: Snapshot, horizon_days: int = 90) -> list[Row]:
    """How well each metric alone tells who leaves, the best first: rows of validation.rpt_metric_accuracy. What has no
    figure (too few departures) comes last."""
    return snapshot.rows(
        "select * from validation.rpt_metric_accuracy where horizon_days = $horizon "
        "order by auc desc nulls last, metric",
        {"horizon": horizon_days},
    )


def instrumentation_gaps(snapshot: Snapshot) -> list[Row]:
    """What cannot be scored and why, the most weight first: rows of quality.rpt_instrumentation_gaps."""
    return snapshot.rows(
        "select * from quality.rpt_instrumentation_gaps order by weight_unscored desc, measure, value_status"
    )
