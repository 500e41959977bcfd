"""Whether a build file may be published, and what it was made from.

A build may be published when its last dbt run brought every node of the project to success, reached the day asked for,
and all rows that this run counted in the end are still there. A `.wal` beside the file means that somebody stopped
without closing it: the file is reopened and checkpointed first, and then has to stand the same test, because a damaged
log may lose what had been committed.

Belongs here: that judgement, and the versions of input, configuration and code.
Does not belong here: judging the data (expectations/), the builds themselves (macros/build_runs.sql).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from customer_health.core.build_file import BUILD_FILE
from customer_health.core.sql import quote_text
from customer_health.publication.files import PublicationError, clear_errors
from customer_health.transform.run import BUILT_WITH, code_version

BUILD = "build"
# how a row of this layer says from which day it was rebuilt; the earliest of them holds for all
RANGE_COLUMNS = ("journey_from_on", "points_from_on", "scores_from_on")


@dataclass(frozen=True)
class Build:
    """The last build: whole, and described. `previous_build_id` is None unless it followed that one directly."""

    build_id: str
    previous_build_id: str | None
    as_of: date
    rebuilt_from: date
    tables_by_day: frozenset[str]
    input_version: str
    configuration_version: str
    code_version: str


def open_build(warehouse: Path, con: duckdb.DuckDBPyConnection) -> None:
    """Attach the build file for reading as `build`, after mending an unclean stop."""
    path = warehouse / BUILD_FILE
    if not path.exists():
        raise PublicationError(f"{path} does not exist: build the marts first (make refresh)")
    log = path.with_name(f"{path.name}.wal")
    if log.exists():
        _replay(path, log)
    with _explained(path):
        con.execute(f"attach {quote_text(path)} as {BUILD} (read_only)")


def _replay(path: Path, log: Path) -> None:
    """Bring into the file what an unclean stop left in its log."""
    with _explained(
        path, f" after an unclean stop ({log.name} lies beside it); run the refresh once more, or restore it"
    ):
        con = duckdb.connect(str(path))
        try:
            con.execute("force checkpoint")
        finally:
            con.close()
    if log.exists():
        raise PublicationError(f"{log} is still there after a checkpoint: something else writes to {path.name}")


def _explained(path: Path, hint: str = "") -> Any:
    return clear_errors(f"opening {path}{hint}")


def inspect(warehouse: Path, con: duckdb.DuckDBPyConnection, as_of: date) -> Build:
    """Describe the attached build.

    Raises:
        PublicationError: the build is not whole, not of this day, or has lost rows.
    """
    started = _last(con, "started_runs", "started_at", "invocation_id, command, vars")
    finished = _last(
        con, "finished_runs", "finished_at", "invocation_id, unfinished_nodes, unfinished_names, tables_by_day"
    )
    if started is None:
        raise PublicationError("the build file has no log of dbt runs: run the refresh once more")
    build_id, command, given_vars = started
    if finished is None or finished[0] != build_id:
        raise PublicationError(f"the last dbt {command} was stopped before its end: run the refresh once more")
    _, unfinished, names, by_day = finished
    if unfinished:
        more = ", ..." if unfinished > len(names.split(", ")) else ""
        raise PublicationError(
            f"the last dbt {command} left {unfinished} nodes failed, skipped or out ({names}{more}): "
            "run the whole refresh once more"
        )
    builds = con.execute(
        f"select invocation_id, as_of_date from {BUILD}.build_log.complete_builds order by completed_at desc limit 2"
    ).fetchall()
    if not builds or builds[0][0] != build_id:
        raise PublicationError("the last dbt run is not a complete build: run the whole refresh once more")
    if builds[0][1] != as_of:
        raise PublicationError(f"the last build is as of {builds[0][1]}, not {as_of}: build that day first")
    _compare_with_dbt(warehouse, build_id)
    _compare_counts(con, build_id)
    before = con.execute(
        f"select count(*) from {BUILD}.build_log.started_runs where started_at > ("
        f"select started_at from {BUILD}.build_log.started_runs where invocation_id = ?)",
        [builds[1][0] if len(builds) > 1 else ""],
    ).fetchall()
    # runs in between that broke off may have left other days behind than the last one rebuilt
    follows_directly = len(builds) > 1 and before[0][0] == 1
    range_of_days = con.execute(
        f"select least({', '.join(RANGE_COLUMNS)}) from {BUILD}.intermediate.int_scoring_range"
    ).fetchall()
    built_with = warehouse / BUILT_WITH
    return Build(
        build_id=build_id,
        previous_build_id=builds[1][0] if follows_directly else None,
        as_of=as_of,
        rebuilt_from=range_of_days[0][0],
        tables_by_day=frozenset(filter(None, by_day.split(";"))),
        input_version=_input_version(con),
        configuration_version=_configuration_version(con, given_vars),
        code_version=built_with.read_text(encoding="utf-8") if built_with.exists() else code_version(),
    )


def _last(con: duckdb.DuckDBPyConnection, table: str, moment: str, columns: str) -> tuple[Any, ...] | None:
    if not _exists(con, "build_log", table):
        return None
    rows = con.execute(f"select {columns} from {BUILD}.build_log.{table} order by {moment} desc limit 1").fetchall()
    return rows[0] if rows else None


def _exists(con: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
    found = con.execute(
        "select count(*) from duckdb_tables() where database_name = ? and schema_name = ? and table_name = ?",
        [BUILD, schema, table],
    ).fetchall()
    return bool(found[0][0])


def _compare_with_dbt(warehouse: Path, build_id: str) -> None:
    """What dbt wrote beside the build file has to agree, where it is about the same run."""
    path = warehouse / "target" / "run_results.json"
    if not path.exists():
        return
    document = json.loads(path.read_text(encoding="utf-8"))
    if document["metadata"]["invocation_id"] != build_id:
        return
    bad = [result["unique_id"] for result in document["results"] if result["status"] in ("error", "fail", "skipped")]
    if bad:
        raise PublicationError(f"dbt reports {len(bad)} failed or skipped nodes ({bad[0]}): run the refresh once more")


def _compare_counts(con: duckdb.DuckDBPyConnection, build_id: str) -> None:
    """Every row that the build counted when it ended must still be there."""
    counted = con.execute(
        f"select table_name, row_count from {BUILD}.build_log.row_counts where invocation_id = ? order by table_name",
        [build_id],
    ).fetchall()
    if not counted:
        raise PublicationError("the last build counted no marts: run the whole refresh once more")
    arms = " union all ".join(f"select {quote_text(name)}, count(*) from {BUILD}.{name}" for name, _ in counted)
    present = dict(con.execute(arms).fetchall())
    for name, rows in counted:
        if present[name] != rows:
            raise PublicationError(
                f"{name} holds {present[name]:,} rows, the build counted {rows:,} when it ended: the build file was "
                "damaged or changed since; run the refresh once more"
            )


def _input_version(con: duckdb.DuckDBPyConnection) -> str:
    """Hash of what was read: the contents of landing files, and what each raw table holds."""
    digest = hashlib.sha256()
    if _exists(con, "landing", "files"):
        for row in con.execute(
            f"select distinct table_name, content_hash from {BUILD}.landing.files where status = 'loaded' order by all"
        ).fetchall():
            digest.update(repr(row).encode())
    conserved = f"select raw_table, raw_rows from {BUILD}.quality.fct_row_conservation order by all"
    for row in con.execute(conserved).fetchall():
        digest.update(repr(row).encode())
    return digest.hexdigest()


def _configuration_version(con: duckdb.DuckDBPyConnection, given_vars: str) -> str:
    """Hash of the effective configuration: every row of every seed, and the vars that were given."""
    digest = hashlib.sha256()
    tables = con.execute(
        "select table_name from duckdb_tables() where database_name = ? and schema_name = 'configuration' order by 1",
        [BUILD],
    ).fetchall()
    for (name,) in tables:
        digest.update(name.encode())
        for row in con.execute(f'select * from {BUILD}.configuration."{name}" order by all').fetchall():
            digest.update(repr(row).encode())
    chosen = {name: value for name, value in json.loads(given_vars).items() if name != "as_of_date"}
    digest.update(json.dumps(chosen, sort_keys=True).encode())
    return digest.hexdigest()
