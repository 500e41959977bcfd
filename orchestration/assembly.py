"""All of Dagster's definitions for one warehouse.

Belongs here: putting assets, jobs, schedules, sensors and resources together.
Does not belong here: any of them.
"""

from __future__ import annotations

import dagster as dg

from customer_health.core.settings import Settings
from orchestration.assets.dbt import build_dbt_assets
from orchestration.assets.digest import digest_assets
from orchestration.assets.governance import governance_assets
from orchestration.assets.landing import landing_assets
from orchestration.assets.proposal import proposal_assets
from orchestration.assets.publication import publication_assets
from orchestration.manifest import prepare_manifest
from orchestration.resources import dbt_resource, warehouse_resource
from orchestration.schedules import JOBS, schedules
from orchestration.sensors import sensors


def build_definitions(settings: Settings) -> dg.Definitions:
    built = build_dbt_assets(settings, prepare_manifest(settings))
    marts = sorted(key for key, group in built.group_names_by_key.items() if group.startswith("marts_"))
    return dg.Definitions(
        assets=[
            *landing_assets(settings),
            built,
            *publication_assets(settings, marts),
            *governance_assets(settings, [key for key in marts if key.path[0] == "validation"]),
            *proposal_assets(settings),
            *digest_assets(settings),
        ],
        jobs=JOBS,
        schedules=schedules(settings),
        sensors=sensors(settings),
        resources={"warehouse": warehouse_resource(settings), "dbt": dbt_resource()},
        # one process a run, also of what is started by hand: its steps share the lock of the warehouse, and to start a
        # process costs more than most of them
        executor=dg.in_process_executor,
    )
