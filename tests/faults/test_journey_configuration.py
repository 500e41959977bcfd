"""Each rule of a journey is broken once, and the message names the file and line that break it.

Belongs here: checks of stages, milestones, clocks, playbooks and journey metrics; the seal of released milestones.
Does not belong here: what a milestone's status is on a day (dbt unit tests, golden journeys).
"""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_health.configuration.folder import Row, effective_config, load_configuration, load_contracts
from customer_health.configuration.journeys import check_paths, path_on
from customer_health.configuration.release import release
from customer_health.configuration.scorecards import check_configuration
from customer_health.core.settings import DEFAULT_CONFIG, PROJECT_ROOT
from tests.faults.configuration_edits import (
    METRICS,
    OUTCOMES,
    RELEASED,
    TODAY,
    WEIGHTS,
    Case,
    Edit,
    append,
    assert_reported,
    change,
    delete,
    remove,
    seed_of,
    several,
)

STAGES = "journey/stages.csv"
MILESTONES = "journey/milestones.csv"
PLAYBOOKS = "journey/playbooks.csv"
PACKAGES = "journey/outcome_packages.csv"
JOURNEY_FILES = (STAGES, MILESTONES, PLAYBOOKS, PACKAGES)


def of(milestone: str, outcome: str = "adoption", segment: str = "") -> dict[str, str]:
    """The row of a milestone."""
    return {"milestone": milestone, "desired_outcome": outcome, "segment": segment}


def milestone(
    name: str,
    *,
    version: int = 1,
    start: str = "1900-01-01",
    end: str = "",
    segment: str = "",
    stage: str = "rollout",
    position: int = 11,
    clock: str = "subscription_start",
    value_moment: str = "false",
) -> Edit:
    """Add a milestone to the path to adoption."""
    row = (
        f"{name},{version},{start},{end},adoption,{segment},{stage},{position},A label,,trainings,>=,1,{clock},100,150,"
        f"{value_moment},find_champion,Why"
    )
    return append(MILESTONES, row)


def change_all(file: str, where: dict[str, str], **values: str) -> Edit:
    """Change values of every row that matches; returns the line of the first."""

    def edit(folder: Path) -> int:
        rows = [row for row in seed_of(folder, file).rows if where.items() <= row.values.items()]
        for row in rows:
            change(file, row.values, **values)(folder)
        return rows[0].line

    return edit


EVIDENCE = [
    Case(
        "neither metric nor measure",
        change(MILESTONES, of("kick_off"), measure=""),
        MILESTONES,
        "milestone_evidence",
        says="neither a metric nor a measure",
    ),
    Case(
        "metric and measure",
        change(MILESTONES, of("go_live"), measure="seats"),
        MILESTONES,
        "milestone_evidence",
        says="rests on one",
    ),
    Case(
        "metric unknown",
        change(MILESTONES, of("go_live"), metric="seats_usd_pct"),
        MILESTONES,
        "unknown_name",
        says="metric 'seats_usd_pct' is not in metrics.csv (did you mean 'seats_used_pct'?)",
    ),
    Case(
        "measure unknown",
        change(MILESTONES, of("kick_off"), measure="active_users"),
        MILESTONES,
        "unknown_name",
        says="measure 'active_users' is not in measures.csv",
    ),
    Case(
        "metric of the journey",
        change(MILESTONES, of("go_live"), metric="milestones_on_time_pct"),
        MILESTONES,
        "milestone_on_journey",
        says="made from milestones itself",
    ),
    Case(
        "measure of the journey",
        change(MILESTONES, of("kick_off"), measure="value_moments_reached"),
        MILESTONES,
        "milestone_on_journey",
    ),
    Case(
        "date of the journey",
        change(MILESTONES, of("kick_off"), measure="oldest_late_milestone_due_on"),
        MILESTONES,
        "milestone_on_journey",
    ),
    Case(
        "measure that is a date",
        change(MILESTONES, of("kick_off"), measure="next_renewal_on"),
        MILESTONES,
        "milestone_evidence",
        says="is a date",
    ),
    Case(
        "passive check-ins",
        change(MILESTONES, of("kick_off"), measure="check_ins"),
        MILESTONES,
        "passive_not_proactive",
    ),
    Case(
        "metric of passive check-ins",
        change(MILESTONES, of("go_live"), metric="check_ins_90d"),
        MILESTONES,
        "passive_not_proactive",
    ),
    Case(
        "metric known too late",
        change(MILESTONES, of("go_live"), metric="usage_trend_90d"),
        MILESTONES,
        "milestone_unreachable",
        says="no value before day 180, but the milestone is late after day 120",
    ),
    Case(
        "metric that applies too late",
        change(MILESTONES, of("first_renewal"), late_after_day="366", expected_day="366", metric="applies_late"),
        MILESTONES,
        "milestone_unreachable",
        says="no value before day 400",
    ),
    Case(
        "metric of other outcomes",
        several(
            change(METRICS, {"metric": "ticket_csat_180d"}, applies_to_outcome="growth"),
            change(MILESTONES, of("broad_use"), metric="ticket_csat_180d"),
        ),
        MILESTONES,
        "milestone_unreachable",
        says="for outcome 'growth' only",
    ),
    Case(
        "metric that ends before",
        several(
            change(METRICS, {"metric": "ticket_csat_180d"}, applies_to_tenure_days="90"),
            change(MILESTONES, of("go_live"), metric="ticket_csat_180d"),
        ),
        MILESTONES,
        "milestone_unreachable",
        says="no value from day 90 on",
    ),
]
APPLIES_LATE = (
    "applies_late,A label,commercial,renewals,,sum,365,365,,400,,,,higher_is_better,lagging,reactive,events,Why"
)

