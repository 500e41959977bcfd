"""The steps of a refresh, the same for the command line and for Dagster.

    check the configuration, load landing files, build with dbt, judge by the gate, publish or hold, notify

Belongs here: what each step does, when it counts as failed, and the lock that keeps a warehouse to one run.
Does not belong here: their order (refresh.py, the assets), or how dbt, the gate and the publication work inside.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection
from pathlib import Path

from customer_health.configuration.folder import ConfigurationError
from customer_health.configuration.scorecards import report_configuration
from customer_health.core.build_file import LandingError
from customer_health.core.errors import RefreshError, TransientError
from customer_health.landing.load import LandingReport, load_landing
from customer_health.transform.failed_tests import keep_failing_rows, say_failed
from customer_health.transform.run import BUILT_WITH, DbtRun, code_version, say_not_done

NEARLY_FULL_BYTES = 128 * 2**20
BUILD = ("build", "--exclude-resource-type", "unit_test")

Say = Callable[[str], None]


def check_configuration(config: Path) -> None:
    """Stop before anything is loaded or built if the configuration has an error; print what it has."""
    try:
        errors = report_configuration(config)
    except ConfigurationError as error:
        raise RefreshError(str(error)) from error
    if errors:
        raise RefreshError(f"{config}: fix the configuration first; nothing was loaded or built")


def load(landing: Path, warehouse: Path, say: Say = print) -> LandingReport:
    """Load the landing files that are new."""
    try:
        report = load_landing(landing, warehouse, progress=say)
    except LandingError as error:
        kind = TransientError if isinstance(error, TransientError) else RefreshError
        raise kind(f"landing: {error}") from error
    for line in report.lines():
        say(line)
    return report


def build_command(warehouse: Path, full_refresh: bool = False, say: Say = print) -> list[str]:
    """The dbt command of a whole build: everything anew where the models have changed since the last one."""
    built_with = warehouse / BUILT_WITH
    if built_with.exists() and built_with.read_text(encoding="utf-8") != code_version():
        say("the models have changed since the last build: computing everything anew")
        full_refresh = True
    return [*BUILD, *(["--full-refresh"] if full_refresh else [])]


def build(run: DbtRun, full_refresh: bool = False, say: Say = print) -> None:
    """Build everything, and once more if the engine failed of itself or for want of memory."""
    _, *options = build_command(run.warehouse, full_refresh, say)
    code = run.build(*options, say=say)
    assert_built(run, code == 0)


def assert_built(run: DbtRun, succeeded: bool, expected: Collection[str] | None = None) -> None:
    """Stop unless dbt succeeded and every expected node really ran: a skipped model is no success.

    Args:
        run: the run that has just ended.
        succeeded: what dbt said itself.
        expected: unique ids of nodes if only a part was to be built; else a whole build is on record from here on.
    """
    if not succeeded and run.engine_failed():
        raise TransientError("dbt: the engine failed of itself; the next attempt starts where this one did")
    missing = run.not_done(expected)
    if missing or not succeeded:
        nodes = say_not_done(missing) or "before any node ran"
        raise RefreshError(
            f"dbt: the build did not complete ({nodes}; see {run.warehouse / 'logs' / 'dbt.log'})"
            f"{_disk(run.warehouse)}; the next refresh starts from where this one did"
            f"{say_failed(keep_failing_rows(run))}"
        )
    if expected is None:
        (run.warehouse / BUILT_WITH).write_text(code_version(), encoding="utf-8")


def _disk(warehouse: Path) -> str:
    """What to do where a build stopped beside a disk that is full; it may have failed to say so anywhere."""
    free = shutil.disk_usage(warehouse).free
    return f"; the disk has {free // 2**20} MB left: free space first" if free < NEARLY_FULL_BYTES else ""
