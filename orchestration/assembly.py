"""All of Dagster's definitions for one warehouse.

Belongs here: putting assets, jobs, schedules, sensors and resources together.
Does not belong here: any of them.
"""

from __future__ import annotations

import dagster as dg

from orchestration.dbt_assets import build_dbt_assets
from orchestration.dbt_manifest import prepare_manifest
from orchestration.digest_assets import digest_assets
from orchestration.governance_assets import governance_assets
from orchestration.landing_assets import landing_assets
from orchestration.proposal_assets import proposal_assets
from orchestration.publication_assets import publication_assets
from orchestration.resources import dbt_resource, warehouse_resource
from orchestration.schedules import JOBS, schedules
from orchestration.sensors import sensors
from orchestration.settings import Settings


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
