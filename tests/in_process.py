"""dbt in the process of the tests, for those who care about rows: its start costs as much as many of their builds.

Belongs here: what a process of dbt would have: its environment, its folder, a connection that ends with it.
Does not belong here: anything that is about processes, output or faults of the engine (those run dbt as users do).
"""

from __future__ import annotations

import contextlib
import gc
import os
from collections.abc import Callable, Sequence

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from customer_health.transform.run import DbtRun


class InProcess(DbtRun):
    """A DbtRun that starts no process. What dbt says goes where pytest captures it, and into dbt.log."""

    def run_and_show(self, command: Sequence[str], say: Callable[[str], None]) -> int:
        return self.run(command)

    def run(self, command: Sequence[str]) -> int:
        before = dict(os.environ)
        with self.prepared(command) as (arguments, environment), contextlib.chdir(self.warehouse):
            os.environ.update(environment)
            # dbt makes objects by the million and frees them in the end: looking for cycles meanwhile finds none
            gc.disable()
            try:
                result = dbtRunner().invoke(arguments)
            finally:
                gc.enable()
                DuckDBConnectionManager.close_all_connections()
                os.environ.clear()
                os.environ.update(before)
        if result.exception:
            raise result.exception
        return 0 if result.success else 1
