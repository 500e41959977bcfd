"""The SQL of the scoring models, compiled by dbt.

Which models these are, their tag says. dbt resolves what they read: each other and the seeds in a database in memory,
everything else in the build file, attached as `build` (profiles.yml, macros/generate_database_name.sql). Compiling
takes seconds; the result is kept in target/ until a model or a var changes. The day is put in afterwards, so that
tomorrow's question needs no new compiling.

Belongs here: asking dbt, keeping its answer.
Does not belong here: running the models (in_memory.py).
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

from customer_health.core.settings import PROJECT_ROOT
from customer_health.transform.run import DBT, code_version
from customer_health.validation.what_if.errors import WhatIfError

TAG = "what_if"
# of profiles.yml
TARGET = "what_if"
KEPT = PROJECT_ROOT / "target" / "what_if"
ANY_DAY = date(9998, 12, 30)


@dataclass(frozen=True)
class Formula:
    """One model.

    Attributes:
        relation: its schema and name, in memory.
        sql: as a full refresh would run it.
        is_view: whether a build stores it as a view.
        reads: names of those models among its inputs that are computed in memory, too.
        reads_from_build: schemas and names of those that are not.
    """

    relation: str
    sql: str
    is_view: bool
    reads: tuple[str, ...]
    reads_from_build: tuple[str, ...]


def compiled(dbt_vars: Mapping[str, Any], as_of: date) -> dict[str, Formula]:
    """The models by name, as a full refresh with these vars would run them.

    Args:
        dbt_vars: what differs from dbt_project.yml.
        as_of: the last day.
    """
    asked = {**dbt_vars, "as_of_date": ANY_DAY.isoformat()}
    shape = [field.name for field in fields(Formula)]
    key = hashlib.sha256(json.dumps([code_version(), shape, asked], sort_keys=True).encode()).hexdigest()[:16]
    kept = KEPT / f"{key}.json"
    if not kept.exists():
        _keep(_ask_dbt(asked), kept)
    text = kept.read_text(encoding="utf-8").replace(ANY_DAY.isoformat(), as_of.isoformat())
    return {
        name: Formula(**{what: tuple(value) if isinstance(value, list) else value for what, value in found.items()})
        for name, found in json.loads(text).items()
    }


def _ask_dbt(dbt_vars: Mapping[str, Any]) -> dict[str, Formula]:
    KEPT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=KEPT) as folder:
        command = [
            *(DBT, "compile", "--quiet", "--full-refresh", "--select", f"tag:{TAG},resource_type:model"),
            *("--project-dir", str(PROJECT_ROOT), "--profiles-dir", str(PROJECT_ROOT)),
            *("--target-path", folder, "--log-path", folder, "--vars", json.dumps(dbt_vars)),
        ]
        environment = os.environ | {
            "CUSTOMER_HEALTH_DBT_TARGET": TARGET,
            "CUSTOMER_HEALTH_SEED_PATH": "seeds",
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        }
        done = subprocess.run(command, cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise WhatIfError(f"dbt could not compile the models: {(done.stdout + done.stderr).strip()[-500:]}")
        nodes = json.loads((Path(folder) / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    return {node["name"]: _formula(node, nodes) for node in nodes.values() if _is_asked(node)}


def _is_asked(node: Mapping[str, Any]) -> bool:
    return node["resource_type"] == "model" and TAG in node["tags"]


def _formula(node: Mapping[str, Any], nodes: Mapping[str, Any]) -> Formula:
    inputs = [nodes[name] for name in node["depends_on"]["nodes"] if name in nodes]
    return Formula(
        relation=_relation(node),
        sql=node["compiled_code"],
        is_view=node["config"]["materialized"] == "view",
        reads=tuple(sorted(other["name"] for other in inputs if _is_asked(other))),
        reads_from_build=tuple(
            sorted(_relation(other) for other in inputs if other["resource_type"] == "model" and not _is_asked(other))
        ),
    )


def _relation(node: Mapping[str, Any]) -> str:
    return f"{node['schema']}.{node['alias']}"


def _keep(models: Mapping[str, Formula], kept: Path) -> None:
    """Replaced at once: two questions may be asked at the same time."""
    waiting = kept.with_name(f".{kept.name}.{os.getpid()}")
    waiting.write_text(json.dumps({name: asdict(model) for name, model in models.items()}), encoding="utf-8")
    waiting.replace(kept)
