"""Would fitted weights tell better who withdraws? Learned without one presentation, judged on that one, in turn.

Belongs here: the observations of evidence.py as points, and presentations instead of a point in time as the split.
Does not belong here: the fit and its comparison (customer_health/validation/weights/fit.py), any change to the
configuration.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import numpy as np

from customer_health.validation.weights.fit import TooFewEventsError, fit, judge
from customer_health.validation.weights.weighing import Observations, Weights
from examples.oulad.evidence import Observation

WEIGHTS = """
select weights.metric, weights.motion = 'proactive', cast(weights.weight as double)
from intermediate.int_scorecard_weights as weights
inner join health.dim_scorecards as scorecards
    on weights.scorecard = scorecards.scorecard and weights.scorecard_version = scorecards.scorecard_version
where scorecards.is_in_force
order by 1
"""
POINTS = """
select
    observed.place,
    metrics.place,
    points.points,
    points.value_status <> 'not_applicable'
from (select unnest(?) as account_id, unnest(?) as date_day, unnest(?) as place) as observed
inner join health.fct_metric_points as points
    on observed.account_id = points.account_id and observed.date_day = points.date_day
inner join (select unnest(?) as metric, unnest(?) as place) as metrics
    on points.metric = metrics.metric
"""


def read_weights(con: duckdb.DuckDBPyConnection, min_side_coverage: float) -> Weights:
    """The scorecard in force."""
    names, proactive, values = zip(*con.execute(WEIGHTS).fetchall(), strict=True)
    return Weights(names, np.array(proactive), np.array(values, dtype=np.float64), min_side_coverage)


def read_points(con: duckdb.DuckDBPyConnection, observations: Sequence[Observation], weights: Weights) -> Observations:
    """The points of the scorecard's metrics for those of the observations that have a score."""
    scored = [one for one in observations if one.health_score is not None]
    points = np.full((len(scored), len(weights.metrics)), np.nan)
    applicable = np.zeros(points.shape, dtype=bool)
    found = con.execute(
        POINTS,
        [
            [one.account_id for one in scored],
            [one.date_day for one in scored],
            list(range(len(scored))),
            list(weights.metrics),
            list(range(len(weights.metrics))),
        ],
    ).fetchnumpy()
    rows, columns, values, applies = (np.ma.filled(column.astype(float), np.nan) for column in found.values())
    places = rows.astype(int), columns.astype(int)
    points[places], applicable[places] = values, applies.astype(bool)
    return Observations(
        accounts=np.array([one.account_id for one in scored]),
        groups=np.array([one.group for one in scored]),
        points=points,
        applicable=applicable,
        happened=np.array([one.is_withdrawn for one in scored]),
    )


def tell_weights(
    con: duckdb.DuckDBPyConnection, observations: Sequence[Observation], min_side_coverage: float
) -> list[str]:
    """A line per presentation, in lines to print."""
    scored = [one for one in observations if one.health_score is not None]
    title = "Weights learned without one presentation and judged on it, beside those of the scorecard"
    if not scored:
        return [title, "  nobody was scored"]
    champion = read_weights(con, min_side_coverage)
    observed = read_points(con, scored, champion)
    names = np.array([one.presentation for one in scored])
    lines = [title]
    for name in np.unique(names):
        inside = names == name
        try:
            learned = fit(observed.where(~inside), champion)
        except TooFewEventsError as error:
            lines.append(f"  without {name}: refused, {error}")
            continue
        if not observed.happened[inside].any():
            lines.append(f"  without {name}: learned from {learned.events} withdrawals, none of its own to judge by")
            continue
        found = judge(observed.where(inside), learned.weights, champion)
        lines.append(
            f"  without {name}: learned from {learned.events} withdrawals; on its own {found.events} the area is"
            f" {found.area:.3f} instead of {found.area_champion:.3f}, difference {found.area_difference:+.3f},"
            f" lift {found.lift:.1f} instead of {found.lift_champion:.1f}"
        )
    return lines
