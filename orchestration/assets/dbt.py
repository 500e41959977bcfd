"""Every model and seed of dbt as an asset, every data test as a check.

Belongs here: how assets are named, grouped, owned and promised to be fresh, and the one dbt call that makes them.
Does not belong here: parsing the project (customer_health/transform/manifest.py), what dbt is told
(customer_health/transform/run.py), the models.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtProject, dbt_assets

from customer_health.core.settings import Settings
from customer_health.refresh import steps
from orchestration.partitions import as_of_days, promised
from orchestration.resources import Warehouse, failures, transient

UNIQUE_ID = "dagster_dbt/unique_id"


class Translator(DagsterDbtTranslator):
    """Groups by folder, owners from `meta`, freshness of what people read."""

    def __init__(self, fresh: dg.FreshnessPolicy) -> None:
        super().__init__()
        self._fresh = fresh

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        folders = [name for name in dbt_resource_props["fqn"][1:-1] if name != "base"]
        return "configuration" if dbt_resource_props["resource_type"] == "seed" else "_".join(folders)

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        owner = dbt_resource_props["config"].get("meta", {}).get("owner")
        return [f"team:{owner}"] if owner else []

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        # the SQL is in the repository; a page that says what a row means is read
        return dbt_resource_props.get("description", "").strip()

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None) -> dg.AssetSpec:
        spec = super().get_asset_spec(manifest, unique_id, project)
        if (spec.group_name or "").startswith("marts_"):
            spec = spec.replace_attributes(freshness_policy=self._fresh)
        return spec


def build_dbt_assets(settings: Settings, manifest: Path) -> dg.AssetsDefinition:
    document = json.loads(manifest.read_text(encoding="utf-8"))
    translator = Translator(promised(settings))

    @dbt_assets(
        manifest=document,
        name="build_with_dbt",
        partitions_def=as_of_days(settings),
        backfill_policy=dg.BackfillPolicy.single_run(),
        dagster_dbt_translator=translator,
        retry_policy=transient(settings),
        required_resource_keys={"warehouse", "dbt"},
    )
    def build_with_dbt(context: dg.AssetExecutionContext) -> Iterator[Any]:
        warehouse: Warehouse = context.resources.warehouse
        selected = None if not context.is_subset else _unique_ids(context)
        with failures(context, warehouse):
            warehouse.hold()
            steps.check_configuration(settings.config)
            plan = warehouse.plan(context)
            if plan.rebuild_from:
                context.log.info(f"everything from {plan.rebuild_from} on is built again, up to {plan.as_of}")
                steps.request_rebuild(warehouse.folder, plan.rebuild_from, context.run_id)
            run = warehouse.dbt_run(plan.as_of)
            if context.retry_number:
                # a fault of the engine's own hangs on how its threads met
                run = replace(run, engine_threads=1)
            command = steps.build_command(warehouse.folder, say=context.log.info)
            arguments = run.arguments([*command, "--indirect-selection", "buildable"])
            run.forget_results()
            with run.environment_in_place():
                call = context.resources.dbt.cli(
                    arguments, context=context, target_path=run.target, raise_on_error=False
                )
            yield from call.stream()
            steps.assert_built(run, call.is_successful(), selected)

    return build_with_dbt


def _unique_ids(context: dg.AssetExecutionContext) -> list[str]:
    """dbt's names of the assets and checks that this run is about."""
    definition = context.assets_def
    checks = {spec.key: spec for spec in definition.check_specs}
    return [
        *(definition.specs_by_key[key].metadata[UNIQUE_ID] for key in context.selected_asset_keys),
        *(checks[key].metadata[UNIQUE_ID] for key in context.selected_asset_check_keys),
    ]
