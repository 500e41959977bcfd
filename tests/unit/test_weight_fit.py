"""Weights learned from what came true: the score's own formula, what the fit finds, and when it keeps quiet.

Belongs here: made-up observations in which it is known what there is to find.
Does not belong here: scores of a built company (tests/properties/test_weight_proposals.py), rows and pages
(test_proposal_rows.py).
"""

import math

import numpy as np
import pytest

from customer_health.validation.statistics.ranking import area_under_curve
from customer_health.validation.weights.fit import TooFewEventsError, fit, fitted, judge, rounded
from customer_health.validation.weights.weighing import Observations, Weights, filled_points, scores

NAN = math.nan
WEIGHTS = Weights(
    ("habit", "depth", "mood", "money"), np.array([True, True, False, False]), np.array([30, 20, 25, 25]), 0.3
)


def seen(*points: list[float], applicable: list[list[bool]] | None = None) -> Observations:
    count = len(points)
    known = np.array(points)
    return Observations(
        np.array([f"account {place}" for place in range(count)]),
        np.full(count, "all"),
        known,
        np.ones(known.shape, dtype=bool) if applicable is None else np.array(applicable),
        np.zeros(count, dtype=bool),
    )


def company(seed: int, accounts: int, effect: float, months: int = 6) -> Observations:
    """Accounts with points that stay alike for months; the second metric alone tells who leaves, if any does."""
    rng = np.random.default_rng(seed)
    habit = rng.uniform(0, 100, (accounts, 1, 4)) + rng.normal(0, 8, (accounts, months, 4))
    points = np.clip(habit, 0, 100).reshape(-1, 4)
    risk = 1 / (1 + np.exp(2.6 + effect * (points[:, 1] - 50) / 25))
    happened = rng.random(len(points)) < risk
    points[rng.random(points.shape) < 0.1] = NAN
    names = np.repeat([f"account {place}" for place in range(accounts)], months)
    return Observations(names, np.full(len(names), "all"), points, np.ones(points.shape, dtype=bool), happened)


def test_the_score_is_that_of_the_warehouse_worked_by_hand() -> None:
    whole = seen([100, 50, 40, 20])
    # proactive (30 x 100 + 20 x 50)/50 = 80, reactive (40 + 20)/2 = 30, half of each
    assert scores(whole, WEIGHTS) == pytest.approx([55])
    # of the reactive side nothing is known: it has no share
    assert scores(seen([100, 50, NAN, NAN]), WEIGHTS) == pytest.approx([80])
    # 20 of 50 known is above the 0.3 from which a side speaks in full
    assert scores(seen([NAN, 50, 40, 20]), WEIGHTS) == pytest.approx([40])
    assert np.isnan(scores(seen([NAN] * 4), WEIGHTS)).all()


def test_a_thin_side_fades_and_what_does_not_apply_is_not_missing() -> None:
    thin = Weights(("habit", "depth", "mood"), np.array([True, True, False]), np.array([45, 5, 50]), 0.3)
    # 5 of 50 known: strength 0.1/0.3 = 1/3 against 1, so a quarter of the score
    assert scores(seen([NAN, 100, 20]), thin) == pytest.approx([0.25 * 100 + 0.75 * 20])
    # without the metric that does not apply, all of the side is known
    assert scores(seen([NAN, 100, 20], applicable=[[False, True, True]]), thin) == pytest.approx([60])


def test_what_is_missing_takes_the_mean_of_its_side_and_changes_no_score() -> None:
    gaps = seen([100, NAN, 40, 20], [NAN, NAN, 70, NAN], [10, 30, NAN, 90])
    filled = filled_points(gaps, WEIGHTS)
    assert filled[0].tolist() == [100, 100, 40, 20]
    assert filled[1, 2:].tolist() == [70, 70]
    assert filled[2, 2:].tolist() == [90, 90]
    without_gaps = seen(filled[0].tolist(), filled[2].tolist())
    assert scores(without_gaps, WEIGHTS) == pytest.approx(scores(gaps, WEIGHTS)[[0, 2]])


def test_the_fit_finds_the_metric_that_tells_and_is_judged_better_for_it() -> None:
    learned = fit(company(1, 400, effect=1.2), WEIGHTS, resamples=60)
    habit, depth, mood, money = learned.weights.values
    assert depth > 35 > 15 > habit and mood + money == 50
    assert learned.low[1] > 20 and math.isfinite(learned.pull)
    assert (learned.low <= learned.high).all()
    found = judge(company(2, 400, effect=1.2), learned.weights, WEIGHTS)
    assert found.supports_change and found.area > found.area_champion + 0.02


@pytest.mark.parametrize("seed", range(5))
def test_nothing_is_supported_where_nothing_tells_who_leaves(seed: int) -> None:
    learned = fit(company(seed, 300, effect=0), WEIGHTS, resamples=20)
    found = judge(company(100 + seed, 300, effect=0), learned.weights, WEIGHTS)
    assert not found.supports_change
    assert found.area == pytest.approx(0.5, abs=0.08)


def test_below_a_hundred_events_it_refuses_and_says_how_many_there_are() -> None:
    few = company(3, 60, effect=1.2)
    events = few.accounts_with_outcome
    assert 10 < events < 100
    with pytest.raises(TooFewEventsError, match=f"^{events} accounts met the outcome .* at least 100 are needed$"):
        fit(few, WEIGHTS)


def test_an_account_counts_once_however_often_it_was_seen_before_it_left() -> None:
    thrice = Observations(
        np.array(["a", "a", "a", "b"]),
        np.full(4, "all"),
        np.full((4, 4), 50.0),
        np.ones((4, 4), dtype=bool),
        np.array([True, True, True, False]),
    )
    assert thrice.accounts_with_outcome == 1


def test_a_stronger_pull_stays_nearer_to_the_weights_in_force() -> None:
    observed = company(1, 400, effect=1.2)
    moved = [
        np.abs(fitted(observed, WEIGHTS, pull).values - WEIGHTS.values).sum() for pull in (0.1, 1.0, 10.0, math.inf)
    ]
    assert moved == sorted(moved, reverse=True) and moved[-1] == 0 < moved[-2]


def test_learned_weights_are_never_negative_and_each_side_is_half() -> None:
    # the worse the depth, the better: no weight can say that, so none is given
    upside_down = company(4, 400, effect=-1.5)
    weights = fit(upside_down, WEIGHTS, resamples=20).weights
    assert (weights.values >= 0).all()
    assert weights.values[:2].sum() == weights.values[2:].sum() == 50


def test_rounding_keeps_each_side_at_fifty() -> None:
    rough = WEIGHTS.with_values(np.array([33.333, 16.667, 12.3, 37.7]))
    assert rounded(rough).values.tolist() == [33.5, 16.5, 12.5, 37.5]
    assert (rounded(rough).values[:2].sum(), rounded(rough).values[2:].sum()) == (50, 50)


def test_groups_are_compared_within_themselves_only() -> None:
    """Two courses of another level: pooled they would look alike, within each the order is perfect."""
    observed = Observations(
        np.array(list("abcd")),
        np.array(["easy", "easy", "hard", "hard"]),
        np.array([[90.0] * 4, [80.0] * 4, [20.0] * 4, [10.0] * 4]),
        np.ones((4, 4), dtype=bool),
        np.array([False, True, False, True]),
    )
    assert judge(observed, WEIGHTS, WEIGHTS).area == 1
    assert area_under_curve(-scores(observed, WEIGHTS), observed.happened) == 0.75