ROWS = [
    Case(
        "late before expected",
        change(MILESTONES, of("go_live"), late_after_day="80"),
        MILESTONES,
        "late_before_expected",
        says="late_after_day 80 is before expected_day 90",
    ),
    Case(
        "expected before its clock", change(MILESTONES, of("kick_off"), expected_day="-5"), MILESTONES, "out_of_range"
    ),
    Case(
        "expected with a fraction", change(MILESTONES, of("kick_off"), expected_day="7.5"), MILESTONES, "not_a_number"
    ),
    Case("threshold missing", change(MILESTONES, of("kick_off"), threshold=""), MILESTONES, "value_missing"),
    Case("comparator unknown", change(MILESTONES, of("kick_off"), comparator="=>"), MILESTONES, "value_not_allowed"),
    Case(
        "clock unknown",
        change(MILESTONES, of("kick_off"), clock="subscription_end"),
        MILESTONES,
        "value_not_allowed",
        says="did you mean 'subscription_start'?",
    ),
    Case("rationale missing", change(MILESTONES, of("kick_off"), rationale=""), MILESTONES, "reason_missing"),
    Case(
        "playbook missing",
        change(MILESTONES, of("kick_off"), playbook=""),
        MILESTONES,
        "value_missing",
        says="playbook is empty",
    ),
    Case(
        "playbook unknown",
        change(MILESTONES, of("kick_off"), playbook="kick_of_call"),
        MILESTONES,
        "unknown_name",
        says="did you mean 'kick_off_call'?",
    ),
    Case(
        "playbook of another outcome",
        change(MILESTONES, of("kick_off"), playbook="first_automation"),
        MILESTONES,
        "playbook_of_other_outcome",
        says="serves outcome 'efficiency'",
    ),
    Case(
        "outcome unknown",
        change(MILESTONES, of("first_renewal", "growth"), desired_outcome="growht"),
        MILESTONES,
        "unknown_name",
        says="did you mean 'growth'?",
    ),
    Case(
        "segment unknown",
        change(MILESTONES, of("go_live", segment="enterprise"), segment="enterprises"),
        MILESTONES,
        "unknown_name",
        says="did you mean 'enterprise'?",
    ),
    Case(
        "stage unknown",
        change(MILESTONES, of("daily_habit"), stage="rolout"),
        MILESTONES,
        "unknown_name",
        says="did you mean 'rollout'?",
    ),
    Case(
        "stage of another outcome",
        change(MILESTONES, of("daily_habit"), stage="momentum"),
        MILESTONES,
        "unknown_name",
        says="outcome 'adoption' has no stage 'momentum'",
    ),
    Case("milestone twice", milestone("daily_habit"), MILESTONES, "duplicate_row", also=("milestones_overlap",)),
    Case(
        "versions overlap",
        milestone("daily_habit", version=2, start="2027-01-01"),
        MILESTONES,
        "milestones_overlap",
        says="version 2 overlaps with version 1",
    ),
    Case(
        "gap between versions",
        several(
            change(MILESTONES, of("daily_habit"), effective_to="2026-11-30", position="11", stage="renewal"),
            milestone("daily_habit", version=2, start="2027-01-01", stage="renewal"),
        ),
        MILESTONES,
        "version_gap",
        severity="warn",
        says="not on the path from 2026-11-30 to 2027-01-01",
    ),
    Case(
        "version ends before it begins",
        change(MILESTONES, of("daily_habit"), effective_to="1899-01-01"),
        MILESTONES,
        "interval_empty",
    ),
    Case(
        "playbook for an unknown outcome",
        change(PLAYBOOKS, {"playbook": "go_live_plan"}, desired_outcome="al"),
        PLAYBOOKS,
        "unknown_name",
        says="did you mean 'all'?",
        also=("playbook_of_other_outcome",),
    ),
    Case(
        "playbook without time", change(PLAYBOOKS, {"playbook": "go_live_plan"}, hours="0"), PLAYBOOKS, "out_of_range"
    ),
    Case(
        "playbook without a reason",
        change(PLAYBOOKS, {"playbook": "go_live_plan"}, rationale=""),
        PLAYBOOKS,
        "reason_missing",
    ),
    Case(
        "package of an unknown outcome",
        change(PACKAGES, {"product": "automation"}, desired_outcome="growt"),
        PACKAGES,
        "unknown_name",
    ),
    Case(
        "package of another importance",
        change(PACKAGES, {"product": "automation"}, importance="needed"),
        PACKAGES,
        "value_not_allowed",
    ),
    Case(
        "package without a reason",
        change(PACKAGES, {"product": "automation"}, rationale=""),
        PACKAGES,
        "reason_missing",
    ),
]

