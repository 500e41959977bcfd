"""A few journeys, worked out by hand from raw rows to the list of accounts to help early.

The numbers in tests/fixtures/golden_journeys/expected_*.csv were computed on paper, with the arithmetic beside each;
none was copied from a build. Where an expected cell is empty, the value must be null.

Belongs here: milestones, stages, days on the path, time to value and early interventions of single accounts.
Does not belong here: their scores (test_golden_accounts.py), or one step of a journey alone (tests/unit).
"""

from __future__ import annotations

from datetime import date

import pytest

from customer_health.configuration.scorecards import check_configuration
from customer_health.configuration.shape import ERROR
from customer_health.core.settings import PROJECT_ROOT
from tests.golden import Golden
from tests.pipeline import PIPELINE, Warehouse

AS_OF = date(2026, 3, 10)
GOLDEN = Golden(PROJECT_ROOT / "tests" / "fixtures" / "golden_journeys", note="why")
REPORTS = ("+fct_stage_periods", "+fct_milestones", "+fct_journeys", "+rpt_early_interventions")

PATH = ("account_id", "spell_number", "desired_outcome", "path_number")
STAGE = (*PATH, "stage")
MILESTONE = (*PATH, "milestone", "instance_number")
DAY = ("account_id", "desired_outcome", "date_day")
INTERVENTION = ("account_id", "desired_outcome")


@pytest.fixture(scope="module")
def golden(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return GOLDEN.build(tmp_path_factory.mktemp("golden journeys"), AS_OF, select=(*PIPELINE, *REPORTS))


def test_its_configuration_is_sound() -> None:
    violations = check_configuration(GOLDEN.folder / "configuration", AS_OF)
    assert [violation for violation in violations if violation.severity == ERROR] == []


def test_milestones_stand_as_worked_out(golden: Warehouse) -> None:
    assert GOLDEN.disagreements(golden, "journey.fct_milestones", "milestones", MILESTONE) == []
    assert GOLDEN.surplus(golden, "journey.fct_milestones", "milestones", MILESTONE) == []


def test_every_status_was_worked_out() -> None:
    statuses = {row["milestone_status"] for row in GOLDEN.expected("milestones")}
    assert statuses == {"reached_on_time", "reached_late", "upcoming", "due", "late", "missed", "not_applicable"}


def test_stages_follow_each_other_as_worked_out(golden: Warehouse) -> None:
    assert GOLDEN.disagreements(golden, "journey.fct_stage_periods", "stage_periods", STAGE) == []
    assert GOLDEN.surplus(golden, "journey.fct_stage_periods", "stage_periods", STAGE) == []


def test_value_and_the_end_of_onboarding_come_as_worked_out(golden: Warehouse) -> None:
    assert GOLDEN.disagreements(golden, "journey.fct_journeys", "journeys", PATH) == []
    assert GOLDEN.surplus(golden, "journey.fct_journeys", "journeys", PATH) == []


def test_days_on_the_path_are_as_worked_out(golden: Warehouse) -> None:
    assert GOLDEN.disagreements(golden, "journey.fct_journey_days", "journey_days", DAY) == []


def test_a_path_has_a_row_for_each_of_its_days_and_no_other(golden: Warehouse) -> None:
    days = dict(golden.query("select account_id, count(*) from journey.fct_journey_days group by 1"))
    assert days == {
        "ann": 27 + 28 + 10,
        "ben": 27 + 28 + 10,
        "cat": 28 + 10,
        # left on 20 October, gone after 5 days of grace, back on 1 February
        "dan": (30 + 24) + (28 + 10),
        # adoption until 31 January, growth from then on
        "eva": 22 + (28 + 10),
        # two paths at once
        "fay": 2 * (31 + 31 + 28 + 10),
        "gil": (366 - 14) + 365 + (31 + 28 + 10),
        "hal": 20 + 28 + 10,
        "ida": (365 - 31) + (31 + 28 + 10),
    }


def test_the_list_of_accounts_to_help_early_is_as_worked_out(golden: Warehouse) -> None:
    # dan is late, too, but no longer healthy; ann and cat are healthy and keep to their paths
    assert GOLDEN.disagreements(golden, "journey.rpt_early_interventions", "early_interventions", INTERVENTION) == []
    assert GOLDEN.surplus(golden, "journey.rpt_early_interventions", "early_interventions", INTERVENTION) == []
