"""What the path and the score said on some days of a course, against who withdrew in the next 30 days.

Belongs here: the observations of a built warehouse, and the figures that `make oulad` prints of them.
Does not belong here: the statistics themselves (validation/), any weight, threshold or day chosen by these figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
from numpy.typing import NDArray

from customer_health.core.sql import read_sql
from customer_health.validation.statistics.ranking import area_under_curve, bootstrap_difference, ranks_within, top_lift
from customer_health.validation.statistics.risk_ratio import pooled_risk_ratio

OBSERVED_ON_DAYS = (30, 60, 90, 120)
HORIZON_DAYS = 30
CLICK_GROUPS = 3

OBSERVATIONS = read_sql(__file__, "observations")


@dataclass(frozen=True)
class Observation:
    """One registration on one day of its course, and whether it was withdrawn within the horizon."""

    presentation: str
    day: int
    account_id: str
    clicks: float | None
    is_behind: bool
    health_score: float | None
    is_withdrawn: bool
    active_days: float | None = None
    average_score: float | None = None
    date_day: date | None = None

    @property
    def group(self) -> str:
        """Only those who are on the same day of the same presentation are compared."""
        return f"{self.presentation} day {self.day}"


def read_observations(con: duckdb.DuckDBPyConnection) -> list[Observation]:
    """Registrations that are customers at the end of each day of observation, if its horizon ends with the course."""
    rows = con.execute(
        OBSERVATIONS, {"observed_on_days": list(OBSERVED_ON_DAYS), "horizon_days": HORIZON_DAYS}
    ).fetchall()
    return [Observation(*row) for row in rows]


def click_groups(observations: list[Observation]) -> list[str]:
    """The stratum of each observation: presentation, day and third by clicks of 28 days (unknown counts as 0)."""
    groups = [observation.group for observation in observations]
    place = ranks_within(groups, [observation.clicks or 0 for observation in observations])
    thirds = np.minimum((place * CLICK_GROUPS).astype(int), CLICK_GROUPS - 1)
    return [f"{group} third {third + 1}" for group, third in zip(groups, thirds, strict=True)]


def generic_scores(observations: list[Observation]) -> NDArray[np.float64]:
    """What a course would have without this project: the mean of the percentiles of clicks, active days and marks.

    Percentiles within presentation and day; of whom nothing is known of one, the others count, and of whom nothing is
    known at all stands in the middle. It is the baseline `generic` of the configuration, on these days.
    """
    sums, known = np.zeros(len(observations)), np.zeros(len(observations))
    for values in (
        [observation.clicks for observation in observations],
        [observation.active_days for observation in observations],
        [observation.average_score for observation in observations],
    ):
        there = np.flatnonzero([value is not None for value in values])
        if len(there):
            groups = [observations[place].group for place in there]
            sums[there] += ranks_within(groups, [values[place] for place in there])
            known[there] += 1
    return np.divide(sums, known, out=np.full(len(observations), 0.5), where=known > 0)


def tell(observations: list[Observation]) -> list[str]:
    """The figures in lines to print."""
    days = ", ".join(str(day) for day in OBSERVED_ON_DAYS)
    title = f"Days {days} of each course, and who withdrew in the next {HORIZON_DAYS} days"
    withdrawn = [observation.is_withdrawn for observation in observations]
    behind = [observation.is_behind for observation in observations]
    if not any(withdrawn) or not any(behind) or all(behind):
        return [title, "  nothing to compare: nobody withdrew, or nobody stood apart from the others on the path"]
    found = pooled_risk_ratio(click_groups(observations), behind, withdrawn)
    lines = [
        title,
        f"  observations              {len(observations):>7,}   {np.mean(withdrawn):.1%} withdrew",
        f"  behind on assignments     {found.exposed:>7,}   {found.exposed_events / found.exposed:.1%} withdrew",
        f"  on the path               {found.unexposed:>7,}   {found.unexposed_events / found.unexposed:.1%} withdrew",
        f"  risk ratio, pooled over presentation, day and third of clicks (Mantel-Haenszel): {found}",
    ]
    scored = [observation for observation in observations if observation.health_score is not None]
    risk = ranks_within(
        [observation.group for observation in scored], [-(observation.health_score or 0) for observation in scored]
    )
    happened = [observation.is_withdrawn for observation in scored]
    area, lift = area_under_curve(risk, happened), top_lift(risk, happened)
    lines.append(
        f"  the score of {len(scored):,} scored ones, ranked within presentation and day:"
        f" area under the curve {area:.3f}, lift of the lowest tenth {lift:.1f}"
    )
    generic = ranks_within([observation.group for observation in scored], -generic_scores(scored))
    accounts = [observation.account_id for observation in scored]
    lines.append(
        "  the generic score of clicks, active days and marks on the same days:"
        f" area under the curve {area_under_curve(generic, happened):.3f}, lift {top_lift(generic, happened):.1f}"
    )
    if 0 < sum(happened) < len(happened):
        by_area = bootstrap_difference(area_under_curve, risk, generic, happened, accounts)
        by_lift = bootstrap_difference(top_lift, risk, generic, happened, accounts)
        lines.append(
            f"  the score less the generic one, paired, registrations drawn whole: area {by_area:+.3f},"
            f" lift {by_lift:+.1f}"
        )
    return lines
