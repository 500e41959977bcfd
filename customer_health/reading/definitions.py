"""What the names in the marts mean: metrics, scorecards and their weights.

Belongs here: typed functions over the definitions that more than one of dashboard, digest and assistants ask.
Does not belong here: grades (book.py), values of accounts (accounts.py), how well a metric predicts (accuracy.py).
"""

from __future__ import annotations

from customer_health.reading.published import Row, Snapshot


def metrics(snapshot: Snapshot) -> list[Row]:
    """All metrics by domain and name: rows of health.dim_metrics."""
    return snapshot.rows("select * from health.dim_metrics order by domain, metric")


def scorecards(snapshot: Snapshot) -> list[Row]:
    """All versions of all scorecards, the newest of each first: rows of health.dim_scorecards."""
    return snapshot.rows("select * from health.dim_scorecards order by scorecard, scorecard_version desc")


def weights(snapshot: Snapshot, scorecard: str, version: int) -> list[Row]:
    """What a version of a scorecard weighs, the heaviest first: metric, label, component, motion, weight (of 100)."""
    return snapshot.rows(
        """
        select weights.metric, metrics.label, weights.component, weights.motion, weights.weight
        from health.int_scorecard_weights as weights
        left join health.dim_metrics as metrics on weights.metric = metrics.metric
        where weights.scorecard = $scorecard and weights.scorecard_version = $version
        order by weights.weight desc, weights.metric
        """,
        {"scorecard": scorecard, "version": version},
    )


def weighing(snapshot: Snapshot, metric: str) -> list[Row]:
    """Which scorecards in force weigh a metric, the heaviest first: scorecard, scorecard_version, component, weight."""
    return snapshot.rows(
        """
        select weights.scorecard, weights.scorecard_version, weights.component, weights.weight
        from health.int_scorecard_weights as weights
        inner join health.dim_scorecards as scorecards
            on weights.scorecard = scorecards.scorecard
            and weights.scorecard_version = scorecards.scorecard_version
            and scorecards.is_in_force
        where weights.metric = $metric
        order by weights.weight desc, weights.scorecard
        """,
        {"metric": metric},
    )
