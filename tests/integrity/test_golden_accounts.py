"""A few accounts, worked out by hand from raw rows to the change of their score.

The numbers in tests/fixtures/golden/expected_*.csv were computed on paper, with the arithmetic beside each; none was
copied from a build. Where an expected cell is empty, the value must be null; a whole row of empty cells asks only that
the row exists.

Belongs here: value, points, drivers, score, grade and change of single accounts.
Does not belong here: what holds of all accounts (tests/properties) or of one step alone (tests/unit).
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from customer_health.core.settings import PROJECT_ROOT
from tests.golden import Golden, key_of, rows_of
from tests.pipeline import Warehouse

AS_OF = date(2026, 3, 5)
GOLDEN = Golden(PROJECT_ROOT / "tests" / "fixtures" / "golden", note="how")
KEYS = ("account_id", "date_day", "scorecard", "metric", "effect")


@pytest.fixture(scope="module")
def golden(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return GOLDEN.build(tmp_path_factory.mktemp("golden accounts"), AS_OF)


def is_asked(row: dict[str, Any], column: str) -> bool:
    """A row of empty cells asks only that the row exists; a grade without a word asks for the raw one only."""
    if not any(row.get(name) for name in ("score_status", "value_status", "change_points", "weight")):
        return False
    return not (column == "grade" and row["grade"] == "" and row["raw_grade"])


def disagreements(warehouse: Warehouse, table: str, name: str) -> list[str]:
    return GOLDEN.disagreements(warehouse, table, name, KEYS, is_asked)


def test_values_become_points_as_worked_out(golden: Warehouse) -> None:
    assert disagreements(golden, "health.fct_metric_points", "points") == []


def test_points_become_scores_and_grades_as_worked_out(golden: Warehouse) -> None:
    assert disagreements(golden, "health.fct_health_scores", "scores") == []


def test_weights_are_shared_out_as_worked_out(golden: Warehouse) -> None:
    assert disagreements(golden, "health.fct_score_drivers", "drivers") == []


def test_changes_are_explained_as_worked_out(golden: Warehouse) -> None:
    assert disagreements(golden, "health.fct_score_changes", "changes") == []
    assert disagreements(golden, "health.fct_score_changes", "partial_changes") == []


def test_changes_that_were_worked_out_are_all_there_are(golden: Warehouse) -> None:
    """On the days of expected_changes.csv nothing else moved the score."""
    days = {(row["account_id"], row["date_day"], row["scorecard"]) for row in GOLDEN.expected("changes")}
    worked_out = {key_of(row, KEYS) for row in GOLDEN.expected("changes")}
    columns = ["account_id", "date_day", "scorecard", "effect", "metric", "change_points"]
    surplus = [
        row
        for row in rows_of(golden, "health.fct_score_changes", columns)
        if (row["account_id"], str(row["date_day"]), row["scorecard"]) in days
        and key_of(row, KEYS) not in worked_out
        and abs(row["change_points"]) > 1e-9
    ]
    assert surplus == []


def test_a_customer_who_left_stays_for_the_days_of_grace_and_returns_as_a_new_spell(golden: Warehouse) -> None:
    days = golden.query(
        "select date_day, spell_number, is_in_grace, tenure_days from intermediate.int_account_days"
        " where account_id = 'old' and date_day between '2026-01-08' and '2026-01-26' order by date_day"
    )
    assert [(day.day, spell, grace, tenure) for day, spell, grace, tenure in days] == [
        (8, 1, False, 19),
        (9, 1, False, 20),
        # valid until 10 January: that day is the first of five days of grace
        (10, 1, True, 21),
        (11, 1, True, 22),
        (12, 1, True, 23),
        (13, 1, True, 24),
        (14, 1, True, 25),
        (25, 2, False, 0),
        (26, 2, False, 1),
    ]


def test_the_scorecard_of_a_segment_replaces_the_general_one_while_it_is_in_force(golden: Warehouse) -> None:
    scorecards = golden.query(
        "select date_day, scorecard from health.fct_health_scores where account_id = 'ned'"
        " and desired_outcome = 'adoption' and date_day in"
        " ('2026-01-19', '2026-01-20', '2026-02-19', '2026-02-20') order by date_day"
    )
    assert [scorecard for _, scorecard in scorecards] == ["core", "core_enterprise", "core_enterprise", "core"]


def test_every_value_status_was_worked_out(golden: Warehouse) -> None:
    statuses = {row["value_status"] for row in GOLDEN.expected("points")}
    known = {status for (status,) in golden.query("select distinct value_status from health.fct_metric_points")}
    assert statuses == known
    assert len(statuses) == 7
