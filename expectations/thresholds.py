"""The limits of the gate, each with the day it was set and the reason.

They are rows of `gate_thresholds.csv`, like all configuration: a company's own rows replace ours one by one.

Belongs here: reading the rows, ours beneath those that the build was made with.
Does not belong here: what a limit is compared with (the suites).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from customer_health.core.errors import CustomerHealthError

DEFAULT_FILE = Path(__file__).resolve().parents[1] / "seeds" / "quality" / "gate_thresholds.csv"
TABLE = "gate_thresholds"


class ThresholdError(CustomerHealthError):
    """A limit is missing or unknown; the message names it."""


@dataclass(frozen=True)
class Threshold:
    value: float
    set_on: date
    rationale: str


@dataclass(frozen=True)
class Thresholds:
    """All limits in force, by check and name."""

    rows: Mapping[tuple[str, str], Threshold]

    def value(self, check: str, name: str) -> float:
        if (check, name) not in self.rows:
            raise ThresholdError(f"gate_thresholds.csv has no '{name}' for the check '{check}'")
        return self.rows[check, name].value

    def reason(self, check: str, *names: str) -> str:
        """Why the limits of a check stand where they stand, each with its day."""
        chosen = [self.rows[check, name] for name in names]
        return " ".join(f"{row.set_on}: {row.rationale.rstrip('.')}." for row in chosen)


def read_thresholds(con: duckdb.DuckDBPyConnection) -> Thresholds:
    """The limits that this build was configured with."""
    with DEFAULT_FILE.open(newline="", encoding="utf-8") as file:
        rows = {
            (row["gate_check"], row["threshold"]): Threshold(
                float(row["value"]), date.fromisoformat(row["set_on"]), row["rationale"]
            )
            for row in csv.DictReader(file)
        }
    built_with = con.execute(
        "select count(*) from duckdb_tables() where database_name = current_database()"
        f" and schema_name = 'configuration' and table_name = '{TABLE}'"
    ).fetchall()
    if built_with[0][0]:
        for check, name, value, set_on, rationale in con.execute(
            f"select gate_check, threshold, value, set_on, rationale from configuration.{TABLE}"
        ).fetchall():
            if (check, name) not in rows:
                raise ThresholdError(f"gate_thresholds.csv: no check '{check}' has a limit '{name}'")
            rows[check, name] = Threshold(value, set_on, rationale)
    return Thresholds(rows)
