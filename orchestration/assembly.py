"""All of Dagster's definitions for one warehouse.

Belongs here: putting assets, jobs, schedules, sensors and resources together.
Does not belong here: any of them.
"""

from __future__ import annotations

import dagster as dg

from orchestration.dbt_assets import build_dbt_assets
from orchestration.dbt_manifest import prepare_manifest
from orchestration.landing_assets import landing_assets
from orchestration.resources import dbt_resource, warehouse_resource
from orchestration.review_assets import review_assets
from orchestration.schedules import JOBS, schedules
from orchestration.sensors import sensors
from orchestration.settings import Settings


def build_definitions(settings: Settings) -> dg.Definitions:
    return dg.Definitions(
        assets=[
            *landing_assets(settings),
            build_dbt_assets(settings, prepare_manifest(settings)),
            review_assets(settings),
        ],
        jobs=JOBS,
        schedules=schedules(settings),
        sensors=sensors(settings),
        resources={"warehouse": warehouse_resource(settings), "dbt": dbt_resource()},
    )
