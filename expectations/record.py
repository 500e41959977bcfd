"""Keep what the gate found beside the build: results, failing keys, and what a person accepted.

`build_log.gate_results`, `build_log.gate_failing_keys` and `build_log.gate_acceptances` outlive the models. Another run
for the same day replaces the results of the one before; runs of other days stay.

Belongs here: these three tables, written and read.
Does not belong here: judging (judge.py), or showing (results_page.py).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from customer_health.core.build_file import open_build_file
from expectations.report import CheckResult, GateReport

TABLES = """
    create schema if not exists build_log;
    create table if not exists build_log.gate_results (
        run_id varchar, as_of_date date, ran_at timestamp, suite varchar, gate_check varchar, passed boolean,
        severity varchar, observed varchar, expected varchar, reason varchar, failing_keys bigint,
        left_alone bigint, nodes bigint
    );
    -- of warehouses that were judged before a gate knew what was not run again
    alter table build_log.gate_results add column if not exists left_alone bigint;
    alter table build_log.gate_results add column if not exists nodes bigint;
    create table if not exists build_log.gate_failing_keys (
        run_id varchar, as_of_date date, suite varchar, gate_check varchar, key_columns varchar
    );
    create table if not exists build_log.gate_acceptances (
        as_of_date date, suite varchar, gate_check varchar, author varchar, reason varchar, accepted_at timestamp
    );
"""

# columns in the order of CheckResult
OF_A_RESULT = ("suite", "gate_check", "passed", "severity", "observed", "expected", "reason", "failing_keys")

Keys = Mapping[tuple[str, str], Sequence[str]]


@dataclass(frozen=True)
class Acceptance:
    """A person's word that a failed check of one day may pass, with the reason."""

    suite: str
    check: str
    author: str
    reason: str


def record(warehouse: Path, report: GateReport, keys: Keys) -> str:
    """Write one run of the gate in place of the last one for the same day; returns its id."""
    run_id = uuid.uuid4().hex
    results = [
        (run_id, report.as_of, _naive_utc(report.ran_at), one.suite, one.check, one.passed, one.severity)
        + (one.observed, one.expected, one.reason, one.failing_keys, report.left_alone, report.nodes)
        for one in report.results
    ]
    failing = [(run_id, report.as_of, *check, key) for check, its_keys in keys.items() for key in its_keys]
    with open_build_file(warehouse) as con:
        con.execute(TABLES)
        con.execute("begin transaction")
        for table, rows in (("gate_results", results), ("gate_failing_keys", failing)):
            con.execute(f"delete from build_log.{table} where as_of_date = ?", [report.as_of])
            if rows:
                marks = ", ".join("?" * len(rows[0]))
                con.executemany(f"insert into build_log.{table} values ({marks})", rows)
        con.execute("commit")
    return run_id


def read_report(warehouse: Path, as_of: date | None = None) -> GateReport | None:
    """The last run for a day (without one: the last run at all); None if there is none."""
    with open_build_file(warehouse, read_only=True) as con:
        if not _exists(con, "gate_results"):
            return None
        # by name: the last two columns are younger than some warehouses
        cursor = con.execute(
            "select * exclude (run_id) from build_log.gate_results"
            " where run_id = (select arg_max(run_id, ran_at) from build_log.gate_results"
            " where as_of_date = coalesce(cast(? as date), as_of_date)) order by rowid",
            [as_of],
        )
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    if not rows:
        return None
    return GateReport(
        tuple(CheckResult(*(row[name] for name in OF_A_RESULT)) for row in rows),
        rows[0]["ran_at"].replace(tzinfo=UTC),
        rows[0]["as_of_date"],
        rows[0].get("left_alone") or 0,
        rows[0].get("nodes") or 0,
    )


def read_keys(warehouse: Path, as_of: date, per_check: int) -> dict[tuple[str, str], list[str]]:
    """The first few failing keys of each check, as JSON."""
    keys: dict[tuple[str, str], list[str]] = {}
    with open_build_file(warehouse, read_only=True) as con:
        if _exists(con, "gate_failing_keys"):
            for suite, check, key in con.execute(
                "select suite, gate_check, key_columns from build_log.gate_failing_keys where as_of_date = ?"
                " qualify row_number() over (partition by suite, gate_check order by rowid) <= ? order by rowid",
                [as_of, per_check],
            ).fetchall():
                keys.setdefault((suite, check), []).append(key)
    return keys


def accept(warehouse: Path, as_of: date, acceptance: Acceptance, now: datetime | None = None) -> None:
    """Note that a check may fail for one day; the next run of the gate for that day reads it."""
    with open_build_file(warehouse) as con:
        con.execute(TABLES)
        con.execute(
            "insert into build_log.gate_acceptances values (?, ?, ?, ?, ?, ?)",
            [as_of, acceptance.suite, acceptance.check, acceptance.author, acceptance.reason]
            + [_naive_utc(now or datetime.now(UTC))],
        )


def read_acceptances(con: duckdb.DuckDBPyConnection, as_of: date) -> dict[tuple[str, str], Acceptance]:
    if not _exists(con, "gate_acceptances"):
        return {}
    rows = con.execute(
        "select suite, gate_check, author, reason from build_log.gate_acceptances where as_of_date = ?"
        " order by accepted_at",
        [as_of],
    ).fetchall()
    return {(row[0], row[1]): Acceptance(*row) for row in rows}


def _exists(con: duckdb.DuckDBPyConnection, table: str) -> bool:
    found = con.execute(
        "select count(*) from duckdb_tables() where database_name = current_database()"
        " and schema_name = 'build_log' and table_name = ?",
        [table],
    ).fetchall()
    return bool(found[0][0])


def _naive_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
