"""A plain incremental dbt model per metric, as a dbt user would begin: the last days anew each night.

Belongs here: the small project (dbt_models) and running it.
Does not belong here: our models.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import duckdb
import yaml

from benchmarks.alternatives.inputs import METRICS, WINDOW_DAYS, last_day

MODELS = Path(__file__).with_name("dbt_models")


class PlainDbtError(RuntimeError):
    """dbt did not complete; its output is the message."""


def make_metrics(folder: Path) -> dict[str, float]:
    """SQL seconds of everything and of the last day alone; writes plain_dbt.parquet."""
    project = folder / "plain_dbt"
    _write_project(project)
    day = last_day(folder)
    with duckdb.connect(str(project / "plain.duckdb")) as con:
        con.execute(f"create table all_events as select * from '{folder}/events.parquet'")
        con.execute(f"create table all_days as select * from '{folder}/days.parquet'")
    first = _run(project, day - timedelta(days=1))
    night = _run(project, day)
    with duckdb.connect(str(project / "plain.duckdb")) as con:
        arms = (
            f"select account_id, date_day, '{metric.name}' as metric, value from {metric.name}" for metric in METRICS
        )
        con.execute(f"copy ({' union all '.join(arms)}) to '{folder}/plain_dbt.parquet'")
    return {"full": first, "new_day": night}


def _write_project(project: Path) -> None:
    shutil.rmtree(project, ignore_errors=True)
    (project / "models").mkdir(parents=True)
    settings = {"name": "plain", "profile": "plain", "version": "1.0", "flags": {"send_anonymous_usage_stats": False}}
    output = {"type": "duckdb", "path": "plain.duckdb"}
    profiles = {"plain": {"target": "duckdb", "outputs": {"duckdb": output}}}
    (project / "dbt_project.yml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    (project / "profiles.yml").write_text(yaml.safe_dump(profiles), encoding="utf-8")
    model = (MODELS / "metric.sql").read_text(encoding="utf-8")
    for metric in METRICS:
        text = model.replace("<expression>", metric.expression).replace("<window_days>", str(WINDOW_DAYS))
        (project / "models" / f"{metric.name}.sql").write_text(text, encoding="utf-8")


def _run(project: Path, as_of: date) -> float:
    command = [str(Path(sys.executable).with_name("dbt")), "run", "--vars", json.dumps({"as_of": as_of.isoformat()})]
    done = subprocess.run(
        command, cwd=project, capture_output=True, text=True, check=False, env={**os.environ, "DBT_PROFILES_DIR": "."}
    )
    if done.returncode != 0:
        raise PlainDbtError(done.stdout + done.stderr)
    results = json.loads((project / "target" / "run_results.json").read_text(encoding="utf-8"))["results"]
    return sum(result["execution_time"] for result in results)
