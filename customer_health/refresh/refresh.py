"""Bring a data set in the raw contract from its landing files to its readers.

Belongs here: the order of the steps from the command line.
Does not belong here: what a step does (steps.py, delivery.py), running them on a schedule
(orchestration/definitions.py), or what is printed of their result (summary.py).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from customer_health.configuration.variables import newest_day
from customer_health.core.build_file import BUILD_FILE
from customer_health.core.errors import RefreshError
from customer_health.core.settings import PROJECT_ROOT
from customer_health.publication.publish import Publication
from customer_health.refresh import delivery, steps
from customer_health.refresh.delivery import marked_stale
from customer_health.refresh.lock import only_run
from customer_health.transform.run import BUILT_WITH, DbtRun, code_version

__all__ = ["BUILD_FILE", "BUILT_WITH", "PROJECT_ROOT", "DbtRun", "RefreshError", "code_version", "only_run", "refresh"]


def refresh(landing: Path | None, run: DbtRun, full_refresh: bool = False, webhook: str | None = None) -> Publication:
    """Bring a warehouse up to date and publish it.

    Args:
        landing: folder with one folder per raw table; None where another tool has loaded the raw tables.
        run: warehouse, configuration and day to build.
        full_refresh: compute everything anew instead of from the first day that changed.
        webhook: address that alerts are sent to; None writes them to the log only.

    Raises:
        RefreshError: naming the step that failed; what had been published before is untouched.
    """
    as_of = run.as_of or newest_day(run.config)
    run = replace(run, as_of=as_of)
    with only_run(run.warehouse):
        try:
            with marked_stale(run.warehouse, as_of):
                steps.check_configuration(run.config)
                if landing is not None:
                    steps.load(landing, run.warehouse)
                steps.build(run, full_refresh)
                gate = delivery.judge(run.warehouse, as_of)
                return delivery.publish_or_hold(run.warehouse, as_of, gate)
        finally:
            delivery.notify(run.warehouse, webhook)
