"""What holds of every account, whatever happened to it: proved on many random accounts in few builds.

Belongs here: properties of the finished pipeline (replay, incremental builds, sums, conservation, monotony).
Does not belong here: numbers for one account (tests/golden) or a step alone (tests/unit).
"""

from __future__ import annotations

import csv
import shutil
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from customer_health.configuration.release import scorecard_version
from tests.pipeline import CONTRACT, Warehouse, differences
from tests.properties.conftest import CONFIG, Grown
from tests.properties.random_company import LAST_DAY

REPLAYED = (
    "intermediate.int_account_days",
    "health.fct_metric_points",
    "health.fct_health_scores",
    "health.fct_score_changes",
    "validation.fct_challenger_scores",
    "intermediate.int_journey_metrics",
    "journey.fct_journey_days",
)
ENTITIES = {"support_tickets": "tickets", "survey_responses": "responses"}
CUT_DAYS = (date(2026, 2, 27), date(2026, 4, 11))


def nothing(found: object) -> bool:
    """The rows that break a property, so that pytest shows them."""
    return not found


def test_the_random_accounts_meet_everything(whole: Warehouse) -> None:
    """A property proves nothing about what never occurs."""
    statuses = dict(whole.query("select value_status, count(*) from health.fct_metric_points group by 1"))
    assert set(statuses) == {
        *("observed", "zero", "stale", "not_applicable", "too_early", "not_instrumented", "no_base"),
    }
    effects = dict(whole.query("select effect, count(*) from health.fct_score_changes group by 1"))
    assert set(effects) == {
        *("behaviour", "peers", "benchmark", "coverage", "configuration", "rule", "score_appeared", "score_ended"),
    }
    (accounts, spells, overrides) = whole.query(
        "select count(distinct account_id), max(spell_number),"
        " (select count(*) from health.fct_health_scores where override_grade is not null)"
        " from intermediate.int_account_days"
    )[0]
    assert accounts >= 400
    assert spells >= 2
    assert overrides > 50
    # of columns that are filled later, for some accounts only, or by what the CRM says
    absences = whole.query(
        "select distinct raw_table = 'accounts', account_id = '', is_filled, has_rows_before"
        " from intermediate.int_column_fills"
    )
    assert {(False, True, True, True), (False, False, False, False), (False, False, True, True)} <= set(absences)
    assert {(True, False, False, False), (True, False, True, False)} <= set(absences)
    assert {"not_scored", "provisional", "scored"} == {
        status for (status,) in whole.query("select distinct score_status from health.fct_health_scores")
    }


def test_growing_day_by_day_equals_building_at_once(grown: Grown, whole: Warehouse) -> None:
    stored = whole.incremental_tables()
    assert len(stored) >= 15
    assert differences(grown.warehouse, whole, stored) == {}


@pytest.mark.parametrize("last_day", CUT_DAYS, ids=str)
def test_a_day_looks_the_same_when_nothing_after_it_is_known(whole: Warehouse, scratch: Path, last_day: date) -> None:
    past = whole.cut(last_day, scratch / f"cut {last_day}")
    past.build(last_day)
    assert differences(whole, past, REPLAYED, "date_day", last_day) == {}
    shutil.rmtree(past.folder)


@pytest.mark.parametrize("table", CONTRACT.tables)
def test_no_raw_row_gets_lost(whole: Warehouse, table: str) -> None:
    base = f"base_{CONTRACT.table(table).source}__{ENTITIES.get(table, table)}"
    fates = whole.query(f"select row_fate, quarantine_reason, count(*) from staging.{base} group by all")
    (raw,) = whole.query(f"select count(*) from raw.{table}")[0]
    assert raw > 0, f"there is no row of {table} to lose"
    assert sum(count for *_, count in fates) == raw
    assert {fate for fate, *_ in fates} <= {"staged", "superseded", "quarantined"}
    assert all((reason is not None) == (fate == "quarantined") for fate, reason, _ in fates)
    assert any(fate == "quarantined" for fate, *_ in fates), f"no garbage of {table} was found"
    (kept,) = whole.query(
        f"select count(*) from staging.quarantine where raw_table = '{table}' and raw_row is not null"
    )[0]
    assert kept == sum(count for fate, _, count in fates if fate == "quarantined")


def test_every_metric_has_a_row_for_every_day_of_every_customer(whole: Warehouse) -> None:
    (days,) = whole.query("select count(*) from intermediate.int_account_days")[0]
    metrics = whole.query("select count(*) from configuration.metrics")[0][0]
    rows = whole.query("select metric, count(*) from health.fct_metric_points group by 1")
    assert len(rows) == metrics
    assert {count for _, count in rows} == {days}
    assert nothing(
        whole.query(
            "select account_id, date_day, metric, count(*) from health.fct_metric_points"
            " group by all having count(*) > 1 limit 5"
        )
    )


