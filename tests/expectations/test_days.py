"""Days as they come: rows arrive, the build runs, and the gate says whether its result may go out."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from customer_health.core.build_file import BUILD_FILE
from customer_health.core.published_file import PUBLISHED_FILE, SECOND_NAME
from tests.expectations.company import TODAY, build, copy, holding, judge, result

TODAYS_EVENTS = f"cast(occurred_at as date) = date '{TODAY}'"


def test_a_sound_day_passes_every_suite(today: Path) -> None:
    report = judge(today)
    assert report.passed, report.lines()
    assert {one.suite for one in report.results} == {"raw_arrivals", "staged_facts", "marts"}
    assert not [one for one in report.results if "– " in one.observed and one.severity == "error"], "nothing was judged"
    assert (today / "gate" / "index.html").exists()


def test_a_first_publication_is_compared_with_four_weeks_before(today: Path, tmp_path: Path) -> None:
    first = copy(today, tmp_path / "first")
    for name in (PUBLISHED_FILE, SECOND_NAME):
        (first / name).unlink(missing_ok=True)
    report = judge(first, ["marts"])
    assert report.passed, report.lines()
    assert "against 2026-06-02" in result(report, "marts/score_drift").observed


@pytest.mark.fault(31, 32)
def test_a_day_with_a_tenth_of_its_rows_is_held_and_the_next_good_one_is_not(yesterday: Path, tmp_path: Path) -> None:
    bad = copy(
        yesterday,
        tmp_path / "bad day",
        "create table landing.held_back as"
        f" select * from raw.usage_events where {TODAYS_EVENTS} and hash(event_id) % 20 <> 0",
        f"delete from raw.usage_events where {TODAYS_EVENTS} and hash(event_id) % 20 <> 0",
        "delete from raw.survey_responses where coalesce(sent_at, responded_at) >= timestamp '2026-05-20'",
    )
    build(bad, TODAY, "test")
    report = judge(bad)
    assert {"raw_arrivals/volume", "raw_arrivals/freshness"} <= holding(report)
    volume = result(report, "raw_arrivals/volume")
    assert volume.observed.startswith("usage_events: ") and "usually" in volume.observed
    assert "2026-" in volume.reason, "the limit says since when it holds"
    assert result(report, "raw_arrivals/freshness").observed.startswith("survey_responses: last row of 2026-05-")

    with duckdb.connect(str(bad / BUILD_FILE)) as con:
        con.execute("insert into raw.usage_events from landing.held_back")
    build(bad, TODAY, "test")
    assert "raw_arrivals/volume" not in holding(judge(bad, ["raw_arrivals"]))


@pytest.mark.slow
@pytest.mark.fault(31)
def test_a_day_with_ten_times_its_rows_is_held(yesterday: Path, tmp_path: Path) -> None:
    loud = copy(
        yesterday,
        tmp_path / "loud day",
        "insert into raw.usage_events"
        " select usage_events.* replace (event_id || '-again-' || copies.range as event_id)"
        f" from raw.usage_events cross join range(11) as copies(range) where {TODAYS_EVENTS}",
        # a vocabulary and a scale that changed at the source, and rows of accounts that nobody knows
        "update raw.engagements set status = 'DONE' where coalesce(updated_at, occurred_at) >= timestamp '2026-06-24'",
        "update raw.csm_pulses set pulse = pulse * 20 where recorded_at >= timestamp '2026-06-24'",
        "update raw.survey_responses set account_id = 'moved-' || response_id,"
        " _loaded_at = timestamp '2026-07-02 03:00' where coalesce(sent_at, responded_at) >= timestamp '2026-06-01'",
    )
    build(loud, TODAY, "test")
    report = judge(loud, ["raw_arrivals", "staged_facts"])
    held = holding(report)
    assert {"raw_arrivals/volume", "raw_arrivals/words", "raw_arrivals/ranges"} <= held
    assert result(report, "raw_arrivals/words").observed.startswith("engagements.status: ")
    assert result(report, "raw_arrivals/ranges").observed.startswith("csm_pulses.pulse: ")
    keys = _keys(loud, "words")
    assert len(keys) == result(report, "raw_arrivals/words").failing_keys > 0
    assert all('"source_file"' in key and "DONE" not in key for key in keys), "keys name rows, never what they say"
    assert "staged_facts/quarantine" in held
    assert "unknown_account" in result(report, "staged_facts/quarantine").observed


def test_a_rhythm_is_no_incident_and_an_old_outage_is_no_rhythm(today: Path, tmp_path: Path) -> None:
    """Invoices on one day a month are ten times a usual day; the example's own outage in April was two days."""
    monthly = copy(
        today,
        tmp_path / "monthly run",
        "update intermediate.int_source_days set typical_row_count = 2, row_count ="
        f" case when (date '{TODAY}' - date_day) % 28 = 0 then 900 else 2 end where raw_table = 'invoice_lines'",
    )
    assert "raw_arrivals/volume" not in holding(judge(monthly, ["raw_arrivals"]))
    with duckdb.connect(str(monthly / BUILD_FILE)) as con:
        outage = (
            "raw_table = 'usage_events' and date_day between date '2026-04-21' and date '2026-04-22' and not is_live"
        )
        [(silent_days,)] = con.execute(f"select count(*) from intermediate.int_source_days where {outage}").fetchall()
        con.execute(
            "update intermediate.int_source_days set row_count = 2"
            f" where raw_table = 'invoice_lines' and date_day < date '{TODAY}'"
            f" or raw_table = 'usage_events' and date_day = date '{TODAY}'"
        )
    assert silent_days == 2
    volume = result(judge(monthly, ["raw_arrivals"]), "raw_arrivals/volume")
    assert volume.holds, "without its rhythm, the same run is ten times too much"
    assert "invoice_lines: 900 rows" in volume.observed and "usage_events: 2 rows" in volume.observed


@pytest.mark.slow
def test_accounts_that_vanished_are_named(yesterday: Path, tmp_path: Path) -> None:
    gone = [f"acc_{number:05d}" for number in range(1, 60, 3)]
    smaller = copy(
        yesterday,
        tmp_path / "a part of the accounts",
        f"delete from raw.accounts where account_id in {tuple(gone)}",
    )
    build(smaller, TODAY, "test")
    report = judge(smaller)
    assert "marts/accounts_vanished" in holding(report)
    assert result(report, "marts/accounts_vanished").failing_keys == len(gone)
    assert sorted(_keys(smaller, "accounts_vanished")) == [f'{{"account_id": "{name}"}}' for name in gone]
    assert "staged_facts/quarantine" in holding(report), "and what was theirs is quarantined"


def _keys(warehouse: Path, check: str) -> list[str]:
    with duckdb.connect(str(warehouse / BUILD_FILE), read_only=True) as con:
        rows = con.execute(
            "select key_columns from build_log.gate_failing_keys where gate_check = ? and as_of_date = ?",
            [check, TODAY],
        ).fetchall()
    return [row[0] for row in rows]
