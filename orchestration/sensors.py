"""What runs because something happened.

Belongs here: looking, and asking for a run.
Does not belong here: what is seen in the landing folder or the build file (customer_health/refresh/arrivals.py), what
a run does.
"""

import dagster as dg

from customer_health.alerts.notify import report_failed_run
from customer_health.configuration.variables import project_vars
from customer_health.core.errors import TransientError
from customer_health.core.settings import Settings
from customer_health.refresh.arrivals import build_file_state, look_into, not_in_ledger, unbuilt_reach
from customer_health.refresh.delivery import mark_stale, notify
from orchestration.partitions import day_of
from orchestration.schedules import JOBS, daily_refresh, load_landing

RUNNING = dg.DefaultSensorStatus.RUNNING


def sensors(settings: Settings) -> list[dg.SensorDefinition]:
    return [*([_landing(settings)] if settings.landing else []), _late_rows(settings), _failed_run(settings)]


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
            reach = unbuilt_reach(settings.warehouse, project_vars(settings.config))
        except TransientError as error:
            return dg.SkipReason(str(error))
        if reach is None:
            return dg.SensorResult(skip_reason="every loaded row is recent, or built", cursor=state)
        # the build finds the first day that really differs: the run is about the state as of the last day, not about
        # all the days between, whose every asset would be written down once more
        request = dg.RunRequest(
            run_key=f"{reach.dirty_from} {reach.loaded_until:%Y-%m-%dT%H:%M:%S.%f}",
            partition_key=reach.as_of.isoformat(),
            tags={"customer_health/rows_from": reach.dirty_from.isoformat()},
        )
        return dg.SensorResult([request], cursor=state)

    return late_rows


def _failed_run(settings: Settings) -> dg.SensorDefinition:
    @dg.run_failure_sensor(
        name="failed_run",
        monitored_jobs=JOBS,
        minimum_interval_seconds=settings.sensor_seconds,
        default_status=RUNNING,
        description="A run that failed, or a gate that did not open, is told to people at once.",
    )
    def failed_run(context: dg.RunFailureSensorContext) -> None:
        run, failed_steps = context.dagster_run, context.get_step_failure_events()
        step, reason = run.job_name, context.failure_event.message or "the run ended before it was done"
        if failed_steps:
            step, reason = failed_steps[0].step_key, failed_steps[0].event_specific_data.error.message
        elif day := day_of(run):
            # a run that was killed could not say itself that the publication was not renewed
            mark_stale(settings.warehouse, day, f"run {run.run_id}: {reason}", context.log.warning)
        # what follows the first line may be rows of the warehouse, and an alert may leave the house
        [reason, *_] = reason.strip().splitlines() or [""]
        report_failed_run(settings.warehouse, run_id=run.run_id, step=step, reason=reason)
        notify(settings.warehouse, settings.webhook_url, context.log.info)

    return failed_run
