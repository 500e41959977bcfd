"""The SQL of the scoring models, compiled by dbt.

Compiled for a database in memory: its catalog is called memory, and so is that of a plain DuckDB connection, so the
compiled SQL runs there as it stands. Compiling takes seconds; the result is kept in target/ until a model or a var
changes. The day is put in afterwards, so that tomorrow's question needs no new compiling.

Belongs here: asking dbt, keeping its answer.
Does not belong here: which order the models run in (rescoring.py).
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from customer_health.core.settings import PROJECT_ROOT
from customer_health.transform.run import DBT, code_version
from customer_health.validation.what_if.errors import WhatIfError

MODELS = (
    "int_scorecard_assignments",
    "int_scorecard_weights",
    "int_benchmark_curves",
    "int_benchmarks_in_force",
    "int_metric_benchmarks",
    "int_points__fixed",
    "int_points__baseline",
    "int_peer_groups",
    "int_points__peers",
    "fct_metric_points",
    "int_score_sides",
    "int_scores",
    "int_score_rule_hits",
    "int_ruled_scores",
    "int_grade_periods",
    "int_confirmed_grades",
    "fct_health_scores",
    "fct_score_drivers",
    "int_predictions",
    "fct_score_outcome_pairs",
    "int_grade_rates",
    "int_predictor_areas",
    "int_predictor_counts",
    "rpt_score_accuracy",
)
KEPT = PROJECT_ROOT / "target" / "what_if"
ANY_DAY = date(9998, 12, 30)


def compiled(dbt_vars: Mapping[str, Any], as_of: date) -> dict[str, str]:
    """SQL by model, as a full refresh with these vars would run it.

    Args:
        dbt_vars: what differs from dbt_project.yml.
        as_of: the last day.
    """
    asked = {**dbt_vars, "as_of_date": ANY_DAY.isoformat()}
    key = hashlib.sha256(json.dumps([code_version(), MODELS, asked], sort_keys=True).encode()).hexdigest()[:16]
    kept = KEPT / f"{key}.json"
    if not kept.exists():
        _keep(_ask_dbt(asked), kept)
    found: dict[str, str] = json.loads(kept.read_text(encoding="utf-8"))
    return {name: sql.replace(ANY_DAY.isoformat(), as_of.isoformat()) for name, sql in found.items()}


def _ask_dbt(dbt_vars: Mapping[str, Any]) -> dict[str, str]:
    KEPT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=KEPT) as folder:
        command = [
            *(DBT, "compile", "--quiet", "--full-refresh", "--select", *MODELS),
            *("--project-dir", str(PROJECT_ROOT), "--profiles-dir", str(PROJECT_ROOT)),
            *("--target-path", folder, "--log-path", folder, "--vars", json.dumps(dbt_vars)),
        ]
        environment = os.environ | {
            "CUSTOMER_HEALTH_BUILD_FILE": ":memory:",
            "CUSTOMER_HEALTH_SEED_PATH": "seeds",
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        }
        done = subprocess.run(command, cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise WhatIfError(f"dbt could not compile the models: {(done.stdout + done.stderr).strip()[-500:]}")
        nodes = json.loads((Path(folder) / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    return {node["name"]: node["compiled_code"] for node in nodes.values() if node["name"] in MODELS}


def _keep(models: Mapping[str, str], kept: Path) -> None:
    """Replaced at once: two questions may be asked at the same time."""
    waiting = kept.with_name(f".{kept.name}.{os.getpid()}")
    waiting.write_text(json.dumps(models), encoding="utf-8")
    waiting.replace(kept)
