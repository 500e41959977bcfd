"""What is left alone because its inputs are those of last time is what would have been computed.

Belongs here: that nights which leave nodes out end in the same rows as a full refresh, that they do leave nodes out,
and that nothing is left out wrongly.
Does not belong here: from which day a model rebuilds its rows (test_pipeline_properties.py).
"""

from __future__ import annotations

import json
import shutil
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from customer_health.configuration.variables import newest_day
from tests.in_process import InProcess
from tests.pipeline import PIPELINE, Warehouse, differences
from tests.properties.conftest import CONFIG
from tests.properties.random_company import RandomCompany
from tests.properties.random_nights import EVERYTHING, random_nights

SEEDS = range(7001, 7021)
NIGHTS = 10
OFTEN = SEEDS[:2]
# reports and validation, too: they are half of the nodes, and half of the time
WITH_REPORTS = SEEDS[2:20:3]
DAY = date(2026, 3, 20)
READ_THE_LOGS = {"int_product__rebuild_range", "int_rebuild_range", "int_scoring_range"}
IN_PYTHON = {"stg_survey__comment_sentiments", "int_usage_clusters"}


def _stored(warehouse: Warehouse) -> list[str]:
    """All tables that were built, but for those that say what a build had to do."""
    built = {
        f"{schema}.{name}" for schema, name in warehouse.query("select schema_name, table_name from duckdb_tables()")
    }
    nodes = json.loads((warehouse.folder / "target" / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    return sorted(
        table
        for node in nodes.values()
        if (table := f"{node['schema']}.{node['name']}") in built
        and node["resource_type"] in ("model", "seed")
        and not node["config"].get("reads_build_log")
    )


def _ran(warehouse: Warehouse) -> set[str]:
    """Models, seeds and tests that the last build did not leave alone."""
    rows = warehouse.query(
        "select node from build_log.node_versions where node not like 'source.%' and invocation_id ="
        " (select invocation_id from build_log.started_runs order by started_at desc limit 1)"
    )
    return {node.split(".")[2] for (node,) in rows}


@pytest.mark.parametrize(
    "seed", [pytest.param(seed, marks=() if seed in OFTEN else pytest.mark.slow) for seed in SEEDS]
)
def test_nights_end_where_a_full_refresh_does(tmp_path: Path, seed: int) -> None:
    select = EVERYTHING if seed in WITH_REPORTS else PIPELINE
    nights = random_nights(seed, tmp_path, CONFIG, select)
    for number, day in enumerate(nights.pass_by(NIGHTS), start=1):
        if number % 5:
            continue
        anew = nights.warehouse.copy(tmp_path / f"anew {number}")
        anew.build(day, full_refresh=True, select=select)
        # sums of doubles may differ in their last digit: an engine adds in the order that its threads meet
        assert differences(nights.warehouse, anew, _stored(anew), digits=8) == {}, nights.happened
        shutil.rmtree(anew.folder)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A small company whose last day was built three times: at once, upon what was there, and with nothing new."""
    warehouse = Warehouse(tmp_path_factory.mktemp("quiet nights") / "warehouse", CONFIG)
    warehouse.load(RandomCompany(11, accounts=4, twin_pairs=0).rows(until=DAY), datetime(2026, 3, 21, 3), "all.csv")
    for _ in range(3):
        warehouse.build(DAY, select=EVERYTHING)
    return warehouse


@pytest.fixture
def own(company: Warehouse, tmp_path: Path) -> Warehouse:
    return company.copy(tmp_path / "copy")


def test_rows_of_a_sync_that_commits_after_the_build_are_read_however_old_their_moment(own: Warehouse) -> None:
    """The clock was ahead during the last load and build, or the tool writes when it began: neither hides its rows."""
    with own.connect(read_only=False) as con:
        con.execute("update build_log.complete_builds set completed_at = completed_at + interval 400 day")
        con.execute("update build_log.dirty_days set logged_at = logged_at + interval 399 day")
    (account, seats) = own.query("select account_id, max(seats) from intermediate.int_account_days group by 1 limit 1")[
        0
    ]
    moment = datetime(2026, 2, 2, 12)
    events = [
        {"event_id": f"late {number}", "account_id": account, "event_name": "report", "occurred_at": moment}
        for number in range(30)
    ]
    (item,) = own.query(
        "select subscription_item_id, valid_from, account_id from raw.subscriptions where billing_status = 'paid'"
        " order by updated_at desc limit 1"
    )
    upgrade = {"billing_status": "paid", "mrr": 5000, "currency": "USD", "quantity": seats}
    names = ("subscription_item_id", "valid_from", "account_id")
    row = {**dict(zip(names, item, strict=True)), **upgrade, "updated_at": datetime(2026, 3, 1, 9)}
    own.load({"usage_events": events, "subscriptions": [row]}, datetime(2026, 3, 20, 20), "began before.csv")
    own.build(DAY, select=PIPELINE)
    assert (
        own.query("select sum(events) from intermediate.int_product__event_days where date_day = '2026-02-02'")[0][0]
        >= 30
    )
    anew = own.copy(own.folder.with_name("anew"))
    anew.build(DAY, full_refresh=True, select=PIPELINE)
    assert differences(own, anew, _stored(anew), digits=8) == {}


def test_a_night_without_anything_new_leaves_all_alone_but_what_looks_for_itself(company: Warehouse) -> None:
    assert _ran(company) == READ_THE_LOGS | IN_PYTHON


def test_a_day_that_nobody_names_stands_in_the_sql(own: Warehouse) -> None:
    """Otherwise the SQL of two nights would be the same, and what reads nothing new would never move on."""
    select = ("--exclude-resource-type", "test", "unit_test", "--select", "int_account_spells")
    assert InProcess(own.folder, own.config).build(*select) == 0
    (path,) = (own.folder / "target" / "compiled").rglob("int_account_spells.sql")
    assert f"cast('{newest_day(own.config)}' as date)" in path.read_text("utf-8")


def test_a_new_comment_runs_what_reads_comments_and_no_metric_of_use(own: Warehouse) -> None:
    account = own.query("select min(account_id) from raw.accounts")[0][0]
    row = {
        "response_id": "new",
        "account_id": account,
        "survey": "csat",
        "question": "How?",
        "sent_at": datetime(2026, 3, 19, 8),
        "responded_at": datetime(2026, 3, 19, 9),
        "score": 5,
        "comment": "Great and easy",
    }
    own.load({"survey_responses": [row]}, datetime(2026, 3, 21, 4), "later.csv")
    own.build(DAY, select=EVERYTHING)
    ran = _ran(own)
    assert {"base_survey__responses", "stg_survey__comment_sentiments", "int_survey__measures"} <= ran
    assert not {"base_crm__accounts", "int_support__measures", "int_billing__measures", "metrics"} & ran


def test_rows_that_went_missing_are_made_again(own: Warehouse) -> None:
    count = "select count(*) from intermediate.int_account_spells"
    before = own.query(count)
    with own.connect(read_only=False) as con:
        con.execute(
            "delete from intermediate.int_account_spells where account_id in (select min(account_id) from raw.accounts)"
        )
    assert own.query(count) != before
    own.build(DAY, select=EVERYTHING)
    assert "int_account_spells" in _ran(own)
    assert own.query(count) == before


def test_a_part_of_the_project_is_computed_whatever_the_ledger_says(own: Warehouse) -> None:
    own.build(DAY, select=("dim_accounts",))
    assert _ran(own) == {"dim_accounts"}
    # its parents may hold something else than when it was built: nobody takes it for unchanged
    own.build(DAY, select=EVERYTHING)
    assert "dim_accounts" in _ran(own)


def test_a_day_later_validation_waits_for_a_month_end(own: Warehouse) -> None:
    own.build(DAY + timedelta(days=1), select=EVERYTHING)
    ran = _ran(own)
    assert {"int_account_days", "fct_health_scores", "int_outcome_observations"} <= ran
    assert not {"int_metric_areas", "rpt_metric_accuracy", "int_metric_lead_times", "rpt_metric_lead_times"} & ran
