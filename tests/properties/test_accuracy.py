"""The accuracy that the marts show, beside what scikit-learn and a bootstrap make of the very same pairs.

Belongs here: area, Brier score, lift and clustered errors of a really built company.
Does not belong here: which pairs there are (test_validation_replay.py), sums done by hand (tests/unit).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from scipy.stats import t
from sklearn.metrics import brier_score_loss, roc_auc_score, roc_curve

from tests.pipeline import Warehouse

RESAMPLES = 1000
PAIRS = """
select account_id, score, has_outcome from validation.fct_score_outcome_pairs
where predictor = '{predictor}' and outcome = '{outcome}' and horizon_days = {horizon_days}
    and '{scorecard}' in ('all', scorecard)
    and '{period}' in ('all', year(date_day) || '-Q' || quarter(date_day))
order by account_id, date_day
"""


def rows(warehouse: Warehouse, sql: str) -> list[dict[str, Any]]:
    with warehouse.connect() as con:
        found = con.execute(sql)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def arrays(warehouse: Warehouse, sql: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    account, score, happened = zip(*warehouse.query(sql), strict=True)
    return np.asarray(account), np.asarray(score), np.asarray(happened, dtype=bool)


def lift_of_lowest_tenth(score: np.ndarray, happened: np.ndarray) -> float:
    """By scikit-learn's curve: straight between two thresholds, so equal scores count by their mean rate."""
    false_rate, true_rate, _ = roc_curve(happened, -score, drop_intermediate=False)
    flagged = false_rate * (~happened).sum() + true_rate * happened.sum()
    return float(np.interp(0.1 * len(score), flagged, true_rate) / 0.1)


def test_area_and_lift_are_those_of_scikit_learn(departures: Warehouse) -> None:
    compared = 0
    for row in rows(departures, "select * from validation.rpt_score_accuracy"):
        _, score, happened = arrays(departures, PAIRS.format(**row))
        assert (row["observations"], row["events"]) == (len(score), happened.sum())
        if 0 < happened.sum() < len(happened):
            assert row["auc"] == pytest.approx(roc_auc_score(happened, -score), abs=1e-9)
            assert row["lowest_tenth_lift"] == pytest.approx(lift_of_lowest_tenth(score, happened), abs=1e-9)
            compared += 1
        else:
            assert row["auc"] is None
    assert compared > 100


def test_brier_score_is_that_of_scikit_learn(departures: Warehouse) -> None:
    """Of the probabilities that could have been shown on their day, made here from the pairs alone."""
    compared = 0
    for row in rows(
        departures,
        "select * from validation.rpt_score_accuracy"
        " where predictor = 'scorecard' and scorecard = 'all' and period = 'all'",
    ):
        pairs = departures.query(
            "select date_day, decided_on, grade, has_outcome from validation.fct_score_outcome_pairs"
            f" where predictor = 'scorecard' and outcome = '{row['outcome']}' and horizon_days = {row['horizon_days']}"
        )
        shown, base, happened = [], [], []
        for day, _, grade, has_outcome in pairs:
            known = [(other[2], other[3]) for other in pairs if other[1] <= day]
            same_grade = [event for of_grade, event in known if of_grade == grade]
            if sum(event for _, event in known) >= 10 and same_grade:
                shown.append(np.mean(same_grade))
                base.append(np.mean([event for _, event in known]))
                happened.append(has_outcome)
        assert row["probabilities_shown"] == len(shown)
        if shown:
            assert row["brier_score"] == pytest.approx(_brier(happened, shown), abs=1e-9)
            assert row["brier_score_of_base_rate"] == pytest.approx(_brier(happened, base), abs=1e-9)
            compared += 1
    assert compared >= 4


def _brier(happened: list[bool], shown: list[float]) -> float:
    return brier_score_loss(np.asarray(happened, dtype=int), np.asarray(shown), pos_label=1)


@pytest.mark.parametrize(
    "predictor", ["scorecard", *(pytest.param(name, marks=pytest.mark.slow) for name in ("generic", "usage"))]
)
def test_errors_are_those_of_a_bootstrap_of_whole_accounts(departures: Warehouse, predictor: str) -> None:
    for horizon_days in (30, 90, 180):
        [row] = rows(
            departures,
            "select * from validation.rpt_score_accuracy where scorecard = 'all' and period = 'all'"
            f" and outcome = 'churned' and predictor = '{predictor}' and horizon_days = {horizon_days}",
        )
        account, score, happened = arrays(departures, PAIRS.format(**row))
        generic = arrays(departures, PAIRS.format(**{**row, "predictor": "generic"}))[1]
        areas, differences = bootstrap(account, score, generic, happened)
        assert row["standard_error"] == pytest.approx(np.std(areas, ddof=1), rel=0.2)
        if predictor != "generic":
            error = (row["auc_minus_generic_high"] - row["auc_minus_generic_low"]) / 2
            error /= t.ppf(0.975, error_freedom(account, happened))
            assert error == pytest.approx(np.std(differences, ddof=1), rel=0.2)


def error_freedom(account: np.ndarray, happened: np.ndarray) -> int:
    """Degrees of freedom: one less than there are accounts on the smaller side."""
    return min(len(set(account[happened])), len(set(account[~happened]))) - 1


def test_intervals_and_p_values_are_those_of_students_t(departures: Warehouse) -> None:
    compared = Counter()
    for row in rows(departures, "select * from validation.rpt_score_accuracy where standard_error > 0"):
        account, _, happened = arrays(departures, PAIRS.format(**row))
        freedom = error_freedom(account, happened)
        margin = t.ppf(0.975, freedom) * row["standard_error"]
        assert row["auc_low"] == pytest.approx(max(0, row["auc"] - margin), abs=1e-3)
        assert row["auc_high"] == pytest.approx(min(1, row["auc"] + margin), abs=1e-3)
        p_value = 2 * t.sf(abs(row["auc"] - 0.5) / row["standard_error"], freedom)
        assert row["p_value"] == pytest.approx(p_value, rel=0.1, abs=1e-4)
        compared[freedom < 20] += 1
    assert compared[True] > 10 and compared[False] > 10


@pytest.mark.parametrize("table", ["rpt_score_accuracy", "rpt_metric_accuracy"])
def test_all_p_values_of_a_table_are_corrected_together(departures: Warehouse, table: str) -> None:
    """Holm (1979): in order of their size, times the tests not yet rejected, and never falling."""
    found = departures.query(
        f"select p_value, p_value_holm from validation.{table} where p_value is not null order by p_value, p_value_holm"
    )
    assert len(found) > 30
    raised = 0.0
    for place, (p_value, corrected) in enumerate(found):
        raised = min(1.0, max(raised, p_value * (len(found) - place)))
        assert corrected == pytest.approx(raised)


def bootstrap(
    account: np.ndarray, score: np.ndarray, generic: np.ndarray, happened: np.ndarray
) -> tuple[list[float], list[float]]:
    rng = np.random.default_rng(20260630)
    names, place = np.unique(account, return_inverse=True)
    areas, differences = [], []
    for _ in range(RESAMPLES):
        weight = np.bincount(rng.integers(0, len(names), len(names)), minlength=len(names))[place]
        area = roc_auc_score(happened, -score, sample_weight=weight)
        areas.append(area)
        differences.append(area - roc_auc_score(happened, -generic, sample_weight=weight))
    return areas, differences
