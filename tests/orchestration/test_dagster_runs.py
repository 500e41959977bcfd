"""Real runs of the jobs, in this process, on one small company.

Belongs here: from dropped files to a publication; what late rows, failed gates, failed models and second runs do.
Does not belong here: definitions (test_dagster_definitions.py), the gate and publications by themselves.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from customer_health.core.errors import RefreshError
from customer_health.core.settings import Settings
from customer_health.publication.publish import current, staleness
from customer_health.refresh import steps
from customer_health.refresh.arrivals import look_into
from customer_health.refresh.lock import only_run
from customer_health.transform.run import DbtRun
from tests.orchestration.scheduled import DAY_BEFORE, END, LATE_DAY, Arrivals, Company, query, write_arrivals
from tests.pipeline import Warehouse, differences

PUBLISH = ["gate", "publication", "alerts"]


@pytest.fixture(scope="module")
def arrivals(tmp_path_factory: pytest.TempPathFactory) -> Arrivals:
    return write_arrivals(tmp_path_factory.mktemp("arrivals"))


@pytest.fixture(scope="module")
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


@pytest.fixture(scope="module")
def company(arrivals: Arrivals, instance: dg.DagsterInstance, tmp_path_factory: pytest.TempPathFactory) -> Company:
    """A company whose history was refreshed up to the day before its last."""
    # a folder with a space, because people have those
    folder = tmp_path_factory.mktemp("a company")
    settings = Settings(warehouse=folder / "warehouse", landing=folder / "landing", retry_seconds=0)
    company = Company(settings)
    company.drop(arrivals.history)
    result = company.run("daily_refresh", instance, day=DAY_BEFORE)
    assert result.success
    return company


def failure(result: dg.ExecuteInProcessResult) -> str:
    [event] = [event for event in result.all_events if event.is_step_failure]
    return event.event_specific_data.error.message


def retries(result: dg.ExecuteInProcessResult) -> int:
    return len([event for event in result.all_events if event.event_type_value == "STEP_RESTARTED"])


def requested(company: Company, sensor: str, cursor: str | None = None) -> dg.SensorResult | dg.SkipReason:
    """What a tick of a sensor asks for."""
    return company.definitions.resolve_sensor_def(sensor)(dg.build_sensor_context(cursor=cursor))


def settle(company: Company) -> None:
    """Wait until files that were just written count as complete."""
    while not look_into(company.settings.landing).is_settled:
        time.sleep(0.1)


def test_the_daily_job_ends_in_a_publication(company: Company, instance: dg.DagsterInstance) -> None:
    published = current(company.settings.warehouse)
    assert published is not None
    assert published.as_of == DAY_BEFORE
    file = company.settings.warehouse / "customer_health.duckdb"
    assert query(file, "select max(date_day) from health.fct_health_scores") == [(DAY_BEFORE,)]
    assert not staleness(company.settings.warehouse, now=published.published_at).is_stale
    graph = company.definitions.resolve_asset_graph()
    days = {key for key in graph.get_all_asset_keys() if graph.get(key).partitions_def}
    materialised = {key for key in days if instance.get_materialized_partitions(key) == {DAY_BEFORE.isoformat()}}
    assert materialised == days
    assert (company.settings.warehouse / "alerts").is_dir()


def test_checks_of_the_gate_and_of_dbt_are_on_record(company: Company, instance: dg.DagsterInstance) -> None:
    [run] = instance.get_runs(limit=1, filters=dg.RunsFilter(job_name="daily_refresh"))
    records = [entry.dagster_event for entry in instance.all_logs(run.run_id) if entry.is_dagster_event]
    checks = [event.event_specific_data for event in records if event.event_type_value == "ASSET_CHECK_EVALUATION"]
    by_asset = {check.asset_key.to_user_string() for check in checks}
    assert {"gate", "intermediate/int_health_scores", "configuration/scorecards"} <= by_asset
    assert {check.check_name for check in checks if check.asset_key == dg.AssetKey("gate")} == {
        "raw_arrivals",
        "staged_facts",
        "marts",
    }


def test_a_sensor_tick_loads_a_dropped_file(
    company: Company, arrivals: Arrivals, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    copy = company.copy(tmp_path)
    before = copy.query("select count(*) from raw.usage_events")[0][0]
    # the copy has files of its own: they are looked at once, and found to be known by their content
    settle(copy)
    [request] = requested(copy, "new_landing_files").run_requests
    assert copy.run("load_landing", instance, tags=request.tags).success
    assert copy.query("select count(*) from raw.usage_events")[0][0] == before
    copy.drop(arrivals.last_day)
    settle(copy)
    found = requested(copy, "new_landing_files", request.run_key)
    [request] = found.run_requests
    assert copy.run("load_landing", instance, tags=request.tags).success
    assert copy.query("select count(*) from raw.usage_events")[0][0] > before
    assert isinstance(requested(copy, "new_landing_files", found.cursor), dg.SkipReason)


@pytest.mark.slow
def test_a_scheduled_tick_ends_in_a_publication(
    company: Company, arrivals: Arrivals, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    copy = company.copy(tmp_path)
    copy.drop(arrivals.last_day)
    at = datetime(END.year, END.month, END.day, 3, 15, tzinfo=UTC) + timedelta(days=1)
    [request] = (
        copy.definitions.resolve_schedule_def("every_night")
        .evaluate_tick(
            dg.build_schedule_context(scheduled_execution_time=at, repository_def=copy.definitions.get_repository_def())
        )
        .run_requests
    )
    result = copy.run("daily_refresh", instance, day=END, tags=request.tags)
    assert request.partition_key == END.isoformat()
    assert result.success
    assert current(copy.settings.warehouse).as_of == END
    assert query(
        copy.settings.warehouse / "customer_health.duckdb", "select max(date_day) from health.fct_health_scores"
    ) == [(END,)]


@pytest.mark.slow
@pytest.mark.fault(4)
def test_late_rows_are_built_from_the_day_that_they_change(
    company: Company, arrivals: Arrivals, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    late = company.copy(tmp_path / "late")
    assert not requested(late, "late_rows").run_requests, "everything is built"
    late.drop(arrivals.late)
    assert late.run("load_landing", instance).success
    [request] = requested(late, "late_rows").run_requests
    assert request.partition_key == DAY_BEFORE.isoformat()
    assert request.tags["customer_health/rows_from"] == LATE_DAY.isoformat()
    result = late.run("daily_refresh", instance, day=DAY_BEFORE, tags=request.tags)
    assert result.success
    assert late.query("select metrics_from_on from intermediate.int_rebuild_range") == [(LATE_DAY,)]
    assert current(late.settings.warehouse).rebuilt_from == LATE_DAY
    assert not requested(late, "late_rows").run_requests, "once is enough"

    ours, before = _warehouse(late), _warehouse(company)
    for table, column in (("health.fct_health_scores", "date_day"), ("health.fct_metric_points", "date_day")):
        assert differences(ours, before, [table], column, LATE_DAY - timedelta(days=1)) == {}
        assert differences(ours, before, [table]) != {}
    whole = late.copy(tmp_path / "whole")
    assert DbtRun(whole.settings.warehouse, as_of=DAY_BEFORE).run(["build", "--quiet", "--full-refresh"]) == 0
    assert differences(ours, _warehouse(whole), ours.incremental_tables()) == {}


@pytest.mark.slow
def test_a_back_fill_rebuilds_its_days_in_one_run(
    company: Company, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    copy = company.copy(tmp_path)
    first, last = DAY_BEFORE - timedelta(days=12), DAY_BEFORE - timedelta(days=10)
    tags = {
        "dagster/asset_partition_range_start": first.isoformat(),
        "dagster/asset_partition_range_end": last.isoformat(),
    }
    result = copy.run("daily_refresh", instance, tags=tags)
    assert result.success
    # what comes after the last day carries on from it, so it is built again too, and no day is lost
    assert copy.query("select metrics_from_on, as_of_date from intermediate.int_rebuild_range") == [(first, DAY_BEFORE)]
    assert differences(_warehouse(copy), _warehouse(company), ["health.fct_health_scores"]) == {}
    days = instance.get_materialized_partitions(dg.AssetKey(["health", "fct_health_scores"]))
    assert {(first + timedelta(days=n)).isoformat() for n in range(3)} <= days


def test_a_failed_gate_holds_the_publication_and_tells(
    company: Company, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    copy = company.copy(tmp_path)
    shown = current(copy.settings.warehouse)
    with duckdb.connect(str(copy.build_file)) as con:
        con.execute("update intermediate.int_health_scores set health_score = 400 where health_score > 60")
    result = copy.run("daily_refresh", instance, day=DAY_BEFORE, select=PUBLISH)
    assert not result.success
    assert "the gate failed" in failure(result)
    assert retries(result) == 0, "what is wrong with the data does not pass by itself"
    stale = staleness(copy.settings.warehouse)
    assert current(copy.settings.warehouse).publication_id == shown.publication_id
    assert stale.is_stale
    assert "gate" in stale.reason
    [failed] = [check for check in result.get_asset_check_evaluations() if check.check_name == "marts"]
    assert not failed.passed

    context = dg.build_run_status_sensor_context(
        sensor_name="failed_run",
        dagster_instance=instance,
        dagster_run=result.dagster_run,
        dagster_event=next(event for event in result.all_events if event.event_type_value == "PIPELINE_FAILURE"),
    ).for_run_failure()
    copy.definitions.resolve_sensor_def("failed_run")(context)
    told = (copy.settings.warehouse / "alerts" / "alerts.jsonl").read_text(encoding="utf-8")
    kinds = {json.loads(line)["kind"] for line in told.splitlines()}
    assert {"gate_failed", "run_failed"} <= kinds


@pytest.mark.fault(38)
def test_a_model_that_fails_fails_the_run(company: Company, instance: dg.DagsterInstance, tmp_path: Path) -> None:
    copy = company.copy(tmp_path, memory_limit="20MB")
    shown = current(copy.settings.warehouse)
    result = copy.run("daily_refresh", instance, day=END)
    assert not result.success
    assert "the build did not complete" in failure(result)
    assert retries(result) == 0
    assert current(copy.settings.warehouse).publication_id == shown.publication_id
    assert "did not complete" in staleness(copy.settings.warehouse).reason


@pytest.mark.fault(63)
def test_a_success_that_left_nodes_out_is_none(company: Company, tmp_path: Path) -> None:
    copy = company.copy(tmp_path)
    run = DbtRun(copy.settings.warehouse, as_of=DAY_BEFORE)
    assert run.run(["build", "--quiet", "--select", "dim_metrics"]) == 0
    with pytest.raises(RefreshError, match=r"did not complete \(.*: not run"):
        steps.assert_built(run, succeeded=True)
    steps.assert_built(run, succeeded=True, expected=["model.customer_health.dim_metrics"])


@pytest.mark.fault(40)
def test_a_second_run_tries_again_and_is_then_refused(
    company: Company, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    copy = company.copy(tmp_path)
    with only_run(copy.settings.warehouse):
        refused = copy.run("load_landing", instance)
    assert not refused.success
    assert retries(refused) > 0
    assert "another refresh is running here" in failure(refused)
    assert copy.run("load_landing", instance).success, "the warehouse is free again"


@pytest.mark.fault(40)
def test_a_run_keeps_others_out_until_it_ends(company: Company, tmp_path: Path) -> None:
    from orchestration.resources import Warehouse as HeldWarehouse

    held = HeldWarehouse(company.settings.model_copy(update={"warehouse": tmp_path}))
    held.hold()
    held.hold()
    with pytest.raises(RefreshError, match="another refresh"), only_run(tmp_path, patience=0):
        pass
    held.release()
    with only_run(tmp_path, patience=0):
        pass


def _warehouse(company: Company) -> Warehouse:
    return Warehouse(company.settings.warehouse, company.settings.config)
