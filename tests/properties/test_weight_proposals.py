"""Weights proposed from the marts of a really built company.

Belongs here: that the fit sees the scores as they are stored, and nothing of the future.
Does not belong here: the fit itself (tests/unit/test_weight_fit.py).
"""

from __future__ import annotations

import numpy as np
import pytest

from customer_health.core.settings import DEFAULT_CONFIG
from customer_health.validation.weights.proposal import (
    RefusedError,
    champion_in_force,
    chosen_split,
    propose,
    read_history,
)
from customer_health.validation.weights.weighing import scores
from tests.pipeline import Warehouse, as_published
from tests.properties.conftest import DEPARTURES_END

STORED = """
select scores.health_score_before_rules, scores.scorecard_version
from validation.fct_score_outcome_pairs as pairs
inner join health.fct_health_scores as scores
    on pairs.account_id = scores.account_id and pairs.date_day = scores.date_day and pairs.scorecard = scores.scorecard
where pairs.predictor = 'scorecard' and pairs.scorecard = 'adoption'
    and pairs.outcome = 'churned' and pairs.horizon_days = 30
order by pairs.account_id, pairs.date_day
"""


def test_the_formula_in_arrays_gives_the_scores_that_are_stored(departures: Warehouse) -> None:
    champion = champion_in_force(DEFAULT_CONFIG, "adoption", DEPARTURES_END)
    history = read_history(as_published(departures, DEPARTURES_END), champion, 30)
    stored, version = (np.array(column, dtype=float) for column in zip(*departures.query(STORED), strict=True))
    now = version == float(champion.row["version"])
    assert now.sum() > 100
    assert scores(history.observed, champion.weights)[now] == pytest.approx(stored[now], abs=1e-9)
    assert not np.isnan(history.observed.points).all() and np.isnan(history.observed.points).any()


def test_nothing_that_was_decided_later_teaches(departures: Warehouse) -> None:
    champion = champion_in_force(DEFAULT_CONFIG, "adoption", DEPARTURES_END)
    history = read_history(as_published(departures, DEPARTURES_END), champion, 30)
    split_on = chosen_split(history)
    taught, judged = history.decided_on <= split_on, history.on >= split_on
    assert taught.any() and judged.any() and not (taught & judged).any()
    assert (history.on[taught] < split_on).all()
    assert len(history.before(split_on)) == taught.sum() and len(history.since(split_on)) == judged.sum()


def test_a_small_company_is_refused_with_its_number(departures: Warehouse) -> None:
    champion = champion_in_force(DEFAULT_CONFIG, "growth", DEPARTURES_END)
    snapshot = as_published(departures, DEPARTURES_END)
    history = read_history(snapshot, champion, 90)
    events = history.before(chosen_split(history)).accounts_with_outcome
    with pytest.raises(RefusedError, match=f"^growth: refused, {events} accounts met the outcome .* at least 100"):
        propose(snapshot, champion, 90)
