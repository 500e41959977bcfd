"""What was edited, and whether it can be answered without new values of metrics.

Belongs here: a configuration as typed tables, its rows beside those that the warehouse was built with, what each file
and var reaches.
Does not belong here: whether the configuration is sound (configuration/scorecards.py), how
scores come about (rescoring.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from customer_health.configuration.folder import Configuration, SeedContract

# What a seed reaches. Values of metrics come from raw facts, which only a build reads; points and scores are computed
# anew from the stored values; the rest is said or checked, and moves no score.
VALUES, SCORES, NOTHING = "values", "scores", "nothing"
REACH_OF_SEED = {
    "benchmarks": SCORES,
    "desired_outcomes": VALUES,
    "engagement_measures": VALUES,
    "exchange_rates": VALUES,
    "grades": SCORES,
    "instrumentation": VALUES,
    "measures": VALUES,
    "metrics": VALUES,
    "milestones": VALUES,
    "product_event_measures": VALUES,
    "response_targets": VALUES,
    "score_rules": SCORES,
    "scorecard_metrics": SCORES,
    "scorecards": SCORES,
    "segments": SCORES,
    "stages": VALUES,
    "support_channels": VALUES,
    "tenure_bands": VALUES,
    "word_synonyms": VALUES,
    "baselines": NOTHING,
    "finding_types": NOTHING,
    "gate_thresholds": NOTHING,
    "outcome_packages": NOTHING,
    "playbooks": NOTHING,
    "quality_exceptions": NOTHING,
    "quarantine_reasons": NOTHING,
    "released_versions": NOTHING,
    "review_items": NOTHING,
    "success_criteria": NOTHING,
    "value_statuses": NOTHING,
}
# columns of seeds that reach values, and do not
SCORED_COLUMNS = {"metrics": {"motion", "direction"}}
WORDS = {
    "desired_outcomes": {"label", "description"},
    "engagement_measures": {"description"},
    "instrumentation": {"note"},
    "measures": {"description"},
    "metrics": {"label", "domain", "indicator_type", "rationale"},
    "milestones": {"label", "rationale", "playbook"},
    "response_targets": {"rationale"},
    "stages": {"label", "description"},
    "support_channels": {"description"},
    "tenure_bands": {"rationale"},
}

REACH_OF_VAR = {
    "reporting_time_zone": VALUES,
    "grace_days": VALUES,
    "include_trials": VALUES,
    "liveness_share": VALUES,
    "liveness_min_rows": VALUES,
    "liveness_window_share": VALUES,
    "invoice_failed_days": VALUES,
    "outcome_horizons": VALUES,
    "invoice_due_days": VALUES,
    "invoiced_as_mrr": VALUES,
    "column_settling_days": VALUES,
    "contraction_pct": VALUES,
    "expansion_pct": NOTHING,
    "baseline_days": SCORES,
    "baseline_min_days": SCORES,
    "min_side_coverage": SCORES,
    "scored_min_coverage": SCORES,
    "provisional_min_coverage": SCORES,
    "grade_confirm_days": SCORES,
    "accuracy_min_accounts": SCORES,
    "healthy_grades": SCORES,
    "unhealthy_grades": SCORES,
    "as_of_date": NOTHING,
    "lookback_days": NOTHING,
    "leading_share_min": NOTHING,
    "review_warn_days": NOTHING,
    "review_error_days": NOTHING,
    "raw_database": NOTHING,
    "raw_schema": NOTHING,
    "raw_table_names": NOTHING,
    "loaded_at_column": NOTHING,
    "has_source_lineage": NOTHING,
    "file_dates": NOTHING,
    "outside_facts_share": NOTHING,
    "detractor_score": NOTHING,
    "verdict_min_accounts": NOTHING,
    "group_min_accounts": NOTHING,
    "rescue_hours": NOTHING,
    "rescue_hours_share": NOTHING,
    "renewal_horizon_days": NOTHING,
    "renewal_outcome_horizon_days": NOTHING,
    "most_urgent_days_late": NOTHING,
    "fast_drop_points": NOTHING,
    "fast_drop_days": NOTHING,
}

Rows = dict[tuple[Any, ...], dict[str, Any]]


@dataclass(frozen=True)
class Edit:
    """One difference between two configurations.

    Attributes:
        seed: name of the file without its ending, or `vars`.
        key: the row, as its key columns have it.
        column: what was edited in it; empty if the whole row is new or gone.
        before, after: the values; of a new row there is none before, of a row that is gone none after.
        reach: values, scores or nothing.
    """

    seed: str
    key: str
    column: str
    before: Any
    after: Any
    reach: str

    def __str__(self) -> str:
        place = f"{self.seed}: {self.key}"
        if self.column:
            return f"{place}, {self.column} {_said(self.before)} → {_said(self.after)}"
        return f"{place} is new" if self.after is not None else f"{place} is gone"


def load_tables(connection: duckdb.DuckDBPyConnection, configuration: Configuration) -> None:
    """Put every file into a table configuration.<name>, typed as dbt types its seeds; what is missing is empty."""
    connection.execute("create schema configuration")
    for name, contract in configuration.contracts.items():
        rows = configuration.rows(name)
        texts = pa.table(
            {column: pa.array([row[column] or None for row in rows], pa.string()) for column in contract.columns}
        )
        connection.register("texts", texts)
        columns = ", ".join(
            f"cast({column.name} as {column.type}) as {column.name}" for column in contract.columns.values()
        )
        connection.execute(f"create table configuration.{name} as select {columns} from texts")
        connection.unregister("texts")


def find_edits(
    connection: duckdb.DuckDBPyConnection, contracts: Mapping[str, SeedContract], before: str, after: str
) -> list[Edit]:
    """The rows that differ between two catalogs or schemas that hold tables of the same names."""
    found: list[Edit] = []
    for name, contract in contracts.items():
        old, new = (_rows(connection, f"{place}.{name}", contract) for place in (before, after))
        for key in sorted(old.keys() | new.keys(), key=str):
            found += _edits_of_row(contract, key, old.get(key), new.get(key))
    return found


def find_edited_vars(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Edit]:
    """The vars that differ and decide a number."""
    found = [
        Edit("vars", name, "value", before.get(name), after.get(name), REACH_OF_VAR.get(name, VALUES))
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    ]
    return [edit for edit in found if edit.reach != NOTHING]


def _rows(connection: duckdb.DuckDBPyConnection, table: str, contract: SeedContract) -> Rows:
    names = list(contract.columns)
    found = connection.execute(f"select {', '.join(names)} from {table}").fetchall()
    rows = [dict(zip(names, row, strict=True)) for row in found]
    return {tuple(row[column] for column in contract.key): row for row in rows}


def _edits_of_row(
    contract: SeedContract, key: tuple[Any, ...], old: dict[str, Any] | None, new: dict[str, Any] | None
) -> Iterator[Edit]:
    seed = contract.name
    title = " ".join(str(part) for part in key if part is not None)
    if old is None or new is None:
        yield Edit(seed, title, "", old, new, REACH_OF_SEED[seed])
        return
    for column in contract.columns:
        if old[column] != new[column]:
            reach = REACH_OF_SEED[seed]
            if column in WORDS.get(seed, ()):
                reach = NOTHING
            elif column in SCORED_COLUMNS.get(seed, ()):
                reach = SCORES
            yield Edit(seed, title, column, old[column], new[column], reach)


def _said(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, float):
        return f"{value:g}"
    return f"'{value}'" if isinstance(value, str) else str(value)
