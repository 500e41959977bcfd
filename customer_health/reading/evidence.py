"""Questions about what else came true: which metrics earn their weight, how early they speak, what the score missed.

Belongs here: typed functions over the validation marts, each with the order of its rows.
Does not belong here: how well the score tells who leaves (accuracy.py), how the figures come about.
"""

from __future__ import annotations

from customer_health.reading.published import Row, Snapshot


def usefulness(snapshot: Snapshot, horizon_days: int) -> list[Row]:
    """How well each metric alone told who would leave, weighted ones first, then the best: rpt_metric_accuracy."""
    return snapshot.rows(
        "select * from validation.rpt_metric_accuracy where horizon_days = $horizon "
        "order by is_weighted desc, auc desc nulls last, metric",
        {"horizon": horizon_days},
    )


def lead_times(snapshot: Snapshot) -> list[Row]:
    """How early the score and the weighted metrics speak: rows of rpt_metric_lead_times, the score first, then the
    metrics that tell most beyond 60 days; nearest days first within each."""
    return snapshot.rows(
        """
        select lead_times.*
        from validation.rpt_metric_lead_times as lead_times
        left join (
            select metric, auc as late_auc from validation.rpt_metric_lead_times
            where from_days = 61 and to_days = 180
        ) as late using (metric)
        where is_weighted or metric = 'health_score'
        order by metric <> 'health_score', late_auc desc nulls last, metric, to_days - from_days > 60, from_days
        """
    )


def surprises(snapshot: Snapshot, outcome: str = "churned") -> list[Row]:
    """Outcomes that the score did not see coming, the latest first: rows of rpt_surprise_outcomes."""
    return snapshot.rows(
        "select * from validation.rpt_surprise_outcomes where is_surprise and outcome = $outcome "
        "order by outcome_on desc, account_id",
        {"outcome": outcome},
    )


def surprise_counts(snapshot: Snapshot, outcome: str = "churned") -> Row:
    """How many outcomes there were, and how many of them were surprises, warned of, or not scored early enough to tell
    (untold)."""
    found = snapshot.row(
        """
        select
            count(*) as outcomes,
            count(*) filter (is_surprise) as surprises,
            count(*) filter (not is_surprise) as warned,
            count(*) filter (is_surprise is null) as untold
        from validation.rpt_surprise_outcomes
        where outcome = $outcome
        """,
        {"outcome": outcome},
    )
    assert found is not None
    return found


def capacity(snapshot: Snapshot) -> list[Row]:
    """Whom the hours of the CSMs can serve, all together first, then by name: rows of rpt_red_capacity."""
    return snapshot.rows("select * from validation.rpt_red_capacity order by scope, csm_name, csm_id")


def versions(snapshot: Snapshot, horizon_days: int) -> list[Row]:
    """Each version beside its go-live baseline, the newest first: rows of rpt_version_accuracy."""
    return snapshot.rows(
        "select * from validation.rpt_version_accuracy where horizon_days = $horizon "
        "order by went_live_on desc nulls last, scorecard, scorecard_version desc",
        {"horizon": horizon_days},
    )