PATHS = [
    Case(
        "first position counts from the one before",
        change(MILESTONES, of("kick_off", segment=""), clock="previous_milestone"),
        MILESTONES,
        "previous_milestone_missing",
        says="no milestone is before it",
    ),
    Case(
        "first position of one segment",
        change(MILESTONES, of("kick_off", segment="enterprise"), clock="previous_milestone"),
        MILESTONES,
        "previous_milestone_missing",
        says="segment 'enterprise'",
    ),
    Case(
        "counts from what restarts at renewal",
        several(
            change_all(MILESTONES, of("first_renewal"), position="11"),
            change_all(MILESTONES, {"milestone": "team_on_board"}, position="9"),
            change(MILESTONES, of("first_renewal"), clock="previous_milestone"),
        ),
        MILESTONES,
        "previous_milestone_missing",
        says="starts anew with each renewal",
    ),
    Case(
        "onboarding waits for its own end",
        change(MILESTONES, of("first_value"), clock="onboarding_end"),
        MILESTONES,
        "clock_cycle",
        says="only after it",
    ),
    Case(
        "onboarding waits for itself over two steps",
        several(
            change_all(MILESTONES, {"milestone": "daily_habit"}, position="3"),
            change_all(MILESTONES, {"milestone": "broad_use"}, position="4"),
            change_all(
                MILESTONES,
                {"milestone": "go_live", "desired_outcome": "adoption"},
                position="5",
                clock="previous_milestone",
            ),
        ),
        MILESTONES,
        "clock_cycle",
        also=("stage_order",),
    ),
    Case(
        "onboarding waits for a renewal",
        change(MILESTONES, of("go_live"), clock="renewal"),
        MILESTONES,
        "clock_cycle",
        says="cannot wait for a renewal",
    ),
    Case(
        "end of an empty onboarding",
        several(
            change_all(MILESTONES, {"desired_outcome": "adoption", "stage": "onboarding"}, stage="rollout"),
            change(MILESTONES, of("broad_use"), label="Broad use"),
        ),
        MILESTONES,
        "onboarding_without_milestones",
        also=("stage_without_milestones",),
    ),
    Case(
        "position twice",
        change(MILESTONES, of("daily_habit"), position="3"),
        MILESTONES,
        "duplicate_position",
        says="are both at position 3 of the path to 'adoption'",
    ),
    Case(
        "position twice for one segment",
        several(
            change(MILESTONES, of("go_live", segment="enterprise"), position="4"),
            change(MILESTONES, of("daily_habit", segment="enterprise"), label="A habit"),
        ),
        MILESTONES,
        "duplicate_position",
        says="(line 7) are both at position 4 of the path to 'adoption' of segment 'enterprise'",
    ),
    Case(
        "position twice in a later version",
        several(
            change(MILESTONES, of("daily_habit"), effective_to="2027-01-01"),
            milestone("daily_habit", version=2, start="2027-01-01", position=5),
        ),
        MILESTONES,
        "duplicate_position",
    ),
    Case(
        "order against the stages",
        several(
            change(MILESTONES, of("daily_habit"), stage="renewal"),
            change(MILESTONES, of("broad_use"), label="Broad use"),
        ),
        MILESTONES,
        "stage_order",
        severity="warn",
        says="'broad_use' of stage 'rollout' stands behind 'daily_habit' of the later stage 'renewal'",
    ),
    Case(
        "no value moment",
        change_all(MILESTONES, {"desired_outcome": "adoption", "is_value_moment": "true"}, is_value_moment="false"),
        MILESTONES,
        "value_moment_missing",
        line=2,
    ),
    Case(
        "no value moment for one segment",
        several(
            change_all(
                MILESTONES,
                {"desired_outcome": "growth", "segment": "enterprise", "is_value_moment": "true"},
                is_value_moment="false",
            ),
            change(MILESTONES, of("kick_off", "growth", "enterprise"), label="Kick-off"),
        ),
        MILESTONES,
        "value_moment_missing",
        says="to 'growth' of segment 'enterprise'",
    ),
    Case(
        "too few milestones",
        several(
            *(
                remove(MILESTONES, {"milestone": name})
                for name in ("broad_use", "half_the_seats", "hard_to_miss", "team_on_board")
            ),
            remove(MILESTONES, of("daily_habit")),
        ),
        MILESTONES,
        "milestones_too_few",
        severity="warn",
        line=2,
        says="has 5 milestones",
        also=("stage_without_milestones",),
    ),
    Case(
        "too many milestones",
        several(milestone("trained", stage="renewal"), change(MILESTONES, of("kick_off"), label="Kick-off")),
        MILESTONES,
        "milestones_too_many",
        severity="warn",
        says="has 11 milestones",
    ),
    Case(
        "outcome without milestones",
        several(
            remove(MILESTONES, {"desired_outcome": "growth"}),
            change(OUTCOMES, {"desired_outcome": "growth"}, label="Grow"),
        ),
        OUTCOMES,
        "outcome_without_milestones",
        also=("stage_without_milestones",),
    ),
    Case(
        "outcome with milestones of one segment",
        several(
            remove(MILESTONES, {"desired_outcome": "growth", "segment": ""}),
            change(OUTCOMES, {"desired_outcome": "growth"}, label="Grow"),
        ),
        OUTCOMES,
        "outcome_without_milestones",
        says="for all segments",
        also=("stage_without_milestones", "previous_milestone_missing"),
    ),
    Case(
        "outcome whose milestones ended",
        several(
            change_all(MILESTONES, {"desired_outcome": "growth"}, effective_to="2026-10-01"),
            change(OUTCOMES, {"desired_outcome": "growth"}, label="Grow"),
        ),
        OUTCOMES,
        "outcome_without_milestones",
    ),
    Case(
        "stage without milestones",
        append(STAGES, "farewell,adoption,5,Farewell,false,They leave"),
        STAGES,
        "stage_without_milestones",
        severity="warn",
    ),
    Case(
        "stage position twice",
        change(STAGES, {"stage": "routine"}, position="2"),
        STAGES,
        "duplicate_position",
        says="'routine' and 'rollout' (line 3)",
    ),
    Case(
        "stage twice",
        append(STAGES, "rollout,adoption,6,Roll-out,false,Again"),
        STAGES,
        "duplicate_row",
        also=("stage_order",),
    ),
    Case(
        "stage of an unknown outcome",
        change(STAGES, {"stage": "momentum"}, desired_outcome="growht"),
        STAGES,
        "unknown_name",
        also=("onboarding_stage", "stage_without_milestones"),
    ),
    Case(
        "two onboardings",
        change(STAGES, {"stage": "rollout"}, is_onboarding="true"),
        STAGES,
        "onboarding_stage",
        also=("clock_cycle",),
    ),
    Case(
        "no onboarding",
        change(STAGES, {"stage": "onboarding", "desired_outcome": "efficiency"}, is_onboarding="false"),
        STAGES,
        "onboarding_stage",
        also=("onboarding_without_milestones",),
    ),
    Case(
        "stage without a description", change(STAGES, {"stage": "momentum"}, description=""), STAGES, "reason_missing"
    ),
]

