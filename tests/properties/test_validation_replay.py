"""What a score is judged by, as it would have been judged on an earlier day.

Belongs here: no fact after the day of judgement enters a pair of score and outcome, nor what is made of the pairs.
Does not belong here: the statistics made of the pairs (test_accuracy.py).
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tests.pipeline import Warehouse, differences
from tests.properties.conftest import DEPARTURES_END

# no end of a month: what is decided must not depend on the day of the build
LAST_DAY = date(2026, 4, 17)
MODELS = ("+fct_score_outcome_pairs", "+fct_observed_outcomes", "+quarantine")
DECIDED = ("validation.fct_observed_outcomes", "validation.fct_score_outcome_pairs")


def test_decided_pairs_are_the_same_when_nothing_later_is_known(departures: Warehouse, tmp_path: Path) -> None:
    past = departures.cut(LAST_DAY, tmp_path / "past")
    past.build(LAST_DAY, select=MODELS)
    assert differences(departures, past, DECIDED, "decided_on", LAST_DAY) == {}
    kinds = past.query("select outcome, has_outcome, count(*) from validation.fct_score_outcome_pairs group by all")
    assert {(outcome, happened) for outcome, happened, _ in kinds} == {
        (outcome, happened) for outcome in ("churned", "contracted") for happened in (False, True)
    }


def test_nothing_undecided_is_shown(departures: Warehouse) -> None:
    for table in DECIDED:
        assert departures.query(f"select max(decided_on) <= date '{DEPARTURES_END}' from {table}") == [(True,)]


def test_every_pair_with_an_outcome_has_its_fact(departures: Warehouse) -> None:
    """A pair is contracted by a contraction, or by a departure."""
    orphans = departures.query(
        """
        select pairs.account_id, pairs.date_day, pairs.outcome
        from validation.fct_score_outcome_pairs as pairs
        anti join validation.fct_observed_outcomes as facts
            on pairs.account_id = facts.account_id
            and pairs.date_day + pairs.days_to_outcome = facts.outcome_on
            and facts.outcome in (pairs.outcome, 'churned')
        where pairs.has_outcome
        """
    )
    assert orphans == []
