"""Put one check to Great Expectations and say what came of it.

Importing this module imports Great Expectations (seconds of CPU): do so only where a gate runs.

Belongs here: the ephemeral context, one batch per frame, and results in our own words.
Does not belong here: which checks there are (the suites), or what follows from a result (gate.py).
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Any

# before the import: nothing calls out
os.environ["GX_ANALYTICS_ENABLED"] = "false"

import great_expectations as gx  # noqa: E402
import pandas as pd  # noqa: E402
from great_expectations.data_context.types.base import (  # noqa: E402
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)

from expectations.build import Build  # noqa: E402
from expectations.checks import Check  # noqa: E402
from expectations.report import CheckResult  # noqa: E402

KEYS_KEPT = 1000


@dataclass(frozen=True)
class Judgement:
    """A result and the keys behind it, as JSON (at most KEYS_KEPT; the result counts all)."""

    result: CheckResult
    keys: tuple[str, ...] = ()


class Judge:
    """Great Expectations in memory: no project folder, no files, no calls to the outside."""

    def __init__(self) -> None:
        in_memory = InMemoryStoreBackendDefaults(init_temp_docs_sites=False)
        config = DataContextConfig(store_backend_defaults=in_memory)
        context = gx.get_context(mode="ephemeral", project_config=config)
        context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
        asset = context.data_sources.add_pandas("engine").add_dataframe_asset("frame")
        self._batches = asset.add_batch_definition_whole_dataframe("whole")

    def judge(self, suite: str, check: Check, build: Build) -> Judgement:
        """Compute the frame in the engine and hold it against the check's expectations."""
        cursor = build.con.execute(check.sql)
        columns = [column[0] for column in cursor.description]
        rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
        failing = self._failing_rows(check, pd.DataFrame(rows, columns=columns))
        if not failing:
            return Judgement(_result(suite, check, True, check.when_fine(rows)))
        if len(rows) < check.least_rows:
            return Judgement(_result(suite, check, False, f"{len(rows)} rows to judge"))
        count, keys = _failing_keys(check, build)
        return Judgement(_result(suite, check, False, check.in_words([rows[i] for i in failing]), count), keys)

    def _failing_rows(self, check: Check, frame: pd.DataFrame) -> list[int]:
        """Positions of the rows that break an expectation; one position for a frame that fails as a whole."""
        expectations = [gx.expectations.ExpectTableRowCountToBeBetween(min_value=check.least_rows), *check.expectations]
        suite = gx.ExpectationSuite(name=check.name, expectations=expectations)
        batch = self._batches.get_batch(batch_parameters={"dataframe": frame})
        found = batch.validate(suite, result_format={"result_format": "COMPLETE"})
        failing: set[int] = set()
        for outcome in found.results:
            if outcome.success:
                continue
            _raise_what_was_raised(outcome)
            failing.update(outcome.result.get("unexpected_index_list") or [0])
        return sorted(failing)


def _raise_what_was_raised(outcome: Any) -> None:
    """An expectation that could not be evaluated is an error of the check, not a finding about the data."""
    info = outcome.exception_info or {}
    for about in [info, *(value for value in info.values() if isinstance(value, dict))]:
        if about.get("raised_exception"):
            raise RuntimeError(f"{outcome.expectation_config.type}: {about.get('exception_message')}")


def _result(suite: str, check: Check, passed: bool, observed: str, failing_keys: int = 0) -> CheckResult:
    return CheckResult(suite, check.name, passed, check.severity, observed, check.expected, check.reason, failing_keys)


def _failing_keys(check: Check, build: Build) -> tuple[int, tuple[str, ...]]:
    if check.keys_sql is None:
        return 0, ()
    cursor = build.con.execute(f"select *, count(*) over () as of_them from ({check.keys_sql}) limit {KEYS_KEPT}")
    columns = [column[0] for column in cursor.description[:-1]]
    rows = cursor.fetchall()
    keys = tuple(json.dumps(dict(zip(columns, row, strict=False)), default=str, ensure_ascii=False) for row in rows)
    return (rows[0][-1] if rows else 0), keys