JOURNEY_METRICS = [
    Case(
        "journey mixed with source data",
        change(METRICS, {"metric": "milestones_on_time_pct"}, denominator_measure="seats"),
        METRICS,
        "journey_mixed_with_source",
        says="of 'milestones_on_time' and 'seats' only one",
    ),
    Case(
        "weight on a journey that is not there",
        several(
            *(delete(file) for file in JOURNEY_FILES),
            change(WEIGHTS, {"metric": "days_behind_path"}, component="journey"),
        ),
        WEIGHTS,
        "journey_missing",
        severity="warn",
    ),
]

CASES = EVIDENCE + ROWS + PATHS + JOURNEY_METRICS


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_violation_names_file_line_and_rule(draft: Path, case: Case):
    append(METRICS, APPLIES_LATE)(draft)
    assert_reported(draft, case)


# ------------------------------------------------------------------------------------------ the default journeys
def test_each_outcome_has_a_journey_of_six_to_ten_milestones_into_the_second_year():
    configuration = load_configuration(DEFAULT_CONFIG)
    rows = configuration.rows("milestones")
    for outcome in configuration.rows("desired_outcomes"):
        for segment in ("", "enterprise"):
            path = path_on(rows, outcome["desired_outcome"], segment, TODAY).milestones
            assert 6 <= len(path) <= 10
            assert path[0]["milestone"] == "kick_off"
            assert "renewal" in {row["clock"] for row in path}
            assert sum(row["is_value_moment"] == "true" for row in path) == 3


