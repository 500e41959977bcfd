"""Questions about what turns values of metrics into points.

Belongs here: benchmarks in force, their breakpoints, where accounts stand on them.
Does not belong here: weights and scorecards (definitions.py), points of one account (accounts.py).
"""

from __future__ import annotations

from customer_health.core.sql import read_sql
from customer_health.reading.published import Row, Snapshot


def in_force(snapshot: Snapshot, metric: str) -> list[Row]:
    """What turns a metric into points today, the most general row first: rows of health.dim_benchmarks in force."""
    return snapshot.rows(
        "select * from health.dim_benchmarks where metric = $metric and is_in_force "
        "order by segment is not null, tenure_band is not null, segment, tenure_band",
        {"metric": metric},
    )


def breakpoints(benchmark: Row) -> list[tuple[float, float]]:
    """Value and points of a linear benchmark or a curve, by value; straight between two, level beyond the ends."""
    if benchmark["benchmark_method"] == "linear":
        return sorted([(benchmark["floor"], 0.0), (benchmark["target"], 100.0)])
    pairs = (part.split(":") for part in benchmark["curve"].split(";"))
    return sorted((float(value), float(points)) for value, points in pairs)


def standing(snapshot: Snapshot, metric: str) -> list[Row]:
    """How many accounts have which value of a metric on the last day, in up to 200 steps: value, accounts."""
    return snapshot.rows(
        read_sql(__file__, "standing"),
        {"metric": metric, "day": snapshot.as_of},
    )
