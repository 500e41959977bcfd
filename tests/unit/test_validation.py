"""The statistics of the validation package, against examples worked by hand.

Belongs here: numbers that can be followed with pencil and paper, and the properties that make them trustworthy.
Does not belong here: what the warehouse says (integrity), what is compared (the callers).
"""

import math

import numpy as np
import pytest

from customer_health.validation.statistics.ranking import (
    area_under_curve,
    bootstrap_difference,
    ranks,
    ranks_within,
    top_lift,
)
from customer_health.validation.statistics.risk_ratio import clustered_risk_ratio, pooled_risk_ratio
from customer_health.validation.statistics.trend import clustered_trend


def table(stratum: str, a: int, n1: int, c: int, n0: int) -> list[tuple[str, bool, bool]]:
    """Observations of one stratum: a of n1 exposed ones have the event, c of n0 unexposed ones."""
    return [
        *[(stratum, True, True)] * a,
        *[(stratum, True, False)] * (n1 - a),
        *[(stratum, False, True)] * c,
        *[(stratum, False, False)] * (n0 - c),
    ]


TWO_STRATA = [*table("young", 10, 100, 5, 100), *table("old", 20, 50, 30, 150)]


def columns(observations: list[tuple[str, bool, bool]]) -> tuple[list[str], list[bool], list[bool]]:
    strata, exposed, event = zip(*observations, strict=True)
    return list(strata), list(exposed), list(event)


def test_the_pooled_ratio_of_two_strata_is_that_worked_by_hand() -> None:
    found = pooled_risk_ratio(*columns(TWO_STRATA))
    # numerator 10 x 100/200 + 20 x 150/200 = 20, denominator 5 x 100/200 + 30 x 50/200 = 10
    assert found.ratio == pytest.approx(2.0)
    # (100 x 100 x 15 - 10 x 5 x 200)/200^2 = 3.5; (50 x 150 x 50 - 20 x 30 x 200)/200^2 = 6.375; 9.875/(20 x 10)
    deviation = math.sqrt(0.049375)
    assert found.low == pytest.approx(2 * math.exp(-1.959964 * deviation), rel=1e-6)
    assert found.high == pytest.approx(2 * math.exp(1.959964 * deviation), rel=1e-6)
    assert found.p_value == pytest.approx(math.erfc(math.log(2) / deviation / math.sqrt(2)))
    assert (found.exposed, found.exposed_events, found.unexposed, found.unexposed_events) == (150, 30, 250, 35)


def test_one_stratum_is_the_plain_ratio_with_its_textbook_interval() -> None:
    found = pooled_risk_ratio(*columns(table("all", 30, 100, 10, 100)))
    deviation = math.sqrt(1 / 30 - 1 / 100 + 1 / 10 - 1 / 100)
    assert found.ratio == pytest.approx(3.0)
    assert found.low == pytest.approx(3 * math.exp(-1.959964 * deviation), rel=1e-6)


def test_a_stratum_where_all_are_alike_adds_nothing() -> None:
    alone = [*table("only exposed", 5, 9, 0, 0), *table("only unexposed", 0, 0, 7, 9)]
    for measured in (pooled_risk_ratio, lambda *of: clustered_risk_ratio(*of, range(len(of[0])), [1] * len(of[0]))):
        with_others, without = measured(*columns([*TWO_STRATA, *alone])), measured(*columns(TWO_STRATA))
        assert with_others.ratio == pytest.approx(without.ratio)
        assert with_others.low == pytest.approx(without.low)
        assert with_others.p_value == pytest.approx(without.p_value)


def test_a_ratio_that_cannot_be_told_is_no_number() -> None:
    nobody_without = pooled_risk_ratio(*columns(table("all", 3, 10, 0, 10)))
    assert math.isnan(nobody_without.ratio) and math.isnan(nobody_without.p_value)
    nobody_with = clustered_risk_ratio(*columns(table("all", 0, 10, 3, 10)), range(20), [1] * 20)
    assert nobody_with.ratio == 0 and math.isnan(nobody_with.p_value)


def test_accounts_seen_once_give_the_test_of_mantel_and_haenszel() -> None:
    found = clustered_risk_ratio(*columns(table("all", 30, 100, 10, 100)), range(200), [1] * 200)
    # 30 - 20 expected; hypergeometric variance 100 x 100 x 40 x 160/(200^2 x 199)
    z_score = 10 / math.sqrt(100 * 100 * 40 * 160 / (200**2 * 199))
    assert found.p_value == pytest.approx(math.erfc(z_score / math.sqrt(2)))
    # each risk p of n observations adds (1 - p)/(p n) to the variance of the logarithm
    deviation = math.sqrt(0.7 / 30 + 0.9 / 10)
    assert found.ratio == pytest.approx(3.0)
    assert found.low == pytest.approx(3 * math.exp(-1.959964 * deviation), rel=1e-6)