def test_only_what_was_observed_earns_points(whole: Warehouse) -> None:
    assert nothing(
        whole.query(
            "select * from health.fct_metric_points"
            " where (points is not null) <> (value_status in ('observed', 'zero')) and benchmark_method is not null"
            " or points < 0 or points > 100 or isnan(points) or isnan(value) or isinf(value) limit 5"
        )
    )


def test_contributions_and_weights_add_up_to_the_score(whole: Warehouse) -> None:
    assert nothing(
        whole.query(
            """
            select account_id, date_day, scorecard, any_value(scores.health_score_before_rules) as score,
                sum(drivers.contribution) as contributions, sum(drivers.effective_weight) as weights
            from health.fct_health_scores as scores
            inner join health.fct_score_drivers as drivers using (account_id, date_day, scorecard)
            where scores.health_score is not null
            group by all
            having abs(score - contributions) > 1e-9 or abs(weights - 1) > 1e-9
            limit 5
            """
        )
    )
    (scores, with_drivers) = whole.query(
        "select (select count(*) from health.fct_health_scores where health_score is not null),"
        " (select count(*) from (select distinct account_id, date_day, scorecard from health.fct_score_drivers"
        " where effective_weight is not null))"
    )[0]
    assert scores == with_drivers > 10_000


def test_both_sides_weigh_the_same_where_both_are_known(whole: Warehouse) -> None:
    assert nothing(
        whole.query(
            """
            select account_id, date_day, scorecard, motion, sum(effective_weight) as side_weight
            from health.fct_score_drivers
            inner join health.fct_health_scores using (account_id, date_day, scorecard)
            where score_status = 'scored'
            group by all
            having abs(side_weight - 0.5) > 1e-9
            limit 5
            """
        )
    )


@pytest.mark.parametrize("days_back", [7, 28, 90])
def test_steps_add_up_to_the_change_of_any_span(whole: Warehouse, days_back: int) -> None:
    spans = whole.query(
        f"""
        select now.account_id, now.date_day, now.scorecard, now.health_score - earlier.health_score as change_points,
            coalesce(sum(changes.change_points), 0) as explained
        from health.fct_health_scores as now
        inner join health.fct_health_scores as earlier
            on now.account_id = earlier.account_id
            and now.scorecard = earlier.scorecard
            and now.date_day = earlier.date_day + {days_back}
        left join health.rpt_score_changes as changes
            on now.account_id = changes.account_id
            and now.scorecard = changes.scorecard
            and now.date_day = changes.date_day
            and changes.days_back = {days_back}
        where now.health_score is not null and earlier.health_score is not null
        group by now.account_id, now.date_day, now.scorecard, now.health_score, earlier.health_score
        """
    )
    assert len(spans) > 1_000
    assert nothing([span for span in spans if abs(span[3] - span[4]) > 1e-9][:5])


def test_steps_of_a_day_are_complete(whole: Warehouse) -> None:
    """A score that is not explained from its own day before (none, or none shown) appears or ends with one effect."""
    assert nothing(
        whole.query(
            """
            select account_id, date_day, scorecard, effect from health.fct_score_changes as changes
            where effect in ('score_appeared', 'score_ended')
                and exists (
                    select 1 from health.fct_score_changes as others
                    where others.account_id = changes.account_id and others.date_day = changes.date_day
                        and others.scorecard = changes.scorecard
                        and others.effect not in ('score_appeared', 'score_ended')
                )
            limit 5
            """
        )
    )


def test_more_use_never_lowers_a_score(grown: Grown, whole: Warehouse) -> None:
    """Twins differ in the use of one of them, which a straight benchmark values."""
    pairs = ", ".join(f"('{low}', '{high}')" for low, high in grown.company.twins)
    compared, lower, higher = whole.query(
        f"""
        select count(*), count(*) filter (high.health_score < low.health_score - 1e-9),
            count(distinct high.account_id) filter (high.health_score > low.health_score + 1e-9)
        from (values {pairs}) as twins (low_id, high_id)
        inner join health.fct_health_scores as low on low.account_id = low_id and low.scorecard = 'steady'
        inner join health.fct_health_scores as high
            on high.account_id = high_id and high.date_day = low.date_day and high.scorecard = low.scorecard
        where low.health_score is not null or high.health_score is not null
        """
    )[0]
    assert compared > 5_000
    assert lower == 0
    assert higher >= 100


def test_each_account_has_one_score_per_outcome_it_declared(whole: Warehouse) -> None:
    assert nothing(
        whole.query(
            """
            select account_id, date_day, desired_outcomes, count(scores.scorecard) as scorecards
            from intermediate.int_account_days as days
            left join health.fct_health_scores as scores using (account_id, date_day)
            group by all
            having scorecards <> len(string_split(desired_outcomes, ';'))
                or count(*) filter (scores.is_primary) <> 1
                or count(distinct scores.desired_outcome) <> scorecards
            limit 5
            """
        )
    )


