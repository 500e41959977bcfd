"""What runs because something happened.

Belongs here: looking, and asking for a run.
Does not belong here: what is seen in the landing folder or the build file (arrivals.py), what a run does.
"""

import dagster as dg

from orchestration.arrivals import Reach, build_file_state, look_into, not_in_ledger, unbuilt_reach
from orchestration.errors import TransientError
from orchestration.partitions import FROM_WHAT_DIFFERS, RANGE_END, RANGE_START, as_of_days
from orchestration.schedules import daily_refresh, load_landing
from orchestration.settings import Settings

RUNNING = dg.DefaultSensorStatus.RUNNING


def sensors(settings: Settings) -> list[dg.SensorDefinition]:
    return [*([_landing(settings)] if settings.landing else []), _late_rows(settings)]


def _landing(settings: Settings) -> dg.SensorDefinition:
    @dg.sensor(
        name="new_landing_files",
        job=load_landing,
        minimum_interval_seconds=settings.sensor_seconds,
        default_status=RUNNING,
        description="Files that the ledger does not know are loaded as they arrive; each night they are built.",
    )
    def new_landing_files(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        folder = look_into(settings.landing)
        # a file that cannot be loaded is tried once, not at each tick
        if folder.fingerprint == context.cursor:
            return dg.SkipReason("nothing has landed since the last look")
        if not folder.is_settled:
            return dg.SkipReason("a file is still being written")
        try:
            names = not_in_ledger(folder, settings.warehouse)
        except TransientError as error:
            return dg.SkipReason(str(error))
        if not names:
            return dg.SensorResult(skip_reason="every file is loaded", cursor=folder.fingerprint)
        request = dg.RunRequest(run_key=folder.fingerprint, tags={"customer_health/new_files": str(len(names))})
        return dg.SensorResult([request], cursor=folder.fingerprint)

    return new_landing_files


def _late_rows(settings: Settings) -> dg.SensorDefinition:
    days = as_of_days(settings)

    @dg.sensor(
        name="late_rows",
        job=daily_refresh,
        minimum_interval_seconds=settings.sensor_seconds,
        default_status=RUNNING,
        description="Rows for days beyond the look-back are built at once, from the first day that they change.",
    )
    def late_rows(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        state = build_file_state(settings.warehouse)
        if state is None or state == context.cursor:
            return dg.SkipReason("nothing was loaded since the last look")
        try:
            reach = unbuilt_reach(settings.warehouse, settings.vars)
        except TransientError as error:
            return dg.SkipReason(str(error))
        if reach is None:
            return dg.SensorResult(skip_reason="every loaded row is recent, or built", cursor=state)
        return dg.SensorResult([_rebuild(reach)], cursor=state)

    def _rebuild(reach: Reach) -> dg.RunRequest:
        first = max(reach.dirty_from.isoformat(), days.get_first_partition_key() or "")
        return dg.RunRequest(
            run_key=f"{first} {reach.loaded_until:%Y-%m-%dT%H:%M:%S.%f}",
            tags={RANGE_START: first, RANGE_END: reach.as_of.isoformat(), FROM_WHAT_DIFFERS: "true"},
        )

    return late_rows