def test_the_same_accounts_seen_again_prove_nothing_more() -> None:
    size = len(TWO_STRATA)
    once = clustered_risk_ratio(*columns(TWO_STRATA), range(size), [1] * size)
    strata, exposed, event = columns(TWO_STRATA * 6)
    months = [month for month in range(6) for _ in range(size)]
    by_month = [f"{stratum} {month}" for stratum, month in zip(strata, months, strict=True)]
    six_times = clustered_risk_ratio(by_month, exposed, event, list(range(size)) * 6, months)
    assert six_times.ratio == pytest.approx(once.ratio)
    assert six_times.p_value == pytest.approx(once.p_value, rel=0.1)
    assert six_times.low == pytest.approx(once.low)
    taken_for_new = clustered_risk_ratio(by_month, exposed, event, range(6 * size), months)
    assert taken_for_new.p_value < once.p_value / 100


def test_without_a_link_the_clustered_test_is_wrong_as_often_as_it_says() -> None:
    draw = np.random.default_rng(20261121)
    accounts = np.repeat(np.arange(300), 8)
    months = np.tile(np.arange(8), 300)
    p_values = []
    for _ in range(300):
        # signs and departures come at some month and stay a while, so that the observations of an account are alike
        sign_from, leaves_in = draw.integers(0, 30, 300), draw.integers(0, 60, 300)
        exposed = months >= sign_from[accounts]
        event = (leaves_in[accounts] - months > 0) & (leaves_in[accounts] - months <= 6)
        present = leaves_in[accounts] > months
        p_values.append(
            clustered_risk_ratio(
                months[present], exposed[present], event[present], accounts[present], months[present]
            ).p_value
        )
    assert 0.02 < np.mean(np.array(p_values) < 0.05) < 0.085
    assert np.mean(np.array(p_values) < 0.01) < 0.03


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        pooled_risk_ratio(["a", "b"], [True], [True, False])


def test_ranks_share_their_mean_where_values_are_equal() -> None:
    assert ranks([3, 1, 3, 2]).tolist() == [3.5, 1, 3.5, 2]
    assert ranks_within(["x", "y", "x", "y"], [10, 7, 20, 5]).tolist() == [0.25, 0.75, 0.75, 0.25]


def test_the_area_counts_pairs_and_half_of_the_ties() -> None:
    # pairs of (event, none): 4>3, 4>1, 3=3 (half), 3>1
    assert area_under_curve([4, 3, 3, 1], [True, True, False, False]) == pytest.approx(3.5 / 4)
    assert math.isnan(area_under_curve([1, 2], [False, False]))


def test_lift_is_the_rate_of_the_top_over_that_of_all() -> None:
    risk = list(range(20))
    event = [False] * 15 + [True, False, False, True, True]
    # the top two of twenty both have it: 1 against 3/20
    assert top_lift(risk, event) == pytest.approx(20 / 3)
    # five share the border of the top two, three of them with the event: 3/5 against 3/20
    assert top_lift([0] * 15 + [9] * 5, event) == pytest.approx(4.0)
    assert math.isnan(top_lift(risk, [False] * 20))


def test_a_ranking_compared_with_itself_differs_by_nothing() -> None:
    rng = np.random.default_rng(5)
    risk, event = rng.random(300), rng.random(300) < 0.2
    found = bootstrap_difference(area_under_curve, risk, risk, event, np.arange(300), resamples=50)
    assert (found.value, found.low, found.high) == (0, 0, 0)


def test_the_bootstrap_draws_clusters_whole() -> None:
    """Ten copies of each observation are no more evidence than one: the interval stays as wide."""
    rng = np.random.default_rng(6)
    event = rng.random(200) < 0.3
    first, second = event + rng.normal(0, 1, 200), rng.normal(0, 1, 200)
    once = bootstrap_difference(area_under_curve, first, second, event, np.arange(200), resamples=400)
    copied = [np.repeat(values, 10) for values in (first, second, event, np.arange(200))]
    ten_times = bootstrap_difference(area_under_curve, *copied, resamples=400)
    assert once.low > 0
    assert ten_times.value == pytest.approx(once.value)
    assert ten_times.high - ten_times.low == pytest.approx(once.high - once.low, rel=0.15)


def test_a_rate_that_rises_from_step_to_step_is_a_trend() -> None:
    # rates 0, 1/2 and 1 on steps 0, 1 and 2: half a point a step
    found = clustered_trend([0, 0, 1, 1, 2, 2], [0, 0, 0, 1, 1, 1], list("abcdef"))
    assert found.slope == pytest.approx(0.5)
    assert found.p_value < 0.01
    assert math.isnan(clustered_trend([1, 1], [0, 1], ["a", "b"]).slope)


def test_the_trend_of_one_account_many_times_is_one_account() -> None:
    rng = np.random.default_rng(7)
    step, account = rng.integers(0, 5, 400), np.arange(400)
    event = rng.random(400) < 0.1 + 0.05 * step
    once = clustered_trend(step, event, account)
    often = clustered_trend(np.repeat(step, 9), np.repeat(event, 9), np.repeat(account, 9))
    assert often.z_score == pytest.approx(once.z_score)
    assert once.z_score > 3
