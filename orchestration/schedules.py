"""What runs by the clock.

Belongs here: the jobs, and the schedules that start them.
Does not belong here: what starts a run because something happened (sensors.py), what the assets do.
"""

import dagster as dg

from customer_health.configuration.variables import time_zone
from customer_health.core.settings import Settings
from orchestration.assets.digest import GROUP as DIGEST
from orchestration.assets.governance import GROUP as GOVERNANCE
from orchestration.assets.landing import GROUP as LANDING
from orchestration.partitions import as_of_days

RUNNING = dg.DefaultScheduleStatus.RUNNING

daily_refresh = dg.define_asset_job(
    "daily_refresh",
    selection=dg.AssetSelection.all() - dg.AssetSelection.groups(GOVERNANCE, DIGEST),
    description="From new landing files to what people read: load, build, judge, publish, notify.",
)
load_landing = dg.define_asset_job(
    "load_landing",
    selection=dg.AssetSelection.groups(LANDING),
    description="Load what has landed; the next refresh builds it.",
)
weekly_validation = dg.define_asset_job(
    "weekly_validation",
    selection=dg.AssetSelection.assets("score_validation", "weight_proposals"),
    description="Say how well the published scores told those who left, and which weights would have told better.",
)
review_reminder = dg.define_asset_job(
    "review_reminder",
    selection=dg.AssetSelection.assets("scorecard_reviews"),
    description="Say which scorecards have to be reviewed this quarter.",
)
write_digests = dg.define_asset_job(
    "write_digests",
    selection=dg.AssetSelection.groups(DIGEST),
    description="Write what changed and what to do, for each CSM and for their lead.",
)
JOBS = [daily_refresh, load_landing, weekly_validation, review_reminder, write_digests]
# after the nightly run of the same day
AFTER_THE_NIGHT = [
    ("every_week", weekly_validation, "15 5 * * 1", "Compare what was published with what happened."),
    ("every_quarter", review_reminder, "0 8 1 1,4,7,10 *", "Remind of the reviews of the quarter."),
    ("every_monday", write_digests, "0 6 * * 1", "Write the digests of the week."),
]


def schedules(settings: Settings) -> list[dg.ScheduleDefinition]:
    days = as_of_days(settings)

    def newest_day(context: dg.ScheduleEvaluationContext) -> str:
        with dg.partition_loading_context(effective_dt=context.scheduled_execution_time):
            day = days.get_last_partition_key()
        if day is None:
            raise ValueError(f"no day is over yet since {settings.first_day}")
        return day

    @dg.schedule(
        name="every_night",
        job=daily_refresh,
        cron_schedule=settings.refresh_cron,
        execution_timezone=time_zone(settings.config),
        default_status=RUNNING,
        description="Refresh the day that has ended.",
    )
    def every_night(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        day = newest_day(context)
        return dg.RunRequest(run_key=f"{day} {context.scheduled_execution_time:%Y-%m-%dT%H:%M}", partition_key=day)

    return [
        every_night,
        *(
            dg.ScheduleDefinition(
                name=name,
                job=job,
                cron_schedule=cron,
                execution_timezone=time_zone(settings.config),
                default_status=RUNNING,
                description=description,
            )
            for name, job, cron, description in AFTER_THE_NIGHT
        ),
    ]
