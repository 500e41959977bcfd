"""Which weights would have told best who leaves: non-negative, half for either side, held towards those in force.

Belongs here: the fit, the choice of how strongly it is held, intervals of the weights, and the comparison with the
champion on observations that the fit has not seen.
Does not belong here: what is observed and how it is split (proposal.py), what a proposal looks like (rows.py).

The fit is least squares of the outcome on the parts that each metric brings to the score (a linear probability model),
with non-negative coefficients. The weights in force pull like so many more observations, in proportion to `pull`. How
strong that pull must be is learned by cross-validation over whole accounts; infinity, which changes nothing, is one of
the choices. Whether what was learned is any better is left to observations that the fit has not seen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GroupKFold

from customer_health.validation.statistics.ranking import (
    Difference,
    area_under_curve,
    bootstrap_difference,
    ranks_within,
    top_lift,
)
from customer_health.validation.weights.weighing import HALF, Floats, Observations, Weights, parts, scores

# least departures from which a dozen weights can be told at all: about ten for each
MIN_EVENTS = 100
PULLS = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0, math.inf)
# one division into folds would decide by its luck
FOLDS, SHUFFLES = 5, 3
# what is missing is filled by the weights themselves, so the fit is repeated until it hardly moves
ROUNDS = 4
RESAMPLES = 400
# finer weights would promise more than intervals of several points allow
STEP = 0.5


@dataclass(frozen=True)
class Fit:
    """Weights that were learned.

    Attributes:
        weights: rounded to half points, each side 50.
        low, high: m limits of each weight, the middle 95% of fits to accounts drawn anew.
        pull: how strongly the weights in force held them; infinite where they were not moved at all.
        events: accounts with the outcome that it was learned from.
    """

    weights: Weights
    low: Floats
    high: Floats
    pull: float
    events: int


@dataclass(frozen=True)
class Judgement:
    """Two sets of weights on the same observations, none of which the fit has seen."""

    observations: int
    events: int
    area: float
    area_champion: float
    area_difference: Difference
    area_above_chance: Difference
    lift: float
    lift_champion: float
    lift_difference: Difference

    @property
    def supports_change(self) -> bool:
        """Better than the champion and better than chance, each with all of its interval; the rest may be luck."""
        return self.area_difference.low > 0 and self.area_above_chance.low > 0


class TooFewEventsError(ValueError):
    """There is too little to learn from; the message says how little."""


def fit(observed: Observations, champion: Weights, resamples: int = RESAMPLES, seed: int = 1) -> Fit:
    """Learn weights from these observations.

    Raises:
        TooFewEventsError: fewer than MIN_EVENTS accounts met the outcome.
    """
    events = observed.accounts_with_outcome
    if events < MIN_EVENTS:
        raise TooFewEventsError(
            f"{events} accounts met the outcome where weights would be learned; at least {MIN_EVENTS} are needed"
        )
    pull = chosen_pull(observed, champion)
    learned = fitted(observed, champion, pull)
    drawn = _resampled(observed, champion, learned, pull, resamples, seed)
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    return Fit(rounded(learned), low, high, pull, events)


def fitted(observed: Observations, champion: Weights, pull: float) -> Weights:
    """The weights for one strength of pull, not rounded."""
    found = champion.scaled()
    if math.isinf(pull):
        return found
    for _ in range(ROUNDS):
        found = _solved(observed, champion, found, pull, np.ones(len(observed)))
    return found


def chosen_pull(observed: Observations, champion: Weights) -> float:
    """The pull with the best area on accounts that were left out; of equal ones the strongest."""
    folds = [
        fold
        for shuffle in range(SHUFFLES)
        for fold in GroupKFold(FOLDS, shuffle=True, random_state=shuffle).split(
            observed.points, groups=observed.accounts
        )
    ]

    def mean_area(pull: float) -> float:
        areas = []
        for kept, left_out in folds:
            learned = fitted(observed.where(kept), champion, pull)
            areas.append(area_under_curve(_risk(observed.where(left_out), learned), observed.happened[left_out]))
        return float(np.nanmean(areas))

    return max(PULLS, key=lambda pull: (round(mean_area(pull), 6), pull))


def judge(observed: Observations, challenger: Weights, champion: Weights) -> Judgement:
    """Compare on observations of other days, or other accounts, than those of the fit."""
    both = {name: _risk(observed, weights) for name, weights in (("new", challenger), ("old", champion))}
    happened, accounts, chance = observed.happened, observed.accounts, np.zeros(len(observed))
    return Judgement(
        observations=len(observed),
        events=observed.accounts_with_outcome,
        area=area_under_curve(both["new"], happened),
        area_champion=area_under_curve(both["old"], happened),
        area_difference=bootstrap_difference(area_under_curve, both["new"], both["old"], happened, accounts),
        area_above_chance=bootstrap_difference(area_under_curve, both["new"], chance, happened, accounts, RESAMPLES),
        lift=top_lift(both["new"], happened),
        lift_champion=top_lift(both["old"], happened),
        lift_difference=bootstrap_difference(top_lift, both["new"], both["old"], happened, accounts, RESAMPLES),
    )


def rounded(weights: Weights) -> Weights:
    """In steps of half a point, each side exactly 50; what is left over goes to the largest remainders."""
    values = weights.scaled().values / STEP
    down = np.floor(values + 1e-9)
    for side in (weights.is_proactive, ~weights.is_proactive):
        missing = round(HALF / STEP - down[side].sum())
        order = np.argsort(-(values - down)[side], kind="stable")
        down[np.flatnonzero(side)[order[:missing]]] += 1
    return weights.with_values(down * STEP)


def _risk(observed: Observations, weights: Weights) -> Floats:
    return ranks_within(observed.groups, -scores(observed, weights))


def _solved(observed: Observations, champion: Weights, filled_by: Weights, pull: float, counts: Floats) -> Weights:
    """One fit; `counts` says how often each observation was drawn, `filled_by` what stands in for missing points."""
    features = _centred(parts(observed, filled_by), observed.groups, counts)
    stayed = _centred(1.0 - observed.happened[:, None], observed.groups, counts)[:, 0]
    current = champion.scaled().values
    weighted = features * counts[:, None]
    gram, toward = weighted.T @ features, weighted.T @ stayed
    # the slope of the champion's own score says how much of a chance to stay one point of weight is worth
    spread = current @ gram @ current
    slope = max(current @ toward, 0.0) / spread if spread > 0 else 0.0
    strength = pull * np.trace(gram) / len(current)
    if strength <= 0:
        return champion.scaled()
    root = np.linalg.cholesky(gram + strength * np.eye(len(current)))
    target = np.linalg.solve(root, toward + strength * slope * current)
    found = LinearRegression(fit_intercept=False, positive=True).fit(root.T, target)
    return champion.with_values(found.coef_)


def _centred(values: Floats, groups: np.ndarray, counts: Floats) -> Floats:
    """Less the mean of the group: what all of a group share tells nobody in it apart."""
    _, place = np.unique(groups, return_inverse=True)
    total = np.bincount(place, weights=counts)
    means = np.stack(
        [np.bincount(place, weights=counts * column) / np.where(total > 0, total, 1) for column in values.T], axis=1
    )
    return values - means[place]


def _resampled(
    observed: Observations, champion: Weights, learned: Weights, pull: float, resamples: int, seed: int
) -> Floats:
    """resamples x m weights, each learned from as many accounts drawn with replacement."""
    if math.isinf(pull):
        return champion.scaled().values[None, :]
    _, place = np.unique(observed.accounts, return_inverse=True)
    accounts = place.max() + 1
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(resamples):
        counts = np.bincount(rng.integers(0, accounts, accounts), minlength=accounts).astype(np.float64)
        drawn.append(_solved(observed, champion, learned, pull, counts[place]).values)
    return np.array(drawn)
