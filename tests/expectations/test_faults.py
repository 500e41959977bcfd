"""One fault at a time in a copy of a sound build: the check that is meant for it fails, by name, with its keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from customer_health.core.build_file import BUILD_FILE
from expectations.gate import run_gate
from tests.expectations.company import TODAY, copy, holding, judge, result

DAY = f"date '{TODAY}'"
LAST_MONTH_END = "date '2026-05-31'"


@dataclass(frozen=True)
class Fault:
    """What breaks, which check says so, what it says, and how many keys it keeps (None: it has none)."""

    name: str
    check: str
    statements: tuple[str, ...]
    observed: str
    keys: int | None = None
    severity: str = "error"


FAULTS = (
    Fault(
        "a column of another type",
        "raw_arrivals/schema",
        ("alter table raw.csms alter weekly_hours type varchar", "alter table raw.users drop is_champion"),
        "csms: 1 of 5 columns missing or of another kind: weekly_hours; users: 1 of",
        2,
    ),
    Fault(
        "a single unknown word",
        "raw_arrivals/words_single",
        (
            "update raw.ticket_events set status = 'jane@example.com' where rowid ="
            f" (select max(rowid) from raw.ticket_events where cast(changed_at as date) = {DAY})",
        ),
        "ticket_events.status: 1 of",
        1,
        "warn",
    ),
    Fault(
        "rows that came after the build",
        "staged_facts/conservation",
        ("insert into raw.users from raw.users limit 3",),
        "users: ",
    ),
    Fault(
        "events that a release renamed",
        "staged_facts/mapped_events",
        (
            "update intermediate.int_product__event_days set event_name = 'v2_' || event_name"
            f" where date_day = {DAY} and hash(account_id) % 2 = 0",
        ),
        "of 395 events of the day are mapped, 100.0% before",
    ),
    Fault(
        "a renamed segment",
        "staged_facts/known_segments",
        (f"update intermediate.int_account_days set segment = 'Small' where date_day = {DAY} and segment = 'smb'",),
        "customers with a segment are in a known one",
        None,
    ),
    Fault(
        "a sign that changed",
        "staged_facts/counted_facts",
        (
            "update intermediate.int_product__measures set value = -value"
            f" where measure = 'logins' and date_day > {DAY} - 9",
        ),
        "logins: ",
        None,
    ),
    Fault(
        "a rate upside down",
        "staged_facts/exchange_rates",
        ("update configuration.exchange_rates set usd_per_unit = 100 * usd_per_unit where month = date '2026-06-01'",),
        "in 2026-06:",
    ),
    Fault(
        "a lost comma",
        "staged_facts/mrr_jumps",
        (
            "insert into intermediate.int_subscription_periods select * replace"
            f" (mrr_usd * 100 as mrr_usd, {DAY} as starts_on, {DAY} + 99 as ends_on)"
            " from intermediate.int_subscription_periods"
            f" where starts_on < {DAY} and ends_on > {DAY} and is_customer_item"
            " order by mrr_usd desc, account_id, starts_on limit 1",
        ),
        "1 items grew more than 20 times",
        1,
    ),
    Fault(
        "a score off the scale, long ago",
        "marts/score_range",
        (
            "update intermediate.int_health_scores set health_score = 100.5"
            " where rowid = (select min(rowid) from intermediate.int_health_scores where health_score > 90)",
            "update intermediate.int_health_scores set health_score = 'nan'"
            " where rowid = (select min(rowid) from intermediate.int_health_scores where health_score < 60)",
        ),
        "scores out of range",
        2,
    ),
    Fault(
        "points that are no number",
        "marts/finite_points",
        (
            "update intermediate.int_metric_points set points = 'nan' where metric = 'pulse_latest'"
            f" and date_day = {DAY} and points is not null",
        ),
        "pulse_latest: ",
        None,
    ),
    Fault(
        "an account without its row, long ago",
        "marts/index_complete",
        ("delete from intermediate.int_health_scores where date_day = date '2026-02-03' and account_id = 'acc_00004'",),
        "2026-02-03: ",
        1,
    ),
    Fault(
        "a score that is not its sum",
        "marts/contributions",
        (
            "update intermediate.int_health_scores set health_score_before_rules = health_score_before_rules + 0.001"
            f" where date_day = {LAST_MONTH_END} and account_id = 'acc_00004' and is_primary",
        ),
        "2026-05-31: 1 of",
        1,
    ),
    Fault(
        "everybody drops by two grades",
        "marts/grade_drift",
        (
            "update intermediate.int_health_scores set grade = 'D', health_score = health_score * 0.5"
            f" where date_day = {DAY} and health_score is not null",
        ),
        "in grade D: ",
    ),
    Fault(
        "scores slide within their grades",
        "marts/score_drift",
        (f"update intermediate.int_health_scores set health_score = health_score * 0.8 where date_day = {DAY}",),
        "the tenth from",
    ),
    Fault(
        "a third loses its score",
        "marts/coverage_fell",
        (
            "update intermediate.int_health_scores set health_score = null, grade = null, score_status = 'not_scored'"
            f" where date_day = {DAY} and hash(account_id) % 3 = 0",
        ),
        "customers have a score, 100% on 2026-06-29",
        None,
    ),
    Fault(
        "nobody has a score",
        "marts/coverage",
        (f"update intermediate.int_health_scores set health_score = null, grade = null where date_day = {DAY}",),
        "0% of 55 customers have a score",
    ),
    Fault(
        "revenue that does not add up",
        "marts/headline_mrr",
        (
            "update intermediate.int_current_accounts set mrr_usd = mrr_usd + 500 where account_id ="
            " (select min(account_id) from health.dim_accounts where is_customer and mrr_usd > 0)",
        ),
        "in accounts, ",
        1,
    ),
    Fault(
        "a third of the revenue gone",
        "marts/mrr_moved",
        ("update intermediate.int_current_accounts set mrr_usd = mrr_usd * 0.7",),
        "on 2026-06-29",
    ),
    Fault(
        "a lost stretch of days",
        "marts/rows_lost",
        ("delete from intermediate.int_journey_days where date_day between date '2026-03-01' and date '2026-03-31'",),
        "journey.fct_journey_days: ",
    ),
    Fault(
        "history that moved by itself",
        "marts/history_unchanged",
        (
            "update intermediate.int_health_scores set health_score = health_score - 1"
            " where date_day = date '2026-06-10' and account_id = 'acc_00004' and is_primary",
        ),
        "1 of 2,035 published scores of days before 2026-06-22 moved",
        1,
    ),
    Fault(
        "a month restated",
        "marts/restated",
        (
            "update intermediate.int_health_scores set health_score = greatest(health_score - 15, 0)"
            " where date_day > date '2026-06-01' and hash(account_id) % 2 = 0",
        ),
        "published scores restated",
        None,
    ),
    Fault(
        "a build of another day",
        "marts/day_built",
        (f"delete from intermediate.int_health_scores where date_day = {DAY}",),
        f"scores until {TODAY - timedelta(days=1)}",
    ),
)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_fails_the_check_that_is_meant_for_it(fault: Fault, today: Path, tmp_path: Path) -> None:
    broken = copy(today, tmp_path / "broken build", *fault.statements)
    suite = fault.check.split("/")[0]
    report = judge(broken, [suite])
    found = result(report, fault.check)
    assert not found.passed and found.severity == fault.severity, report.lines()
    assert fault.observed in found.observed
    assert "raised" not in found.observed
    kept = _kept_keys(broken, found.check)
    assert kept == min(found.failing_keys, 1000)
    if fault.keys is not None:
        assert found.failing_keys == fault.keys


@pytest.mark.fault(59)
def test_what_may_be_personal_is_in_no_result_and_no_key(today: Path, tmp_path: Path) -> None:
    secret = "jane.roe@example.com"
    broken = copy(
        today,
        tmp_path / "broken build",
        f"update raw.ticket_events set status = '{secret}' where changed_at > {DAY}",
        f"update raw.survey_responses set comment = '{secret}', score = 77 where responded_at >= {DAY} - 5",
        f"alter table raw.csms alter weekly_hours type varchar using '{secret}'",
    )
    report = judge(broken)
    assert not report.passed
    kept = report.to_json() + (broken / "gate" / "index.html").read_text("utf-8")
    with duckdb.connect(str(broken / BUILD_FILE), read_only=True) as con:
        kept += str(con.execute("from build_log.gate_failing_keys").fetchall())
    assert "jane" not in kept


@pytest.mark.fault(64)
def test_a_suite_that_raises_has_failed(today: Path, tmp_path: Path) -> None:
    broken = copy(today, tmp_path / "broken build", "drop table intermediate.int_source_days cascade")
    report = judge(broken)
    raised = result(report, "raw_arrivals/suite")
    assert not report.passed and raised.holds
    assert raised.observed.startswith("it raised CatalogException: ") and "int_source_days" in raised.observed
    assert {one.suite for one in report.results} == {"raw_arrivals", "staged_facts", "marts"}, "the others still ran"


@pytest.mark.fault(64)
def test_a_check_that_raises_has_failed_by_its_own_name(today: Path, tmp_path: Path) -> None:
    broken = copy(today, tmp_path / "broken build", "drop table health.rpt_csm_portfolio")
    report = judge(broken, ["marts"])
    assert holding(report) == {"marts/headline_mrr"}
    assert "it raised CatalogException" in result(report, "marts/headline_mrr").observed


@pytest.mark.fault(64)
def test_an_expectation_that_cannot_be_evaluated_has_failed(today: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from great_expectations.expectations import ExpectColumnValuesToBeBetween

    from expectations import staged_facts
    from expectations.checks import Check

    unknown = [ExpectColumnValuesToBeBetween(column="no_such_column", max_value=1)]
    check = Check("odd", "error", "anything", "2026-01-01: a test.", "select 1 as one", unknown, "{one}")
    monkeypatch.setattr(staged_facts, "checks", lambda build: [check])
    found = result(judge(today, ["staged_facts"]), "staged_facts/odd")
    assert found.holds and "it raised RuntimeError" in found.observed


def test_a_check_that_judged_nothing_has_failed(today: Path, tmp_path: Path) -> None:
    broken = copy(
        today,
        tmp_path / "broken build",
        "delete from intermediate.int_metric_points where date_day > date '2026-06-01'",
    )
    found = result(judge(broken, ["marts"]), "marts/finite_points")
    assert found.holds and found.observed == "0 rows to judge"


def test_a_suite_without_checks_has_failed(today: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from expectations import staged_facts

    monkeypatch.setattr(staged_facts, "checks", lambda build: [])
    report = judge(today, ["staged_facts"])
    assert holding(report) == {"staged_facts/suite"} and not report.passed
    assert not judge(today, []).passed, "nor has a gate without suites passed"


def test_a_suite_that_does_not_exist_has_failed(today: Path) -> None:
    assert holding(judge(today, ["martz"])) == {"martz/suite"}


def test_a_build_that_is_missing_or_broken_fails_closed(tmp_path: Path) -> None:
    assert "gate/open" in holding(run_gate(tmp_path / "nowhere", as_of=TODAY))
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / BUILD_FILE).write_bytes(b"not a database" * 1000)
    assert {"gate/open", "gate/record"} <= holding(run_gate(tmp_path / "broken", as_of=TODAY))


@pytest.mark.fault(40)
def test_a_build_that_another_process_writes_fails_closed(today: Path, tmp_path: Path) -> None:
    busy = copy(today, tmp_path / "busy build")
    with duckdb.connect(str(busy / BUILD_FILE)):
        report = run_gate(busy, as_of=TODAY)
    assert "gate/open" in holding(report) and not report.passed


def _kept_keys(warehouse: Path, check: str) -> int:
    with duckdb.connect(str(warehouse / BUILD_FILE), read_only=True) as con:
        rows = con.execute("select count(*) from build_log.gate_failing_keys where gate_check = ?", [check]).fetchall()
    return int(rows[0][0])