def test_a_challenger_with_the_weights_of_its_champion_says_the_same_of_all_days(whole: Warehouse) -> None:
    columns = "account_id, date_day, health_score_before_rules, health_score, score_status, rule_applied, raw_grade"
    champion = f"select {columns} from health.fct_health_scores where scorecard = 'steady'"
    challenger = f"select {columns} from validation.fct_challenger_scores where scorecard = 'steady'"
    assert nothing(whole.query(f"({champion} except all {challenger}) limit 5"))
    assert nothing(whole.query(f"({challenger} except all {champion}) limit 5"))
    (days, others) = whole.query(
        "select count(*) filter (where scorecard = 'steady'), count(*) filter (where scorecard = 'bold')"
        " from validation.fct_challenger_scores"
    )[0]
    assert days > 1_000 and others > 1_000


def test_challengers_stay_out_of_what_people_act_on(whole: Warehouse) -> None:
    assert nothing(whole.query("select * from health.fct_health_scores where scorecard = 'bold' limit 1"))
    assert nothing(
        whole.query(
            "select * from health.fct_health_scores where scorecard = 'steady' and scorecard_version = 2 limit 1"
        )
    )
    # a general challenger leaves the accounts of a segment to the scorecard that it has
    assert nothing(
        whole.query(
            "select challengers.* from validation.fct_challenger_scores as challengers"
            " inner join health.fct_health_scores as scores using (account_id, date_day)"
            " where challengers.scorecard = 'bold' and scores.scorecard = 'large' limit 1"
        )
    )


def test_a_confirmed_grade_was_held_two_scored_days_or_set_by_a_rule(whole: Warehouse) -> None:
    """An oracle of its own: walk through the days of each account and say what the confirmed grade must be."""
    rows = whole.query(
        "select account_id, scorecard, date_day, raw_grade, rule_applied, grade from health.fct_health_scores"
        " order by account_id, scorecard, date_day"
    )
    wrong, before = [], None
    confirmed = last_raw = None
    for row in rows:
        account, scorecard, day, raw, rule, grade = row
        if before != (account, scorecard, day - timedelta(days=1)):
            confirmed = last_raw = None
        before = (account, scorecard, day)
        if raw is not None:
            if last_raw is None or rule is not None or raw == last_raw:
                confirmed = raw
            last_raw = raw
        if grade != (confirmed if raw is not None else None):
            wrong.append((row, confirmed))
    assert nothing(wrong[:5])


@pytest.mark.slow
def test_new_weights_recompute_no_metric_and_no_day_before_they_count(grown: Grown, scratch: Path) -> None:
    """The recipe of a new scorecard version, on a warehouse that has been built: history before its day stays."""
    config = scratch / "reweighted configuration"
    shutil.copytree(CONFIG, config)
    starts = date(2026, 4, 6)
    version = scorecard_version(config, "steady", starts)
    _swap_weights(config / "scorecard_metrics.csv", "steady", version.version)

    reweighted = grown.warehouse.copy(scratch / "reweighted", config)
    reweighted.build(LAST_DAY)

    metrics_from_on, points_from_on, scores_from_on = _rebuilt_from(reweighted)
    assert metrics_from_on >= LAST_DAY - timedelta(days=3)
    assert points_from_on == metrics_from_on
    assert scores_from_on < date(2026, 1, 1)
    stored = ("health.fct_metric_points", "intermediate.int_metrics")
    assert differences(grown.warehouse, reweighted, stored) == {}
    scores = ("health.fct_health_scores", "health.fct_score_changes")
    assert differences(grown.warehouse, reweighted, scores, "date_day", starts - timedelta(days=1)) == {}
    changed = differences(grown.warehouse, reweighted, scores)
    assert changed["health.fct_health_scores"][0] > 100
    steps = reweighted.query(
        f"select effect from health.fct_score_changes where date_day = '{starts}' and scorecard = 'steady'"
    )
    assert steps.count(("configuration",)) > 100

    anew = reweighted.copy(scratch / "reweighted anew")
    anew.build(LAST_DAY, full_refresh=True)
    assert differences(reweighted, anew, reweighted.incremental_tables()) == {}


def _rebuilt_from(warehouse: Warehouse) -> tuple[date, date, date]:
    columns = "metrics_from_on, points_from_on, scores_from_on"
    for table in ("intermediate.int_scoring_range", "intermediate.int_rebuild_range"):
        try:
            return warehouse.query(f"select {columns} from {table}")[0]
        except duckdb.BinderException:
            continue
    raise AssertionError("no model says from which day scores were rebuilt")


def _swap_weights(path: Path, scorecard: str, version: int) -> None:
    """Let the two proactive metrics weigh 40 and 10 instead of 25 each."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if row["scorecard"] == scorecard and row["version"] == str(version):
            row["weight"] = {"usage_sum": "40", "usage_max": "10"}.get(row["metric"], row["weight"])
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
