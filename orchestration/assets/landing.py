"""The raw tables as assets: what the landing loader fills, or another tool.

Belongs here: one asset per table of the raw contract, under the key that dbt gives its source.
Does not belong here: loading (customer_health/landing/load.py), what rows mean (staging).
"""

from collections import Counter
from collections.abc import Iterator

import dagster as dg

from customer_health.core.contract import Table, load_contract
from customer_health.core.settings import Settings
from customer_health.refresh import steps
from orchestration.resources import Warehouse, failures, transient

GROUP = "landing"
OWNER = "team:data"
LEDGERS = {
    "findings": "What the loader noticed about files.",
    "reordered_loads": "Loads that a clock put into the wrong order.",
}


def landing_assets(settings: Settings) -> list[dg.AssetsDefinition | dg.AssetSpec]:
    """Assets that a run loads; only their names where another tool loads the raw tables."""
    specs = [_spec(table) for table in load_contract().tables.values()]
    specs += [
        dg.AssetSpec(["landing", name], group_name=GROUP, owners=[OWNER], description=description)
        for name, description in LEDGERS.items()
    ]
    if settings.landing is None:
        return list(specs)
    landing = settings.landing

    @dg.multi_asset(
        name="load_landing_files",
        specs=specs,
        can_subset=False,
        retry_policy=transient(settings),
        required_resource_keys={"warehouse"},
        description=f"Loads the files of {landing.name}/ that are new, each once.",
    )
    def load_landing_files(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        warehouse: Warehouse = context.resources.warehouse
        with failures(context, warehouse):
            warehouse.hold()
            steps.check_configuration(settings.config)
            report = steps.load(landing, warehouse.folder, context.log.info)
        rows, files = Counter(), Counter()
        for file in report.files:
            rows[file.table_name] += file.rows
            files[file.table_name] += file.status == "loaded"
        for spec in specs:
            name = spec.key.path[-1]
            yield dg.MaterializeResult(
                asset_key=spec.key, metadata={"dagster/row_count": rows[name], "files loaded": files[name]}
            )

    return [load_landing_files]


def _spec(table: Table) -> dg.AssetSpec:
    return dg.AssetSpec(
        ["raw", table.name],
        group_name=GROUP,
        owners=[OWNER],
        description=table.description,
        kinds={"duckdb"},
        tags={"source": table.source},
    )
