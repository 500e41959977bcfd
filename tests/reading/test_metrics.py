"""Metrics of the semantic layer give what plain SQL on the published marts gives."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from customer_health.core.published_file import PUBLISHED_FILE
from customer_health.core.settings import PROJECT_ROOT
from customer_health.reading.published import Publications, Snapshot
from tests.commands import run_command

DEFINITIONS = PROJECT_ROOT / "models" / "semantic"
HEADLINE = "select * from health.fct_health_scores where is_primary"
CURRENT = "select * from health.rpt_account_health_current where is_primary"

DEPARTURES = "predictor = 'scorecard' and outcome = 'churned' and horizon_days = 90"
ACCURACY = (
    "from validation.rpt_score_accuracy where scorecard = 'all' and predictor = 'scorecard' and outcome = 'churned'"
    " and horizon_days = 90 and period = 'all'"
)

# name: metrics, what they are grouped by, the same in SQL (groups first). Every metric is in one of them.
QUESTIONS: dict[str, tuple[str, str, str]] = {
    "book_by_day": (
        "customers,scored_customers,scored_share,health_score,score_coverage",
        "metric_time",
        f"""select date_day, count(*), sum((score_status = 'scored')::int), avg((score_status = 'scored')::int),
            avg(health_score), avg(score_coverage) from ({HEADLINE}) group by all""",
    ),
    "book_by_month_and_segment": (
        "customers,health_score",
        "metric_time__month,account__segment",
        f"""with months as (
                select *, date_trunc('month', date_day) as month
                from ({HEADLINE}) join health.dim_accounts using (account_id)
            ),
            ends as (select month, max(date_day) as last_day from months group by all)
            select month, segment, count(*) filter (where date_day = last_day), avg(health_score)
            from months join ends using (month) group by all""",
    ),
    "book_by_version": (
        "health_score",
        "scorecard__scorecard_name,scorecard__scorecard_version",
        f"select scorecard, scorecard_version, avg(health_score) from ({HEADLINE}) group by all",
    ),
    "risk_by_csm": (
        "mrr_usd,mrr_at_risk_usd,mrr_at_risk_share,customers_at_risk,fast_drops",
        "csm__csm_name",
        f"""select csm_name, sum(mrr_usd), sum(mrr_usd) filter (where shown_grade in ('D', 'F')),
            sum(mrr_usd) filter (where shown_grade in ('D', 'F')) / nullif(sum(mrr_usd), 0),
            count(*) filter (where shown_grade in ('D', 'F')), count(*) filter (where is_fast_drop)
            from (select health.* exclude (csm_name), csms.csm_name from ({CURRENT}) as health
                left join health.dim_csms as csms using (csm_id)) group by all""",
    ),
    "change": (
        "health_score_change_28d",
        "metric_time",
        f"""with days as (select date_day, avg(health_score) as score from ({HEADLINE}) group by all)
            select days.date_day, days.score - before.score from days
            left join days as before on before.date_day = days.date_day - 28""",
    ),
    "path_by_day_and_outcome": (
        "paths,paths_on_time,share_on_path,days_ahead",
        "metric_time,journey_day__desired_outcome",
        """with paths as (select *, milestones_due > 0 or milestones_late > 0 as is_asked from journey.fct_journey_days)
            select date_day, desired_outcome, sum(is_asked::int), sum((is_asked and milestones_late = 0)::int),
            sum((is_asked and milestones_late = 0)::int) / nullif(sum(is_asked::int), 0), avg(days_ahead)
            from paths group by all""",
    ),
    "early_interventions": (
        "early_interventions_due,early_interventions_mrr_usd",
        "early_intervention__desired_outcome",
        """select desired_outcome, count(*), sum(mrr_at_stake_usd) from journey.rpt_early_interventions group by all""",
    ),
    "steps": (
        "steps_taken,early_steps,early_step_share",
        "metric_time__quarter",
        """select date_trunc('quarter', opened_on), count(is_before_unhealthy), sum(is_before_unhealthy::int),
            sum(is_before_unhealthy::int) / nullif(count(is_before_unhealthy), 0)
            from journey.fct_interventions group by all""",
    ),
    "renewals": (
        "renewals_due,renewal_mrr_due_usd",
        "renewal__term_ends_on",
        "select term_ends_on, count(*), sum(mrr_due_usd) from health.rpt_renewals_due group by all",
    ),
    "departures": (
        "churned_customers",
        "observed_outcome__outcome_on",
        "select outcome_on, count(*) from validation.fct_observed_outcomes where outcome = 'churned' group by all",
    ),
    "departures_in_a_year": (
        "churned_customers_365d",
        "metric_time",
        """select date_day, count(*) from health.dim_days join validation.fct_observed_outcomes
            on outcome = 'churned' and outcome_on <= date_day and outcome_on > date_day - 365 group by all""",
    ),
    "departures_by_grade": (
        "judged_scores_90d,departures_after_score_90d,churn_rate_90d",
        "score_outcome_pair__grade",
        f"""select grade, count(*), sum(has_outcome::int), avg(has_outcome::int)
            from validation.fct_score_outcome_pairs where {DEPARTURES} group by all""",
    ),
    "accuracy": (
        "score_accuracy_90d,score_lift_90d",
        "metric_time",
        f"select last_month_on, auc, lowest_tenth_lift {ACCURACY}",
    ),
}


@pytest.fixture(scope="module")
def answers(book: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `mf` says to all questions: one CSV file for each."""
    folder = tmp_path_factory.mktemp("the answers")
    asked = {name: ["--metrics", metrics, "--group-by", by] for name, (metrics, by, _) in QUESTIONS.items()}
    done = subprocess.run(
        [sys.executable, "-m", "tests.reading.metric_questions", str(book), str(folder)],
        input=json.dumps(asked),
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def snapshot(book: Path) -> Snapshot:
    return Publications(book).current()


def defined_metrics() -> list[dict]:
    return yaml.safe_load((DEFINITIONS / "metrics.yml").read_text("utf-8"))["metrics"]


def same(left: object, right: object) -> bool:
    return left == right or str(left) == str(right) or float(left) == pytest.approx(float(right), abs=1e-9)


def as_text(value: object) -> object:
    """Days as `mf` writes them; numbers are compared as numbers."""
    return "" if value is None else f"{value:%Y-%m-%d}" if hasattr(value, "strftime") else value


def answered(file: Path, groups: int, metrics: list[str]) -> dict[tuple[str, ...], list[str]]:
    """Values by group, in the order asked for: `mf` has its own."""
    with file.open(encoding="utf-8", newline="") as opened:
        head, *rows = list(csv.reader(opened))
    places = [head.index(metric) for metric in metrics]
    return {
        tuple(cell.removesuffix(" 00:00:00") for cell in row[:groups]): [row[place] for place in places] for row in rows
    }


@pytest.mark.parametrize("name", QUESTIONS)
def test_metrics_equal_sql(name: str, answers: Path, snapshot: Snapshot) -> None:
    metrics, by, sql = QUESTIONS[name]
    groups = len(by.split(","))
    expected = {}
    for row in snapshot.rows(sql):
        values = [as_text(value) for value in row.values()]
        expected[tuple(str(value) for value in values[:groups])] = values[groups:]
    assert expected, "a comparison of nothing with nothing proves nothing"
    found = answered(answers / f"{name}.csv", groups, metrics.split(","))
    nothing = [""] * len(metrics.split(","))
    for key in found.keys() | expected.keys():
        # a group that one of the two leaves out has nothing in it
        for got, wanted in zip(found.get(key, nothing), expected.get(key, nothing), strict=True):
            assert same(got or 0, wanted or 0), (key, found.get(key), expected.get(key))


def test_every_metric_is_asked_for() -> None:
    asked = {metric for metrics, _, _ in QUESTIONS.values() for metric in metrics.split(",")}
    assert asked == {metric["name"] for metric in defined_metrics()}


def test_metrics_are_read_from_the_published_file_only(book: Path, answers: Path) -> None:
    manifest = json.loads((book / "metrics" / "target" / "semantic_manifest.json").read_text("utf-8"))
    relations = [model["node_relation"] for model in manifest["semantic_models"]]
    assert {relation["database"] for relation in relations} == {Path(PUBLISHED_FILE).stem}
    assert {relation["schema_name"] for relation in relations} <= {"health", "journey", "validation"}


def test_where_nothing_is_published_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command("metrics", "--warehouse", str(tmp_path), "list", "metrics") == 1
    assert "nothing has been published here yet" in capsys.readouterr().err
