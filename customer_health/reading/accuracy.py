"""Questions about whether the score works: what it said, beside what came.

Belongs here: typed functions over the validation marts that more than one of dashboard, digest and assistants ask.
Does not belong here: how the figures come about (models/marts/validation/), one account (accounts.py).
"""

from __future__ import annotations

from customer_health.reading.published import Row, Snapshot


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
