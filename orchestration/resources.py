"""What the assets of a run share: its warehouse, held for as long as the run lasts, and dbt.

Belongs here: the lock of a run, how faults become failures or retries in Dagster, how dbt is started by it.
Does not belong here: the steps (customer_health/refresh/steps.py), the assets.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from importlib.metadata import version as installed
from pathlib import Path

import dagster as dg
from dagster_dbt import DbtCliResource
from packaging.version import Version, parse

from customer_health.core.errors import HeldError, TransientError
from customer_health.core.settings import PROJECT_ROOT, Settings
from customer_health.refresh.delivery import mark_stale
from customer_health.refresh.lock import last_build, only_run
from customer_health.transform.run import DBT, DbtRun
from orchestration.partitions import Plan, day_of, plan

MAX_RETRIES = 3


def transient(settings: Settings) -> dg.RetryPolicy:
    """A lock or a fault of the engine passes by itself; what is wrong with the data does not (see failures())."""
    return dg.RetryPolicy(max_retries=MAX_RETRIES, delay=settings.retry_seconds, backoff=dg.Backoff.EXPONENTIAL)


class Warehouse:
    """The warehouse of one run. The first step that asks holds it until the run ends."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._held = ExitStack()
        self._is_held = False

    @property
    def folder(self) -> Path:
        return self.settings.warehouse

    def hold(self) -> None:
        """Refuse to go on while somebody else, such as a refresh from the command line, is at work here."""
        if not self._is_held:
            self._held.enter_context(only_run(self.folder))
            self._is_held = True

    def release(self) -> None:
        self._held.close()
        self._is_held = False

    def dbt_run(self, as_of: date | None) -> DbtRun:
        return DbtRun(self.folder, self.settings.config, as_of, self.settings.memory_limit)

    def plan(self, context: dg.AssetExecutionContext) -> Plan:
        """What the partitions of this run ask for."""
        days = context.partition_key_range
        return plan(date.fromisoformat(days.start), date.fromisoformat(days.end), last_build(self.folder))


def warehouse_resource(settings: Settings) -> dg.ResourceDefinition:
    @dg.resource(description="The warehouse folder, held by one run at a time.")
    def warehouse(_: dg.InitResourceContext) -> Iterator[Warehouse]:
        held = Warehouse(settings)
        try:
            yield held
        finally:
            held.release()

    return warehouse


class Dbt(DbtCliResource):
    """dbt as dagster-dbt starts it, without asking the network for newer versions and without a second connection."""

    @property
    def _cli_version(self) -> Version:
        return parse(installed("dbt-core"))

    def _initialize_dbt_core_adapter(self, args: object) -> None:
        """Only row counts and column metadata would need it, and those cost as much as the build."""


def dbt_resource() -> Dbt:
    return Dbt(project_dir=str(PROJECT_ROOT), profiles_dir=str(PROJECT_ROOT), dbt_executable=DBT)


@contextmanager
def failures(context: dg.AssetExecutionContext, warehouse: Warehouse) -> Iterator[None]:
    """A fault that passes is retried by the policy of the asset; any other fails at once, with its message.

    Once it is for good, readers learn that the publication was not renewed.
    """
    try:
        yield
    except HeldError as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    except Exception as error:
        if isinstance(error, TransientError) and context.op_execution_context.retry_number < MAX_RETRIES:
            raise
        day = day_of(context.run)
        if day:
            mark_stale(warehouse.folder, day, str(error), context.log.warning)
        raise dg.Failure(str(error), allow_retries=False) from error
