"""The page that `make demo` prints: it must tell the truth about a good build, and survive a poor one."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from customer_health.configuration.folder import load_contracts
from customer_health.refresh.summary import CLOCKS, WIDTH, SummaryError, summarise
from tests.commands import run_command
from tests.orchestration.published_marts import contract

REPORT = "health.rpt_account_health_current"
WORDS = "health.rpt_account_health_in_words"
TABLES = {
    REPORT: contract("health", "rpt_account_health_current"),
    WORDS: contract("health", "rpt_account_health_in_words"),
    "health.fct_health_scores": {"account_id": "varchar", "date_day": "date", "scorecard": "varchar"},
    "health.dim_metrics": {"metric": "varchar", "is_shadow": "boolean"},
    "journey.rpt_early_interventions": {
        "priority": "bigint",
        "account_id": "varchar",
        "account_name": "varchar",
        "csm_name": "varchar",
        "outcome_label": "varchar",
        "health_score": "double",
        "grade": "varchar",
        "milestone_label": "varchar",
        "expected_on": "date",
        "clock": "varchar",
        "expected_after_days": "integer",
        "is_planned": "boolean",
        "days_late": "bigint",
        "norm_median_days": "bigint",
        "norm_p80_days": "bigint",
        "mrr_at_stake_usd": "decimal(18, 2)",
        "playbook": "varchar",
        "playbook_label": "varchar",
        "action": "varchar",
        "hours": "double",
    },
    "quality.fct_row_conservation": {
        "raw_table": "varchar",
        "raw_rows": "bigint",
        "staged_rows": "bigint",
        "superseded_rows": "bigint",
        "quarantined_rows": "bigint",
    },
    "quality.fct_quality_findings": {
        "finding": "varchar",
        "severity": "varchar",
        "entity": "varchar",
        "detail": "varchar",
        "found_on": "date",
    },
}


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """A folder, with a space in its name, whose build file holds all tables, empty."""
    folder = tmp_path / "a warehouse"
    folder.mkdir()
    with duckdb.connect(str(folder / "build.duckdb")) as connection:
        connection.execute("create schema health; create schema journey; create schema quality")
        for table, columns in TABLES.items():
            described = ", ".join(f"{name} {type_}" for name, type_ in columns.items())
            connection.execute(f"create table {table} ({described})")
    return folder


def insert(warehouse: Path, table: str, *rows: dict[str, object]) -> None:
    with duckdb.connect(str(warehouse / "build.duckdb")) as connection:
        for row in rows:
            marks = ", ".join("?" for _ in row)
            connection.execute(f"insert into {table} ({', '.join(row)}) values ({marks})", list(row.values()))


def insert_accounts(warehouse: Path, *rows: dict[str, object]) -> None:
    """Put numbers into the report and sentences into the one beside it, as the build does."""
    for row in rows:
        row = {"scorecard": "adoption" if row["is_primary"] else "growth", **row}
        for table, others in ((REPORT, set(TABLES[WORDS]) - {"account_id", "scorecard"}), (WORDS, set())):
            insert(warehouse, table, {name: row[name] for name in row if name in TABLES[table] and name not in others})


def account(account_id: str, grade: str | None, **facts: object) -> dict[str, object]:
    """An account of which everything that is not said is unremarkable."""
    return {
        "account_id": account_id,
        "account_name": account_id.title(),
        "is_primary": True,
        "mrr_usd": 100,
        "is_in_grace": False,
        "health_score": 50.0 if grade else None,
        "shown_grade": grade,
        "grade_label": {"B": "Healthy", "D": "At risk", None: "No score"}[grade],
        "score_status": "scored" if grade else "not_scored",
        "is_fast_drop": False,
        "driver_down_1": "Seats used: 42 % (58 of 100 points, costs the score 4.1)",
        **facts,
    }


def test_a_build_is_told_on_one_page(warehouse: Path) -> None:
    insert_accounts(
        warehouse,
        account("ruled", "B", mrr_usd=800, rule_in_words="An invoice is unpaid"),
        account("judged", "B", mrr_usd=700, override_in_words="B by Ann: They told me"),
        account("acme", "B", csm_name="Ann", next_step="Agree one step"),
        account("beta", "B", is_fast_drop=True, change_28d_points=-12.5, main_cause_28d="Seats used fell"),
        account("gone", "D", mrr_usd=900, is_in_grace=True),
        account("dull", "D", mrr_usd=300, next_step="Call this week"),
        account("new", None),
        account("acme", "D", is_primary=False, mrr_usd=5000),
    )
    scores = [{"account_id": "acme", "date_day": day, "scorecard": "adoption"} for day in ("2026-01-01", "2026-01-02")]
    insert(warehouse, "health.fct_health_scores", *scores)
    counted = {"raw_rows": 1200, "staged_rows": 1100, "superseded_rows": 60, "quarantined_rows": 40}
    insert(warehouse, "quality.fct_row_conservation", {"raw_table": "accounts", **counted})
    insert(
        warehouse,
        "quality.fct_quality_findings",
        {
            "finding": "late_rows",
            "severity": "warn",
            "entity": "usage_events",
            "detail": "3 rows",
            "found_on": "2026-01-02",
        },
        {"finding": "broken", "severity": "error", "entity": "accounts", "detail": None, "found_on": "2026-01-02"},
    )

    page = summarise(warehouse)

    assert "6 of 7 customers on the last day" in page
    assert "2026-01-01 to 2026-01-02" in page
    assert "healthy: Acme" in page
    assert "at risk: Dull" in page
    assert "fast drop: Beta" in page
    assert "CSM Ann" in page and page.count("no CSM") == 2
    assert page.count("weighs on it") == 3
    told = {line.strip()[:13].strip() for line in page.splitlines()}
    assert not {"lifts it", "a rule", "a person", "not known"} & told
    assert "-12.5 in 28 days" in page
    assert "Seats used fell" in page
    assert "Call this week" in page
    assert "No row was lost." in page
    assert page.index("broken") < page.index("late_rows")
    assert "1 error, 1 warn, 0 info" in page
    shares = [line for line in page.splitlines() if "USD a month" in line and "accounts" in line]
    assert [line.split()[0] for line in shares] == ["B", "D", "-"]
    assert sum(int(line.split("%")[1].split()[0]) for line in shares) == 7
    assert max(len(line) for line in page.splitlines() if str(warehouse) not in line) <= WIDTH + 20


def test_lost_rows_are_not_glossed_over(warehouse: Path) -> None:
    counted = {"raw_rows": 10, "staged_rows": 7, "superseded_rows": 0, "quarantined_rows": 1}
    insert(warehouse, "quality.fct_row_conservation", {"raw_table": "accounts", **counted})
    page = summarise(warehouse)
    assert "differs by 2" in page
    assert "do not trust this build" in page
    assert "No row was lost" not in page


def test_a_build_without_customers_says_so(warehouse: Path) -> None:
    page = summarise(warehouse)
    assert "Nothing is scored" in page
    assert "No account has a score on the last day." in page
    assert "at risk: none on the last day" in page


def test_a_build_that_broke_off_is_summarised_as_far_as_it_came(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "build.duckdb")) as connection:
        connection.execute("create schema health")
    page = summarise(tmp_path)
    assert "Nothing is scored" in page
    assert "Not counted in this build." in page


def test_a_missing_build_is_an_error_that_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SummaryError, match="run make demo"):
        summarise(tmp_path)
    assert run_command("summary", "--warehouse", str(tmp_path)) == 1
    assert "run make demo" in capsys.readouterr().err


def late(priority: int, account_id: str, **facts: object) -> dict[str, object]:
    """A row of the list of early interventions."""
    return {
        "priority": priority,
        "account_id": account_id,
        "account_name": account_id.title(),
        "csm_name": "Ada",
        "outcome_label": "Bring the whole team on",
        "health_score": 78.25,
        "grade": "B",
        "milestone_label": "Half of the seats are used",
        "expected_on": "2026-04-01",
        "clock": "subscription_start",
        "expected_after_days": 90,
        "is_planned": False,
        "days_late": 84,
        "norm_median_days": 71,
        "norm_p80_days": 88,
        "mrr_at_stake_usd": 1200,
        "playbook": "seat_activation",
        "playbook_label": "Fill the seats",
        "action": "List the seats without use",
        "hours": 2.5,
        **facts,
    }


def test_early_interventions_say_who_is_late_against_which_norm_and_what_to_do(warehouse: Path) -> None:
    table = "journey.rpt_early_interventions"
    insert(warehouse, table, late(1, "acme"))
    unknown = {"norm_median_days": None, "norm_p80_days": None}
    insert(warehouse, table, late(2, "beta", is_planned=True, days_late=1, csm_name=None, **unknown))
    insert(warehouse, table, late(3, "core", playbook=None, playbook_label=None, action=None, hours=None))
    page = summarise(warehouse)
    assert "1. Acme (acme, Bring the whole team on)" in page
    assert "grade B, score 78.2, 1,200 USD a month at stake, CSM Ada" in page
    assert "Half of the seats are used: expected on 2026-04-01, 84 days ago" in page
    norms = " ".join(page.split())
    usual = "half of the customers who stayed got there within 71 days, four of five within 88 days"
    assert f"expected 90 days after the start; {usual}" in norms
    assert "Fill the seats (2.5 h). List the seats without use" in page
    assert "90 days after the start, as agreed with the customer; fewer than half of the customers who stayed" in norms
    assert "1 day ago" in page and "no CSM" in page
    assert page.count("what to do") == 2
    assert "more in journey.rpt_early_interventions" not in page


def test_a_norm_says_what_its_days_count_from(warehouse: Path) -> None:
    table = "journey.rpt_early_interventions"
    insert(warehouse, table, late(1, "acme", clock="onboarding_end", expected_after_days=1, norm_p80_days=None))
    insert(warehouse, table, late(2, "beta", clock="renewal", norm_median_days=0, norm_p80_days=13))
    insert(warehouse, table, late(3, "core", clock="previous_milestone", norm_median_days=0, norm_p80_days=0))
    page = " ".join(summarise(warehouse).split())
    assert "1 day after the end of onboarding; half of the customers who stayed got there within 71 days what" in page
    assert "after the renewal; half of the customers who stayed were there at once, four of five within 13 days" in page
    assert "90 days after the milestone before it; four of five of the customers who stayed were there at once" in page


def test_every_clock_of_a_milestone_has_its_words() -> None:
    clock = load_contracts()["milestones"].columns["clock"]
    assert set(CLOCKS) == set(clock.values)


def test_only_the_first_early_interventions_are_shown(warehouse: Path) -> None:
    insert(warehouse, "journey.rpt_early_interventions", *(late(place, f"account{place}") for place in range(1, 9)))
    page = summarise(warehouse)
    assert "5. Account5" in page and "Account6" not in page
    assert "and 3 more in journey.rpt_early_interventions" in page


def test_an_empty_list_of_early_interventions_is_said(warehouse: Path) -> None:
    assert "Nobody: every healthy account keeps to its path" in summarise(warehouse)
