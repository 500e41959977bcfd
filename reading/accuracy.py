"""Questions about whether the score works: what it said, beside what came.

Belongs here: typed functions over the validation marts that more than one of dashboard, digest and assistants ask.
Does not belong here: how the figures come about (models/marts/validation/), one account (accounts.py).
"""

from __future__ import annotations

from reading.published import Row, Snapshot


def judged(snapshot: Snapshot) -> list[Row]:
    """What has been judged over all periods: scorecard (or all), outcome, horizon_days, in this order."""
    return snapshot.rows(
        "select distinct scorecard, outcome, horizon_days from validation.rpt_score_accuracy where period = 'all' "
        "order by scorecard <> 'all', scorecard, outcome, horizon_days"
    )


def predictors(snapshot: Snapshot, scorecard: str, outcome: str, horizon_days: int) -> list[Row]:
    """How well the score told who would leave, then what it must beat (generic, usage, tenure, chance): rows of
    validation.rpt_score_accuracy over all periods."""
    return snapshot.rows(
        """
        select * from validation.rpt_score_accuracy
        where scorecard = $scorecard and outcome = $outcome and horizon_days = $horizon and period = 'all'
        order by predictor <> 'scorecard', predictor <> 'generic', predictor = 'chance', predictor
        """,
        {"scorecard": scorecard, "outcome": outcome, "horizon": horizon_days},
    )


def grade_rates(snapshot: Snapshot, scorecard: str, outcome: str, horizon_days: int) -> list[Row]:
    """How often the outcome followed on each grade, the best grade first: rows of validation.rpt_score_calibration."""
    return snapshot.rows(
        """
        select calibration.*
        from validation.rpt_score_calibration as calibration
        left join health.dim_grades as grades on calibration.bin = grades.grade and grades.is_in_force
        where scorecard = $scorecard and outcome = $outcome and horizon_days = $horizon and bin_kind = 'grade'
        order by grades.min_score desc nulls last, calibration.bin
        """,
        {"scorecard": scorecard, "outcome": outcome, "horizon": horizon_days},
    )


def metric_accuracy(snapshot: Snapshot, metric: str) -> list[Row]:
    """How well one metric alone told who would leave, the nearest horizon first: rows of rpt_metric_accuracy."""
    return snapshot.rows(
        "select * from validation.rpt_metric_accuracy where metric = $metric order by horizon_days", {"metric": metric}
    )


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
