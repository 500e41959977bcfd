"""A scorecard as arrays: what its weights make of points, by the same formula as macros/weighted_score.sql.

Belongs here: sides, coverage, the score before rules, and points in which what is missing changes nothing.
Does not belong here: which weights are better (fit.py), where points come from (the callers).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

HALF = 50.0


@dataclass(frozen=True)
class Weights:
    """The weighted metrics of one version of a scorecard.

    Attributes:
        metrics: m names.
        is_proactive: m flags; the others are reactive.
        values: m weights, at least 0; each side is scaled to half of the score, as in the warehouse.
        min_side_coverage: from which coverage on a side speaks in full (a var of the project).
    """

    metrics: tuple[str, ...]
    is_proactive: Flags
    values: Floats
    min_side_coverage: float

    def with_values(self, values: Floats) -> Weights:
        """The same metrics with other weights; a side that all of these leave out keeps the weights it has."""
        taken = np.array(values, dtype=np.float64)
        for side in (self.is_proactive, ~self.is_proactive):
            if taken[side].sum() <= 0:
                taken[side] = self.values[side]
        return Weights(self.metrics, self.is_proactive, taken, self.min_side_coverage).scaled()

    def scaled(self) -> Weights:
        """Each side totals 50."""
        values = np.array(self.values, dtype=np.float64)
        for side in (self.is_proactive, ~self.is_proactive):
            if values[side].sum() > 0:
                values[side] *= HALF / values[side].sum()
        return Weights(self.metrics, self.is_proactive, values, self.min_side_coverage)


@dataclass(frozen=True)
class Observations:
    """Accounts on days, what was known of them, and what became of them.

    Attributes:
        accounts: n account ids; observations of one account are alike.
        groups: n names; only observations of one group are compared with each other.
        points: n x m, 0 to 100 as the benchmarks give them, nan where the metric earned none.
        applicable: n x m; a metric that does not apply is not missing.
        happened: n flags, whether the outcome came within the horizon.
    """

    accounts: NDArray[np.str_]
    groups: NDArray[np.str_]
    points: Floats
    applicable: Flags
    happened: Flags

    def __len__(self) -> int:
        return len(self.accounts)

    @property
    def accounts_with_outcome(self) -> int:
        """Each account that met the outcome counts once, however often it was looked at before."""
        return len(np.unique(self.accounts[self.happened]))

    def where(self, chosen: Flags | NDArray[np.int64]) -> Observations:
        """Some of them, by flags or by places."""
        return Observations(
            self.accounts[chosen],
            self.groups[chosen],
            self.points[chosen],
            self.applicable[chosen],
            self.happened[chosen],
        )


def shares_of_sides(observed: Observations, weights: Weights) -> Floats:
    """n x 2: how much of each score the proactive and the reactive side decide; nan where neither knows anything."""
    values = weights.scaled().values
    known = ~np.isnan(observed.points)
    strength = np.zeros((len(observed), 2))
    for place, side in enumerate((weights.is_proactive, ~weights.is_proactive)):
        earned = known[:, side] @ values[side]
        applicable = observed.applicable[:, side] @ values[side]
        coverage = np.divide(earned, applicable, out=np.zeros(len(observed)), where=applicable > 0)
        strength[:, place] = np.minimum(1.0, coverage / weights.min_side_coverage)
    total = strength.sum(axis=1, keepdims=True)
    return np.divide(strength, total, out=np.full_like(strength, np.nan), where=total > 0)


def filled_points(observed: Observations, weights: Weights) -> Floats:
    """n x m points, with the mean of the known ones of the side in place of what is missing.

    That is what a score does when it spreads the weight of what is missing over the rest of its side: the score of the
    filled points is that of the points with gaps. Never zero, never the mean of other accounts. A side of which nothing
    is known has 0 here and no share in the score.
    """
    values = weights.scaled().values
    filled = observed.points.copy()
    for side in (weights.is_proactive, ~weights.is_proactive):
        part = observed.points[:, side]
        known = ~np.isnan(part)
        earned = known @ values[side]
        # where all that is known has weight 0, each of it counts the same
        plain = known.sum(axis=1)
        by_weight = np.nan_to_num(part) @ values[side]
        mean = np.where(
            earned > 0,
            by_weight / np.where(earned > 0, earned, 1),
            np.nan_to_num(part).sum(axis=1) / np.where(plain > 0, plain, 1),
        )
        filled[:, side] = np.where(known, part, mean[:, None])
    return filled


def parts(observed: Observations, weights: Weights) -> Floats:
    """n x m: what one unit of each weight adds to the score, so that `parts @ weights` is the score before rules."""
    shares = np.nan_to_num(shares_of_sides(observed, weights))
    share = np.where(weights.is_proactive, shares[:, [0]], shares[:, [1]])
    return filled_points(observed, weights) * share / HALF


def scores(observed: Observations, weights: Weights) -> Floats:
    """n scores before rules, 0 to 100; nan where nothing is known."""
    found = parts(observed, weights) @ weights.scaled().values
    found[np.isnan(shares_of_sides(observed, weights)).any(axis=1)] = np.nan
    return found
