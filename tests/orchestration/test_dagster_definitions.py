"""What Dagster is told: assets, days, schedules, settings. Nothing is run but the parsing of the project.

Belongs here: the asset graph as a whole, and what a tick asks for.
Does not belong here: what a run does (test_dagster_runs.py).
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
import pytest
import yaml

from customer_health.core.contract import load_contract
from customer_health.core.settings import PROJECT_ROOT, Settings
from customer_health.refresh.lock import LastBuild
from orchestration.partitions import Plan, plan
from orchestration.serve import DAGSTER_YAML
from tests.orchestration.asset_graph import SNAPSHOT, definitions_in, describe

BUILT = LastBuild(date(2026, 6, 29), datetime(2026, 6, 30, 3))


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    return definitions_in(tmp_path_factory.mktemp("a warehouse"))


def test_definitions_load(definitions: dg.Definitions) -> None:
    dg.Definitions.validate_loadable(definitions)


def test_the_asset_graph_is_the_one_that_was_looked_at(definitions: dg.Definitions) -> None:
    assert describe(definitions) == SNAPSHOT.read_text(encoding="utf-8"), (
        "the asset graph has changed: run python -m tests.orchestration.asset_graph and look at the diff"
    )


def test_raw_tables_are_the_sources_of_dbt(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    raw = {dg.AssetKey(["raw", name]) for name in load_contract().tables}
    assert raw <= graph.get_all_asset_keys()
    assert not [key for key in raw if not graph.get(key).child_keys and key.path[-1] != "landing"], "nobody reads it"
    assert all(graph.get(key).is_materializable for key in raw)


def test_where_another_tool_loads_raw_tables_are_only_named(tmp_path: Path) -> None:
    from orchestration.assets.landing import landing_assets

    specs = landing_assets(Settings(warehouse=tmp_path, landing=None))
    assert {spec.key.path[0] for spec in specs} == {"raw", "landing"}
    assert all(isinstance(spec, dg.AssetSpec) for spec in specs)


def test_every_data_test_of_dbt_is_a_check(definitions: dg.Definitions) -> None:
    """A test that is none would be run, but nobody would see it beside its asset."""
    graph = definitions.resolve_asset_graph()
    checked = {key.name for key in graph.asset_check_keys}
    singular = {path.stem for path in (PROJECT_ROOT / "tests" / "integrity").glob("*.sql")}
    assert singular <= checked


def test_every_asset_is_owned_and_grouped(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    nodes = [graph.get(key) for key in graph.get_all_asset_keys()]
    assert not [node.key for node in nodes if not node.owners or node.group_name == "default"]
    assert not [node.key for node in nodes if not node.description]


def test_back_fills_run_as_one(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    daily = [graph.get(key) for key in graph.get_all_asset_keys() if graph.get(key).partitions_def]
    assert {node.backfill_policy for node in daily} == {dg.BackfillPolicy.single_run()}


@pytest.mark.parametrize(
    ("first", "last", "built", "expected"),
    [
        ("2026-06-29", "2026-06-29", None, Plan(date(2026, 6, 29), None)),
        ("2026-06-30", "2026-06-30", BUILT, Plan(date(2026, 6, 30), None)),
        ("2026-06-29", "2026-06-29", BUILT, Plan(date(2026, 6, 29), None)),
        ("2026-06-10", "2026-06-12", BUILT, Plan(date(2026, 6, 29), date(2026, 6, 10))),
        ("2026-06-10", "2026-06-10", BUILT, Plan(date(2026, 6, 29), date(2026, 6, 10))),
        ("2026-06-28", "2026-06-30", BUILT, Plan(date(2026, 6, 30), date(2026, 6, 28))),
        ("2025-01-01", "2026-06-29", None, Plan(date(2026, 6, 29), None)),
    ],
    ids=["first build", "next day", "same day again", "back-fill", "an old day", "across the end", "history"],
)
def test_days_that_were_built_are_built_again_with_all_after_them(
    first: str, last: str, built: LastBuild | None, expected: Plan
) -> None:
    assert plan(date.fromisoformat(first), date.fromisoformat(last), built) == expected


def tick(definitions: dg.Definitions, schedule: str, at: datetime) -> dg.RunRequest:
    context = dg.build_schedule_context(
        scheduled_execution_time=at, repository_def=definitions.get_repository_def(), instance=None
    )
    [request] = definitions.resolve_schedule_def(schedule).evaluate_tick(context).run_requests
    return request


def test_a_tick_asks_for_the_day_that_has_ended(definitions: dg.Definitions) -> None:
    assert tick(definitions, "every_night", datetime(2026, 7, 1, 3, 15, tzinfo=UTC)).partition_key == "2026-06-30"


@pytest.mark.parametrize("schedule", ["every_week", "every_quarter", "every_monday"])
def test_other_ticks_are_about_no_day(definitions: dg.Definitions, schedule: str) -> None:
    assert tick(definitions, schedule, datetime(2026, 7, 1, 8, tzinfo=UTC)).partition_key is None


def test_days_end_in_the_reporting_time_zone(tmp_path: Path) -> None:
    """At a quarter past three in Auckland it is still the afternoon before in UTC."""
    from orchestration.schedules import schedules

    config = tmp_path / "config"
    config.mkdir()
    (config / "vars.yml").write_text("reporting_time_zone: Pacific/Auckland\n", encoding="utf-8")
    night = schedules(Settings(warehouse=tmp_path, config=config))[0]
    at = datetime(2026, 6, 30, 15, 15, tzinfo=UTC)
    assert night.execution_timezone == "Pacific/Auckland"
    assert night(dg.build_schedule_context(scheduled_execution_time=at)).partition_key == "2026-06-30"


def test_one_run_at_a_time_and_no_telemetry() -> None:
    document = yaml.safe_load(DAGSTER_YAML.read_text(encoding="utf-8"))
    assert document["concurrency"]["runs"]["max_concurrent_runs"] == 1
    assert document["telemetry"]["enabled"] is False