def test_enterprises_are_given_more_time():
    rows = load_configuration(DEFAULT_CONFIG).rows("milestones")
    general = {(row["milestone"], row["desired_outcome"]): row for row in rows if not row["segment"]}
    for row in rows:
        usual = general[row["milestone"], row["desired_outcome"]]
        same_evidence = (row["metric"], row["measure"]) == (usual["metric"], usual["measure"])
        assert not same_evidence or row.number("late_after_day") >= usual.number("late_after_day"), row


def test_agreed_plans_of_the_example_name_milestones_of_every_path():
    rows = load_configuration(DEFAULT_CONFIG).rows("milestones")
    for name in ("kick_off", "first_value", "go_live"):
        assert {row["desired_outcome"] for row in rows if row["milestone"] == name} == {
            "adoption",
            "efficiency",
            "growth",
        }


def test_a_company_without_a_journey_still_builds(draft: Path, tmp_path: Path):
    shutil.rmtree(draft / "journey")
    assert {each.severity for each in check_configuration(draft, TODAY)} == {"warn"}
    effective = effective_config(draft, tmp_path / "effective seeds")
    assert {"stages", "milestones", "playbooks", "outcome_packages"} <= set(effective.left_empty)
    for file in JOURNEY_FILES:
        assert seed_of(effective.folder, file).rows == []
        assert seed_of(effective.folder, file).header == list(load_contracts()[Path(file).stem].columns)


def test_the_course_configuration_stays_valid():
    assert check_configuration(PROJECT_ROOT / "examples" / "oulad" / "config", TODAY) == []


def test_a_milestone_needs_one_row(released: Path):
    """The recipe: a milestone on an existing measure, without touching what was released."""
    remove(MILESTONES, {"milestone": "daily_habit", "desired_outcome": "adoption"})(released)
    remove(RELEASED, {"name": "adoption/daily_habit"})(released)
    assert check_configuration(released, TODAY) == []
    milestone("trained", start="2027-01-01", position=4)(released)
    assert check_configuration(released, TODAY) == []


def test_an_agreed_day_may_be_the_expected_one_without_grace(draft: Path):
    change(MILESTONES, of("go_live"), late_after_day="90")(draft)
    assert {each.rule for each in check_configuration(draft, TODAY)} == {"version_not_released"}


# -------------------------------------------------------------------------------------------------- releases
@pytest.mark.parametrize(
    "edit",
    [
        change(MILESTONES, of("go_live"), threshold="25"),
        change(MILESTONES, of("go_live", segment="enterprise"), late_after_day="170"),
        change(MILESTONES, of("go_live"), playbook="kick_off_call"),
        remove(MILESTONES, of("go_live", segment="enterprise")),
    ],
    ids=["threshold", "days of a segment", "playbook", "row of a segment"],
)
def test_released_milestones_stay(released: Path, edit: Edit):
    edit(released)
    changed = [each for each in check_configuration(released, TODAY) if each.rule == "released_version_changed"]
    assert [Path(each.file) for each in changed] == [released / MILESTONES]
    assert "milestone 'adoption/go_live' version 1" in changed[0].message


def test_released_milestone_removed(released: Path):
    remove(MILESTONES, {"milestone": "daily_habit"})(released)
    found = check_configuration(released, TODAY)
    assert [each.rule for each in found] == ["released_version_removed"]


def test_a_milestone_changes_by_a_new_version(released: Path):
    change(MILESTONES, of("daily_habit"), effective_to="2027-01-01")(released)
    milestone("daily_habit", version=2, start="2027-01-01", position=4)(released)
    assert check_configuration(released, TODAY) == []
    assert [each.key for each in release(released, "Ada Lovelace", TODAY)] == [
        ("milestone", "adoption/daily_habit", "2")
    ]
    assert check_configuration(released, TODAY) == []


# ------------------------------------------------------------------------------------------------ properties
OUTCOME = Row("desired_outcomes.csv", 2, {"desired_outcome": "one"}, "")
STAGE = Row("stages.csv", 2, {"stage": "onboarding", "desired_outcome": "one", "is_onboarding": "true"}, "")
LATER = Row("stages.csv", 3, {"stage": "later", "desired_outcome": "one", "is_onboarding": "false"}, "")
CLOCKS = st.sampled_from(["subscription_start", "onboarding_end", "previous_milestone"])


def _path_row(line: int, position: int, clock: str, stage: str) -> Row:
    values = {
        "milestone": f"milestone_{line}",
        "desired_outcome": "one",
        "segment": "",
        "effective_from": "1900-01-01",
        "effective_to": "",
        "stage": stage,
        "position": str(position),
        "clock": clock,
        "is_value_moment": "true",
    }
    return Row("milestones.csv", line, values, "")


@given(st.lists(st.tuples(CLOCKS, st.sampled_from(["onboarding", "later"])), min_size=1, max_size=8), st.data())
def test_a_cycle_is_found_exactly_when_some_milestone_can_never_start(path, data):
    """Reference: reach every milestone whose clock has started, until nothing more happens."""
    places = data.draw(st.permutations(range(len(path))))
    rows = [_path_row(place + 2, place, *path[place]) for place in places]
    configuration = load_configuration(DEFAULT_CONFIG)
    configuration.files["milestones"].rows = rows
    configuration.files["desired_outcomes"].rows = [OUTCOME]
    configuration.files["stages"].rows = [STAGE, LATER]
    onboarding = {place for place, (_, stage) in enumerate(path) if stage == "onboarding"}
    reached: set[int] = set()
    for _ in path:
        for place, (clock, _) in enumerate(path):
            started = {
                "subscription_start": True,
                "previous_milestone": place - 1 in reached,
                "onboarding_end": bool(onboarding) and onboarding <= reached,
            }[clock]
            if started:
                reached.add(place)
    rules = {each.rule for each in check_paths(configuration, date(2026, 1, 1)) if each.severity == "error"}
    assert bool(rules) == (len(reached) < len(path))
    assert rules <= {"clock_cycle", "previous_milestone_missing", "onboarding_without_milestones"}
